"""Where the noise of a score comes from: the rows it was measured on, and the seeds it was trained with.

The analysis of multi-reader studies, with seeds as readers and rows as cases (Obuchowski and Rockette 1995;
Hillis 2007), with pseudo-rows for small samples (Agresti and Caffo 2000) and cluster-robust sums over units of rows.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
Units = Sequence[Hashable] | NDArray[np.integer[Any]]
"""One name or number a row; rows of a unit (repeats of a text, a group) are one draw."""
Members = NDArray[np.intp]
"""Shape (n,): which unit a row belongs to, from 0."""
PseudoRows = Sequence[tuple[float, float]]
"""(value, weight) of made-up rows that keep small samples honest."""

_SAME = 1e-9
"""Values this near are equal, in shares of the largest: pseudo-values are differences of large numbers."""


@dataclass(frozen=True, slots=True)
class RowPart:
    """What the choice of rows contributes.

    Attributes:
        centre: the estimate, drawn towards the middle by the pseudo-rows.
        variance: of the centre; above 0.
        df: degrees of freedom behind `variance`.
    """

    centre: float
    variance: float
    df: float


@dataclass(frozen=True, slots=True)
class SeedPart:
    """What the choice of seeds contributes to the mean over them.

    Attributes:
        excess: S, the variance beyond what the interaction of rows and seeds explains; 0 or more.
        total: B, the plain variance of the mean over seeds; at least `excess`.
        df: number of seeds less one.
    """

    excess: float
    total: float
    df: int


def memberships(units: Units | None, n: int) -> Members | None:
    """Unit of each row as a number; None where every row stands alone.

    Raises:
        ValueError: not one unit a row.
    """
    if units is None:
        return None
    if len(units) != n:
        raise ValueError(f"{n} rows have {len(units)} units; one a row is needed")
    numbers: dict[Hashable, int] = {}
    named = units.tolist() if isinstance(units, np.ndarray) else units
    members = np.array([numbers.setdefault(unit, len(numbers)) for unit in named], dtype=np.intp)
    return None if len(numbers) == n else members


def count_units(members: Members) -> int:
    """Units that rows fall into."""
    return int(members.max()) + 1


def row_part(values: Scores, pseudo_rows: PseudoRows, members: Members | None) -> RowPart:
    """Centre and variance of a mean over rows, pseudo-rows included.

    Args:
        values: shape (n,), n >= 2, one value a row.
        pseudo_rows: (value, weight) of each made-up row; without any it is the textbook variance of a mean.
        members: units of rows that count as one draw (at least two units). A made-up row then stands for as many
            rows as one draw is worth: the design effect, or a whole unit where no row differs from another.
    """
    size = rows_per_draw(values, members)
    total = len(values) + size * sum(weight for _, weight in pseudo_rows)
    centre = (float(values.sum()) + size * sum(value * weight for value, weight in pseudo_rows)) / total
    draws = sum_within(values - centre, members)
    squares = float(draws @ draws)
    if members is not None or not pseudo_rows:
        squares *= len(draws) / (len(draws) - 1)
    squares += size**2 * sum(weight * (value - centre) ** 2 for value, weight in pseudo_rows)
    return RowPart(centre, squares / total**2, len(draws) - 1)


def pseudo_value_part(values: Scores, pseudo_rows: PseudoRows, members: Members | None) -> RowPart:
    """`row_part` for jackknife pseudo-values: their own variance, never less than the made-up rows alone would give."""
    plain = row_part(values, (), members)
    size = rows_per_draw(values, members)
    total = len(values) + size * sum(weight for _, weight in pseudo_rows)
    least = size**2 * sum(weight * value**2 for value, weight in pseudo_rows) / total**2
    return RowPart(plain.centre, max(plain.variance, least), plain.df)


def rows_per_draw(values: Scores, members: Members | None) -> float:
    """How many independent rows a draw is worth: 1 for single rows, up to the mean size of a unit."""
    if members is None:
        return 1.0
    deviations = values - values.mean()
    alone = float(deviations @ deviations)
    mean_size = len(values) / count_units(members)
    if alone <= 1e-12 * float(values @ values):
        return mean_size
    together = sum_within(deviations, members)
    return min(mean_size, max(1.0, float(together @ together) / alone))


def seed_part(values: Scores, members: Members | None, size: float | None = None) -> SeedPart:
    """The seeds' share in the mean of `values`, shape (n, k) with n >= 2 rows and k >= 2 seeds.

    Args:
        size: as for `are_equal`.
    """
    n, k = values.shape
    if are_equal(values, size):
        return SeedPart(0.0, 0.0, k - 1)
    seed_means = values.mean(axis=0)
    interaction = values - values.mean(axis=1, keepdims=True) - seed_means + seed_means.mean()
    draws = sum_within(interaction, members)
    error = float((draws**2).sum()) / (n * (1 - 1 / len(draws)) * (k - 1))
    between = float(seed_means.var(ddof=1))
    return SeedPart(max(0.0, between - error / n) / k, between / k, k - 1)


def are_equal(runs: Scores, size: float | None = None) -> bool:
    """Whether all columns of numbers, shape (n, k), say the same, but for rounding.

    Args:
        size: of the numbers that were rounded; the largest in `runs`, unless these are differences of larger ones.
    """
    size = size_of(runs) if size is None else size
    return bool((np.abs(runs - runs[:, :1]) <= _SAME * size).all())


def size_of(values: Scores) -> float:
    """The largest absolute value; 0 where there is none."""
    return float(np.abs(values).max(initial=0.0))


def satterthwaite(variance: float, rows: RowPart, seeds: Sequence[SeedPart]) -> float:
    """Degrees of freedom of a sum of variances, at least 1; every seed part is charged in full."""
    spread = rows.variance**2 / rows.df + sum(part.total**2 / part.df for part in seeds)
    return max(1.0, variance**2 / spread)


def sum_within(values: Scores, members: Members | None) -> Scores:
    """Sums of rows (axis 0) within their units; the rows themselves where each stands alone."""
    if members is None:
        return values
    sums = np.zeros((count_units(members), *values.shape[1:]))
    np.add.at(sums, members, values)
    return sums
