"""What a metric makes of the answers to some rows, in one of three ways; statistics need nothing else of a metric.

A mean over rows is its row values. A score that is a function of sums over rows (entity F1, Pearson's correlation) is
the parts that each row adds, and that function. A score that is neither (Spearman's correlation, macro-F1) says what it
would be without each row. In all three the score of the remaining rows is cheap, and from it follows what the choice of
rows contributes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Rows = NDArray[np.bool_]
"""Shape (n,): which of the rows are meant."""


@dataclass(frozen=True, slots=True, eq=False)
class RowMeans:
    """A score that is a mean over rows: accuracy, exact match, an error in absolute value.

    Attributes:
        values: shape (n,), n >= 1, of each row.
    """

    values: Values

    @property
    def score(self) -> float:
        return float(self.values.mean())


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """A score that is a function of sums over rows: entity F1 of (true, predicted, gold) entities.

    Attributes:
        parts: shape (n, p), n >= 1, what each row adds. Parts that are squares lose digits where values are far from
            0: take values from about their middle, which moves no correlation.
        of: from sums, shape (m, p), to the m scores that they make, shape (m,); NaN where one is not defined.
    """

    parts: Values
    of: Callable[[Values], Values]

    @property
    def score(self) -> float:
        return float(self.of_sums(self.parts.sum(axis=0, keepdims=True))[0])

    def of_sums(self, sums: Values) -> Values:
        """`of`, where a quotient by 0 is no number and no noise."""
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Values = np.asarray(self.of(sums), dtype=np.float64)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """A score that is neither, but known without each row in closed form: Spearman's correlation, AUROC, macro-F1.

    Attributes:
        score: on all rows; NaN where it is not defined.
        without: gives shape (n,), the score without each row in turn, NaN where that is not defined; called only
            where an interval is wanted.
        on: the score on some of the rows; for units of several rows, which are left out together.
        right: shape (n,), rows that have the right answer, where answers are right or wrong; None elsewhere.
    """

    score: float
    without: Callable[[], Values]
    on: Callable[[Rows], float]
    right: Rows | None = None


Measure = RowMeans | Sums | LeftOut
