"""Accuracy: the share of rows that got their gold label."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tuningfork.metrics.measures import RowMeans
from tuningfork.metrics.metric import LabelIndices, Metric, check_labels


class Accuracy(Metric):
    """Share of right rows; None without rows."""

    name: ClassVar[str] = "accuracy"
    display_name: ClassVar[str] = "accuracy"
    simulated: ClassVar[bool] = True

    def measure(self, gold: LabelIndices, answers: LabelIndices) -> RowMeans | None:
        check_labels(gold, answers)
        return RowMeans((gold == answers).astype(np.float64)) if len(gold) else None


METRIC = Accuracy()
