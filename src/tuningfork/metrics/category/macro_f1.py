"""Macro-F1: the mean F1 over labels, each counting the same however rare it is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tuningfork.metrics.metric import LabelIndices, Metric, check_labels


class MacroF1(Metric):
    """Mean over the labels that the gold rows have; None when those are fewer than two.

    F1 = 2 TP / (gold rows + predicted rows) of a label, so it is 0 and not undefined for a label never predicted
    (van Rijsbergen, 1979). A prediction of a label that no gold row has is a miss of the row's own label.
    """

    name: ClassVar[str] = "macro_f1"
    display_name: ClassVar[str] = "macro-F1"

    def score(self, gold: LabelIndices, predicted: LabelIndices, n_labels: int) -> float | None:
        check_labels(gold, predicted, n_labels)
        in_gold = np.bincount(gold, minlength=n_labels)
        in_predicted = np.bincount(predicted[predicted >= 0], minlength=n_labels)
        right = np.bincount(gold[gold == predicted], minlength=n_labels)
        present = in_gold > 0
        if present.sum() < 2:
            return None
        return float((2 * right[present] / (in_gold + in_predicted)[present]).mean())


METRIC = MacroF1()
