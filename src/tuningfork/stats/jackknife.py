"""Jackknife pseudo-values: what each row adds to a score that is no mean over rows."""

from __future__ import annotations

import numpy as np

from tuningfork.metrics.measures import LeftOut, Sums
from tuningfork.stats.components import Members, Scores, sum_within


def pseudo_values(measure: Sums | LeftOut, members: Members | None) -> Scores:
    """What each row adds to the score: n theta - (n - 1) theta_(-i) (Tukey 1958), moved so that theta is their mean.

    Rows of a unit are left out together. With U units the pseudo-value of one is U theta - (U - 1) theta_(-u); its
    deviation from their mean is shared out among its rows, so that sums over units give back the variance of those.

    Args:
        measure: of n rows.
        members: shape (n,), units of rows that count as one draw; None where every row stands alone.

    Returns:
        Shape (n,); NaN in all places where the score, or that without one of the rows or units, is not defined.
    """
    whole = measure.score
    if members is None:
        without = left_out(measure, None)
        n = len(without)
        values = n * whole - (n - 1) * without
        return _around(whole, values)
    sizes = np.bincount(members)
    units, n = len(sizes), len(members)
    if units == 1:
        return np.full(n, whole)
    of_units = units * whole - (units - 1) * left_out(measure, members)
    return _around(whole, whole + ((of_units - of_units.mean()) * n / (units * sizes))[members])


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
