"""Jackknife pseudo-values: what each row adds to a score that is no mean over rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tuningfork.stats.components import Members, Scores

Labels = NDArray[np.integer]
Statistic = Callable[[Labels, Labels], float]
"""statistic(gold, predicted), symmetric in the rows, e.g. macro-F1."""
LeaveOneOut = Callable[[Labels, Labels], Scores]
"""Shape (n,): the statistic without each row in turn."""


def pseudo_values(
    gold: Labels,
    predicted: Labels,
    statistic: Statistic,
    *,
    leave_one_out: LeaveOneOut | None = None,
    members: Members | None = None,
) -> tuple[float, Scores]:
    """The statistic, and what each row adds to it: n theta - (n - 1) theta_(-i) (Tukey 1958).

    Rows of a unit are left out together. With U units the pseudo-value of one is U theta - (U - 1) theta_(-u); its
    deviation from their mean is shared out among its rows, so that sums over units give back the variance of those.

    Args:
        gold, predicted: shape (n,), n >= 2, indices of labels; -1 is no label.
        leave_one_out: a fast equivalent of dropping rows one by one, e.g. `macro_f1_left_out`. Without it the
            statistic is computed once for every different pair of gold and predicted label.
        members: units of rows that count as one draw; None where every row stands alone.

    Returns:
        The statistic on all rows, and shape (n,) pseudo-values; NaN where the statistic is.
    """
    n = len(gold)
    whole = float(statistic(gold, predicted))
    without = leave_one_out(gold, predicted) if leave_one_out else _left_out(gold, predicted, statistic)
    if members is None:
        return whole, n * whole - (n - 1) * without
    sizes = np.bincount(members)
    units = len(sizes)
    if units == 1:
        return whole, np.full(n, whole)
    without_unit = np.empty(units)
    without_unit[members] = without
    for unit in np.flatnonzero(sizes > 1):
        rest = members != unit
        without_unit[unit] = statistic(gold[rest], predicted[rest])
    of_units = units * whole - (units - 1) * without_unit
    return whole, whole + ((of_units - of_units.mean()) * n / (units * sizes))[members]


def macro_f1_left_out(gold: Labels, predicted: Labels) -> Scores:
    """Macro-F1 (mean over the labels present in the gold rows) without each row in turn, in closed form.

    Shape (n,). A label whose only gold row is left out leaves the mean; NaN where no gold label remains.
    """
    labels = int(max(gold.max(), predicted.max())) + 2
    gold, predicted = gold + 1, predicted + 1
    hits = np.bincount(gold[gold == predicted], minlength=labels)
    golds = np.bincount(gold, minlength=labels)
    guesses = np.bincount(predicted, minlength=labels)
    golds[0] = 0  # a row without a gold label counts for no label
    present = golds > 0
    f1 = np.divide(2.0 * hits, golds + guesses, out=np.zeros(labels), where=present)
    right = gold == predicted
    own = _f1(hits[gold] - right, golds[gold] + guesses[gold] - 1 - right)
    change = np.where(golds[gold] > 1, own, 0.0) - f1[gold]
    wronged = ~right & present[predicted]
    other = _f1(hits[predicted], golds[predicted] + guesses[predicted] - 1) - f1[predicted]
    remaining = np.where(golds[gold] == 1, present.sum() - 1, present.sum()).astype(float)
    remaining[remaining == 0] = np.nan
    left: Scores = (f1.sum() + change + np.where(wronged, other, 0.0)) / remaining
    return left


def _f1(hits: NDArray[np.integer], sizes: NDArray[np.integer]) -> Scores:
    quotients: Scores = np.divide(2.0 * hits, sizes, out=np.zeros(len(hits)), where=sizes > 0)
    return quotients


def _left_out(gold: Labels, predicted: Labels, statistic: Statistic) -> Scores:
    pairs = np.stack([gold, predicted], axis=1)
    _, first, kind = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    values = [float(statistic(np.delete(gold, row), np.delete(predicted, row))) for row in first]
    left: Scores = np.array(values)[kind.reshape(-1)]
    return left
