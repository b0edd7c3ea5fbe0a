"""What the arms that are trained on this machine share."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms.records import Prediction
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Gold

_MOST_TO_EVEN = 20
_UNEVEN = 3
"""A label is rare when it has less than this part of its even share: where a study scores macro-F1."""
_FEWEST_TO_EVEN = 3
"""Rows below which nothing is known of a label that could be evened: every text may look like its one row."""
_LARGEST_SHARE = 20
"""No label counts for so many times rarer than the commonest one; beyond that nothing was measured."""


def seeds_of_a_cheap_arm(count: int) -> int:
    """Twenty samples where a trial takes moments, five where it takes seconds."""
    return 20 if count <= 500 else 5


def evening(gold: Gold, classes: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Factors on the classes' probabilities that give rare labels a chance, shape (len(classes),).

    None where no label is rare among these rows, one has fewer than three of them, or labels are more than 20.

    One over the root of a label's share: whole inverse shares make a handful of rows decide (logit adjustment: Menon et
    al., arXiv 2007.07314).

    Args:
        gold: labels of the sample, shape (n,).
        classes: those that can be answered, ascending.
    """
    counts = np.bincount(gold, minlength=int(classes[-1]) + 1)[classes]
    if len(counts) > _MOST_TO_EVEN or counts.min() < _FEWEST_TO_EVEN:
        return None
    if counts.min() * len(counts) * _UNEVEN >= counts.sum():
        return None
    factors: NDArray[np.float32] = (1 / np.sqrt(np.maximum(counts, counts.max() / _LARGEST_SHARE))).astype(np.float32)
    return factors


def evened(probabilities: NDArray[np.float32], factors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Probabilities times the classes' factors, rows summing to 1 again."""
    if factors is None:
        return probabilities
    weighted = probabilities * factors
    evened: NDArray[np.float32] = weighted / weighted.sum(axis=1, keepdims=True)
    return evened


def evening_in_words(factors: NDArray[np.float32] | None) -> str:
    """For the details of an arm."""
    return "as they are" if factors is None else "evened by the root of their share"


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
    return Prediction(Categories(classes[probabilities.argmax(axis=1)].astype(np.int32)), full)


def timed_one_by_one(answer: Callable[[Inputs], object], rows: Inputs) -> tuple[float, ...]:
    """Seconds of each row alone, after one unmeasured call that warms everything up."""
    if len(rows):
        answer(rows.part(0, 1))
    seconds = []
    for place in range(len(rows)):
        row = rows.part(place, place + 1)
        started = time.perf_counter()
        answer(row)
        seconds.append(time.perf_counter() - started)
    return tuple(seconds)
