"""Jackknife pseudo-values: what each row adds to a score that is no mean over rows."""

from __future__ import annotations

import numpy as np

from tuningfork.metrics.measures import LeftOut, Sums
from tuningfork.stats.components import Members, Scores, sum_within


def pseudo_values(measure: Sums | LeftOut, members: Members | None) -> Scores:
    """What each row adds to the score: n theta - (n - 1) theta_(-i) (Tukey 1958), moved so that theta is their mean.

    Rows of a unit are left out together. With U units the pseudo-value of one is U theta - (U - 1) theta_(-u); its
    deviation from their mean is shared out among its rows, so that sums over units give back the variance of those.
    Rows keep what they add alone, and the rest is shared out equally, so that it can be seen how far rows of a unit
    are alike. Where answers are right or wrong all of it is shared out equally: that is how it was simulated.

    Args:
        measure: of n rows.
        members: shape (n,), units of rows that count as one draw; None where every row stands alone.

    Returns:
        Shape (n,); NaN in all places where the score, or that without one of the rows or units, is not defined.
    """
    whole = measure.score
    if members is None:
        return _around(whole, _of_rows(measure))
    sizes = np.bincount(members)
    units, n = len(sizes), len(members)
    if units == 1:
        return np.full(n, whole)
    of_units = units * whole - (units - 1) * left_out(measure, members)
    of_units = (of_units - of_units.mean()) * n / units
    if isinstance(measure, LeftOut) and measure.right is not None:
        return _around(whole, whole + (of_units / sizes)[members])
    of_rows = _of_rows(measure)
    if not np.isfinite(of_rows).all():  # a score that one row more would undo
        of_rows = np.full(n, whole)
    of_rows = _around(0.0, of_rows)
    return _around(whole, of_rows + ((of_units - sum_within(of_rows, members)) / sizes)[members])


def _of_rows(measure: Sums | LeftOut) -> Scores:
    without = left_out(measure, None)
    n = len(without)
    return n * measure.score - (n - 1) * without


def left_out(measure: Sums | LeftOut, members: Members | None) -> Scores:
    """The score without each unit in turn, shape (U,), or without each row where every row stands alone."""
    if isinstance(measure, Sums):
        return measure.of_sums(measure.parts.sum(axis=0) - sum_within(measure.parts, members))
    without = measure.without()
    if members is None:
        return without
    sizes = np.bincount(members)
    found = np.empty(len(sizes))
    found[members] = without
    for unit in np.flatnonzero(sizes > 1):
        found[unit] = measure.on(members != unit)
    return found


def _around(whole: float, values: Scores) -> Scores:
    moved: Scores = values - values.mean() + whole
    return moved
