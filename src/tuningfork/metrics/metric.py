"""The contract of a metric, and the registry of metrics.

A new metric is one new module of `tuningfork.metrics.KIND`, KIND being that of the answers it scores, with a
module-level `METRIC`, and its test; or an entry point in the group `tuningfork.metrics.KIND` of another package.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.registry import Registry
from tuningfork.metrics.measures import Measure

LabelIndices = NDArray[np.int32]
"""Shape (n,): index of a label for each row; -1 in predictions is 'no valid label', and an error of the arm."""


class Metric(ABC):
    """One score of n answers against the gold ones.

    Attributes:
        unit: in which scores, differences and margins are told: 'points' (hundredths of a range from 0 to 1), '' (the
            plain number, of a correlation), or a unit of its own.
        range: least and greatest possible score, infinite where there is none. Row values of a mean lie in it too.
        higher_is_better: False for errors. `measure` and `score` give the score as it is told either way.
        margin: smallest difference that matters where the user names none, in the score's own numbers.
        simulated: intervals of this score were held against worlds where the truth is known. A mean over rows needs
            no simulation of its own; another score without one decides nothing.
        when_undefined: code of the caution where rows allow no score.
    """

    name: ClassVar[str]
    display_name: ClassVar[str]
    unit: ClassVar[str] = "points"
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)
    higher_is_better: ClassVar[bool] = True
    margin: ClassVar[float] = 0.03
    simulated: ClassVar[bool] = False
    when_undefined: ClassVar[str] = "score_undefined"

    @abstractmethod
    def measure(self, gold: Any, answers: Any) -> Measure | None:
        """What statistics need of these answers, or None where the score has no meaning (no row, for one).

        Args:
            gold, answers: n answers in the shape of the metric's kind.

        Raises:
            ValueError: they do not fit together.
        """

    def score(self, gold: Any, answers: Any) -> float | None:
        """The score over all rows, or None where it has no meaning; arguments and errors as of `measure`."""
        found = self.measure(gold, answers)
        return None if found is None or math.isnan(found.score) else found.score


@cache
def metrics_of(kind: str) -> Registry[Metric]:
    """The metrics of answers of a kind, e.g. 'category'."""
    return Registry(kind="metric", package=f"tuningfork.metrics.{kind}", attribute="METRIC")


METRICS = metrics_of("category")


def check_labels(gold: LabelIndices, predicted: LabelIndices) -> None:
    """Refuse label arrays that cannot belong together.

    Raises:
        ValueError: not of one length, gold below 0, or predictions below -1.
    """
    if gold.ndim != 1 or gold.shape != predicted.shape:
        raise ValueError(f"gold and predicted need one shape (n,): {gold.shape=}, {predicted.shape=}")
    if len(gold) and (gold.min() < 0 or predicted.min() < -1):
        raise ValueError(f"label index out of range: gold from {gold.min()}, predicted from {predicted.min()}")
