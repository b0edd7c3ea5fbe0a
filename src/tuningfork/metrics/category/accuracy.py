"""Accuracy: the share of rows that got their gold label."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.metrics.metric import LabelIndices, Metric, check_labels


class Accuracy(Metric):
    """Share of right rows; None without rows."""

    name: ClassVar[str] = "accuracy"
    display_name: ClassVar[str] = "accuracy"

    def score(self, gold: LabelIndices, predicted: LabelIndices, n_labels: int) -> float | None:
        check_labels(gold, predicted, n_labels)
        return float((gold == predicted).mean()) if len(gold) else None

    def row_scores(self, gold: LabelIndices, predicted: LabelIndices) -> NDArray[np.float64]:
        check_labels(gold, predicted)
        return np.asarray(gold == predicted, dtype=np.float64)


METRIC = Accuracy()
