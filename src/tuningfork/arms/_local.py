"""What the arms that are trained on this machine share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.records import Prediction


def seeds_of_a_cheap_arm(count: int) -> int:
    """Twenty samples where a trial takes moments, five where it takes seconds."""
    return 20 if count <= 500 else 5


def spread(probabilities: NDArray[np.float32], classes: NDArray[np.int32], n_labels: int) -> Prediction:
    """Answers over the label space; labels outside `classes` (absent from the sample) have probability 0.

    Args:
        probabilities: shape (n, len(classes)), rows summing to 1.
        classes: ascending indices into the label space.
    """
    if len(classes) == n_labels:
        full = probabilities
    else:
        full = np.zeros((len(probabilities), n_labels), np.float32)
        full[:, classes] = probabilities
    return Prediction(labels=classes[probabilities.argmax(axis=1)].astype(np.int32), probabilities=full)


def timed_one_by_one(answer: Callable[[str], object], texts: Sequence[str]) -> tuple[float, ...]:
    """Seconds of each text alone, after one unmeasured call that warms everything up."""
    if texts:
        answer(texts[0])
    seconds = []
    for text in texts:
        started = time.perf_counter()
        answer(text)
        seconds.append(time.perf_counter() - started)
    return tuple(seconds)
