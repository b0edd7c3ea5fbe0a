"""Measured answers of one arm: all that a comparison, an interval, a break-even or a ranking needs to know of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuningfork.metrics.measures import LeftOut, Measure, RowMeans
from tuningfork.metrics.metric import Metric
from tuningfork.stats.components import Members, Scores, Units, memberships
from tuningfork.stats.jackknife import pseudo_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a score can be, the higher the better.

    Attributes:
        least, greatest: infinite where there is no limit.
    """

    least: float = 0.0
    greatest: float = 1.0

    @property
    def width(self) -> float:
        """The widest possible difference: 1 of fractions, 2 of correlations; infinite without a limit."""
        return self.greatest - self.least

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.width)

    @property
    def of_fractions(self) -> bool:
        return (self.least, self.greatest) == (0.0, 1.0)


FRACTIONS = Scale()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One arm on n rows, k runs of it, the higher the better: errors have their sign turned.

    Attributes:
        theta: shape (k,), the score of each run; NaN where it is not defined.
        per_row: shape (n, k): row values, or jackknife pseudo-values around theta; NaN where there are none.
        decomposable: these are row values, whose mean is the score.
        scale: what a score can be; row values lie in it, pseudo-values need not.
        members: shape (n,), units of rows that count as one draw; None where every row stands alone.
        right: shape (n, k), 1 where an answer is right and 0 where not, of a score that is no mean over rows but
            whose answers are one or the other; None elsewhere.
        random: False for an arm that nothing random is left in (zero-shot; a recipe without randomness on the whole
            pool). Runs of it that are all equal count as one (`whole_pool`); unequal ones show that it is random.
        redrawn: the runs are known to have had different samples (or initialisations). Then equal runs are evidence,
            and five of them may win; otherwise they count as one run of unknown luck.
        differ: the runs are known to answer some row otherwise. Then they are no equal runs, though their scores be:
            wrong answers differ too.
        simulated: intervals of this score were simulated; otherwise it decides nothing.
        when_undefined: code of the caution where rows allow no score.
    """

    theta: Scores
    per_row: Scores
    decomposable: bool
    scale: Scale = FRACTIONS
    members: Members | None = None
    right: Scores | None = None
    random: bool = True
    redrawn: bool = False
    differ: bool = False
    simulated: bool = True
    when_undefined: str = "score_undefined"

    @property
    def rows(self) -> int:
        return len(self.per_row)

    @property
    def runs(self) -> int:
        return len(self.theta)

    @property
    def score(self) -> float:
        """Mean over runs; NaN where it does not exist."""
        return float(self.theta.mean())


def measured(
    metric: Metric,
    measures: Sequence[Measure | None],
    *,
    rows: int,
    random: bool = True,
    redrawn: bool = False,
    differ: bool = False,
    units: Units | None = None,
) -> Measured:
    """From what a metric makes of each run's answers to the same rows.

    Args:
        measures: one a run, None where the metric is not defined.
        rows: how many rows they are.
        random, redrawn, differ: as of `Measured`.
        units: one name a row; rows of a unit (repeats of a text, a group) are one draw.

    Raises:
        ValueError: no row, no run, measures of another number of rows, or row values outside the metric's range.
    """
    members = memberships(units, rows)
    sign = 1.0 if metric.higher_is_better else -1.0
    least, greatest = metric.range if metric.higher_is_better else (-metric.range[1], -metric.range[0])
    scale = Scale(least=least, greatest=greatest)
    known = [measure for measure in measures if measure is not None]
    decomposable = bool(known) and all(isinstance(measure, RowMeans) for measure in known)
    columns = [_per_row(measure, rows, members) for measure in measures]
    per_row = sign * _matrix(np.column_stack(columns) if columns else np.empty((rows, 0)))
    if decomposable and len(known) == len(measures):
        _refuse_values_outside(per_row, scale)
    theta = np.array([math.nan if measure is None else measure.score for measure in measures])
    return Measured(
        theta=sign * theta,
        per_row=per_row,
        decomposable=decomposable,
        scale=scale,
        members=members,
        right=_right(measures),
        random=random,
        redrawn=redrawn,
        differ=differ,
        simulated=decomposable or metric.simulated,
        when_undefined=metric.when_undefined,
    )


def row_values(
    values: ArrayLike,
    *,
    scale: Scale = FRACTIONS,
    random: bool = True,
    redrawn: bool = False,
    differ: bool = False,
    units: Units | None = None,
) -> Measured:
    """From row values, whose mean is the score.

    Args:
        values: shape (n, k) or (n,), one column a run, the higher the better.
        scale, random, redrawn, differ: as of `Measured`.
        units: one name a row; rows of a unit are one draw.

    Raises:
        ValueError: no row, no run, or values outside the scale.
    """
    matrix = _matrix(np.asarray(values, dtype=np.float64))
    _refuse_values_outside(matrix, scale)
    return Measured(
        theta=matrix.mean(axis=0),
        per_row=matrix,
        decomposable=True,
        scale=scale,
        members=memberships(units, len(matrix)),
        random=random,
        redrawn=redrawn,
        differ=differ,
    )


def _per_row(measure: Measure | None, rows: int, members: Members | None) -> Scores:
    if measure is None:
        return np.full(rows, math.nan)
    if isinstance(measure, RowMeans):
        values = measure.values
    elif rows == 1:
        values = np.full(1, measure.score)
    else:
        values = pseudo_values(measure, members)
    if values.shape != (rows,):
        raise ValueError(f"a metric has one value a row: {rows} rows, values of shape {values.shape}")
    return values


def _right(measures: Sequence[Measure | None]) -> Scores | None:
    columns = [measure.right for measure in measures if isinstance(measure, LeftOut) and measure.right is not None]
    return np.column_stack(columns).astype(np.float64) if columns and len(columns) == len(measures) else None


def _matrix(array: NDArray[np.float64]) -> Scores:
    matrix = array[:, None] if array.ndim == 1 else array
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"row values have a row a row and a column a run, not shape {array.shape}")
    return matrix


def _refuse_values_outside(values: Scores, scale: Scale) -> None:
    if not (np.isfinite(values).all() and values.min() >= scale.least and values.max() <= scale.greatest):
        raise ValueError(f"row values must be numbers from {scale.least:g} to {scale.greatest:g}")
