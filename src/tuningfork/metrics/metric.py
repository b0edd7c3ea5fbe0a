"""The contract of a metric, and the registry of metrics.

A new metric is one new module of `tuningfork.metrics.category` with a module-level `METRIC`, and its test; or an
entry point in the group `tuningfork.metrics.category` of another package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.registry import Registry

LabelIndices = NDArray[np.int32]
"""Shape (n,): index of a label for each row; -1 in predictions is 'no valid label', and an error of the arm."""


class Metric(ABC):
    """One score of n predicted labels against the gold ones, in [0, 1], higher is better."""

    name: ClassVar[str]
    display_name: ClassVar[str]
    unit: ClassVar[str] = "points"
    """In which differences and margins are told; 'points' are hundredths of the range from 0 to 1."""

    @abstractmethod
    def score(self, gold: LabelIndices, predicted: LabelIndices, n_labels: int) -> float | None:
        """The score over all rows, or None where it has no meaning (no row, for one).

        Raises:
            ValueError: lengths differ, or an index is out of range; gold labels are 0 … n_labels - 1.
        """

    def row_scores(self, gold: LabelIndices, predicted: LabelIndices) -> NDArray[np.float64] | None:
        """Scores of single rows, shape (n,), whose mean is the score; None when the metric is no mean over rows."""
        return None


METRICS: Registry[Metric] = Registry(kind="metric", package="tuningfork.metrics.category", attribute="METRIC")


def check_labels(gold: LabelIndices, predicted: LabelIndices, n_labels: int | None = None) -> None:
    """Refuse label arrays that cannot belong together.

    Raises:
        ValueError: not of one length, gold below 0, predictions below -1, or an index of n_labels or above.
    """
    if gold.ndim != 1 or gold.shape != predicted.shape:
        raise ValueError(f"gold and predicted need one shape (n,): {gold.shape=}, {predicted.shape=}")
    if not len(gold):
        return
    if gold.min() < 0 or predicted.min() < -1:
        raise ValueError(f"label index out of range: gold from {gold.min()}, predicted from {predicted.min()}")
    if n_labels is not None and max(gold.max(), predicted.max()) >= n_labels:
        raise ValueError(f"label index out of range: {n_labels=}, highest {max(gold.max(), predicted.max())}")
