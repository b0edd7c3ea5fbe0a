"""Macro-F1: the mean F1 over labels, each counting the same however rare it is."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.metrics.measures import LeftOut, Rows, Values
from tuningfork.metrics.metric import LabelIndices, Metric, check_labels


class MacroF1(Metric):
    """Mean over the labels that the gold rows have; None when those are fewer than two.

    F1 = 2 TP / (gold rows + predicted rows) of a label, so it is 0 and not undefined for a label never predicted
    (van Rijsbergen, 1979). A prediction of a label that no gold row has is a miss of the row's own label.
    """

    name: ClassVar[str] = "macro_f1"
    display_name: ClassVar[str] = "macro-F1"
    simulated: ClassVar[bool] = True
    when_undefined: ClassVar[str] = "one_class"

    def measure(self, gold: LabelIndices, answers: LabelIndices) -> LeftOut | None:
        check_labels(gold, answers)
        whole = _macro_f1(gold, answers)
        if math.isnan(whole):
            return None

        def on(rows: Rows) -> float:
            return _macro_f1(gold[rows], answers[rows])

        return LeftOut(whole, lambda: without_each_row(gold, answers), on, gold == answers)


def without_each_row(gold: LabelIndices, answers: LabelIndices) -> Values:
    """Macro-F1 without each row in turn, in closed form: shape (n,).

    A label whose only gold row is left out leaves the mean, even if one alone remains.
    """
    labels = int(max(gold.max(), answers.max())) + 2
    gold, answers = gold + 1, answers + 1
    hits = np.bincount(gold[gold == answers], minlength=labels)
    golds = np.bincount(gold, minlength=labels)
    guesses = np.bincount(answers, minlength=labels)
    present = golds > 0
    f1 = np.divide(2.0 * hits, golds + guesses, out=np.zeros(labels), where=present)
    right = gold == answers
    own = _f1(hits[gold] - right, golds[gold] + guesses[gold] - 1 - right)
    change = np.where(golds[gold] > 1, own, 0.0) - f1[gold]
    wronged = ~right & present[answers]
    other = _f1(hits[answers], golds[answers] + guesses[answers] - 1) - f1[answers]
    remaining = np.where(golds[gold] == 1, present.sum() - 1, present.sum()).astype(float)
    left: Values = (f1.sum() + change + np.where(wronged, other, 0.0)) / remaining
    return left


def _macro_f1(gold: LabelIndices, answers: LabelIndices) -> float:
    """NaN where gold has fewer than two labels."""
    labels = int(max(gold.max(initial=0), answers.max(initial=0))) + 1
    in_gold = np.bincount(gold, minlength=labels)
    in_answers = np.bincount(answers[answers >= 0], minlength=labels)
    right = np.bincount(gold[gold == answers], minlength=labels)
    present = in_gold > 0
    if present.sum() < 2:
        return math.nan
    return float((2 * right[present] / (in_gold + in_answers)[present]).mean())


def _f1(hits: NDArray[np.integer], sizes: NDArray[np.integer]) -> Values:
    quotients: Values = np.divide(2.0 * hits, sizes, out=np.zeros(len(hits)), where=sizes > 0)
    return quotients


METRIC = MacroF1()
