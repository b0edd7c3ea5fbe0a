"""Asking a row with its options in several orders: models favour places, and an average over places favours none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.results import NO_LABEL, Prediction
from tuningfork.foundation.hashing import hash_of

MOST_ORDERS = 24
"""As many as four options have."""

_ALIKE = 1e-6
"""Probabilities that differ by less are a tie: sums of the same numbers in another order."""


def in_orders(row: PromptRow, most: int) -> tuple[PromptRow, ...]:
    """The row with its options in `most` different orders, or in all there are; first as they stand.

    Turned round comes before shuffled, so that each option stands at each place as soon as may be. Which order comes
    when hangs on the row's content and on nothing else.
    """
    if most == 1:
        return (row,)
    return tuple(row.reordered(places) for places in islice(_orders(row), most))


def rotated(row: PromptRow) -> PromptRow:
    """The row with its options turned round, each at another place."""
    return in_orders(row, 2)[-1]


def askings(options: int, most: int) -> int:
    """How many orders so many options are asked in."""
    return min(most, math.factorial(options))


def averaged(asked: Prediction, sizes: Sequence[int]) -> Prediction:
    """What all askings of each row come to: the option with the highest mean probability where any asking has
    probabilities, else the one named most often. A tie goes to the earliest asking that named one of the tied. A row
    takes the seconds of all its askings.

    Args:
        asked: every asking, the rows one after another, options by their places in the file.
        sizes: askings of each row, shape (rows,).
    """
    ends = np.cumsum(sizes)
    rows = [slice(int(end) - size, int(end)) for end, size in zip(ends, sizes, strict=True)]
    means = None if asked.probabilities is None else [_mean(asked.probabilities[row]) for row in rows]
    labels = [_answer(asked.labels[row].tolist(), None if means is None else means[i]) for i, row in enumerate(rows)]
    seconds = None if asked.row_seconds is None else np.array([asked.row_seconds[row].sum() for row in rows])
    return Prediction(
        Categories(np.array(labels, np.int32)),
        probabilities=None if not means else np.array(means, np.float32),
        row_seconds=seconds,
    )


@dataclass
class Positions:
    """How often an answer keeps its letter though another option stands there now.

    Attributes:
        pairs: askings beside the first of their row in which another option stood where the first answer was.
        followed: of them, those that gave the same letter.
        rows: rows with such a pair.
    """

    pairs: int = 0
    followed: int = 0
    rows: int = 0

    @property
    def share(self) -> float | None:
        """Of answers that follow the place; None where nothing was measured."""
        return self.followed / self.pairs if self.pairs else None

    def look_at(self, askings: Sequence[PromptRow], answers: Sequence[int]) -> None:
        """Take one row into account.

        Args:
            askings: the row as it was shown each time.
            answers: the option answered each time, by its place in the file, or NO_LABEL, which says nothing.
        """
        (first, answer), *others = zip(askings, answers, strict=True)
        if answer == NO_LABEL:
            return
        place = first.order.index(answer)
        telling = [(row, said) for row, said in others if said != NO_LABEL and row.order[place] != answer]
        self.pairs += len(telling)
        self.followed += sum(row.order.index(said) == place for row, said in telling)
        self.rows += bool(telling)


def _orders(row: PromptRow) -> Iterator[tuple[int, ...]]:
    """Every order of a row's options once."""
    size, content = len(row.options), [row.joined, list(row.options)]
    yield tuple(range(size))
    turned = [tuple((start + i) % size for i in range(size)) for start in range(1, size)]
    yield from sorted(turned, key=lambda order: hash_of([content, order[0]]))
    known = {tuple(range(size)), *turned}
    for shuffle in count():
        if len(known) == math.factorial(size):
            return
        order = tuple(sorted(range(size), key=lambda place: hash_of([content, shuffle, place])))
        if order not in known:
            known.add(order)
            yield order


def _mean(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of the askings that have probabilities, shape (answers,); NaN where none has."""
    known = probabilities[~np.isnan(probabilities).any(axis=1)]
    nothing = np.full(probabilities.shape[1], np.nan)
    return known.mean(axis=0, dtype=np.float64) if len(known) else nothing


def _answer(labels: Sequence[int], mean: NDArray[np.float64] | None) -> int:
    """The option that several askings of one row come to, or NO_LABEL."""
    votes = Counter(label for label in labels if label != NO_LABEL)
    if mean is not None and not np.isnan(mean).any():
        best = set(np.flatnonzero(mean > mean.max() - _ALIKE).tolist())
    else:
        best = {label for label, times in votes.items() if times == max(votes.values())}
    return next((label for label in labels if label in best), min(best, default=NO_LABEL))
