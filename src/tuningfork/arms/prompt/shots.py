"""Which of a trial's rows are shown to the model as examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.units import as_compared

NEAREST_ENCODER = "wordllama"
"""Static embeddings: near enough in meaning, and free beside an LLM's request."""

_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Shot:
    """One example in a prompt: a row, and its answer as the model is to write it."""

    row: PromptRow
    answer: str


class ShotSource(Protocol):
    """Gives the examples that go into each row's prompt."""

    @property
    def shared(self) -> bool:
        """Whether all rows get the same ones."""

    def for_rows(self, rows: Sequence[PromptRow]) -> list[tuple[Shot, ...]]:
        """One tuple of shots a row, the most telling ones last."""

    def without(self, positions: Sequence[int]) -> ShotSource:
        """The same source with some of the sample's rows set aside, for choosing on them."""


@dataclass(frozen=True, slots=True)
class FixedShots:
    """The same shots for every row; none for zero-shot."""

    shots: tuple[Shot, ...] = ()

    @property
    def shared(self) -> bool:
        return True

    def for_rows(self, rows: Sequence[PromptRow]) -> list[tuple[Shot, ...]]:
        return [self.shots] * len(rows)

    def without(self, positions: Sequence[int]) -> FixedShots:
        """Itself: rows that became shots are never set aside."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class NearestShots:
    """For each row the nearest rows of the sample, by cosine, the nearest one last (next to the row).

    Attributes:
        shots: every row of the sample.
        vectors: their unit vectors, shape (rows, dimensions).
        count: shots a prompt.
        embed: unit vectors of the rows to be answered, each as one text.
        barred: positions of the sample that may not be shown.
    """

    shots: tuple[Shot, ...]
    vectors: Vectors
    count: int
    embed: Callable[[Sequence[str]], Vectors]
    barred: frozenset[int] = frozenset()

    @property
    def shared(self) -> bool:
        return False

    def for_rows(self, rows: Sequence[PromptRow]) -> list[tuple[Shot, ...]]:
        if not rows:
            return []
        allowed = np.array([i for i in range(len(self.shots)) if i not in self.barred], dtype=np.intp)
        candidates = self.vectors[allowed]
        return [
            tuple(self.shots[allowed[i]] for i in reversed(self._nearest(candidates, vector)))
            for vector in self.embed([row.joined for row in rows])
        ]

    def _nearest(self, candidates: Vectors, vector: NDArray[np.float32]) -> list[int]:
        """Places of the nearest candidates, nearest first; ties go to the row labelled earlier.

        One row at a time and rounded: the product of whole matrices differs in its last digits with the number of
        rows, so that a tie could give the same row another prompt, to be paid again.
        """
        nearness = np.round(candidates @ vector, _DIGITS)
        return [int(i) for i in np.argsort(-nearness, kind="stable")[: self.count]]

    def without(self, positions: Sequence[int]) -> NearestShots:
        return NearestShots(self.shots, self.vectors, self.count, self.embed, self.barred | frozenset(positions))


def walk(texts: Sequence[str], gold: NDArray[np.int32], count: int, labels: int) -> tuple[tuple[int, ...], int]:
    """Fixed shots from rows in a random order: keep a row unless its label already has ceil(count / labels) shots, or
    its text is a shot already, which would teach nothing twice.

    Args:
        texts: of the rows in the order in which somebody would have labelled them, n of them.
        gold: their labels, shape (n,).
        count: shots wanted.
        labels: number of labels of the task.

    Returns:
        The places of the kept rows in that order, and the number of rows walked: each of them was labelled. All
        rows are walked where they do not yield `count` shots.
    """
    most = -(-count // labels)
    kept: list[int] = []
    held: dict[int, int] = {}
    shown: set[str] = set()
    for place, label in enumerate(gold.tolist()):
        if len(kept) == count:
            return tuple(kept), place
        if held.get(label, 0) < most and (text := as_compared(texts[place])) not in shown:
            held[label] = held.get(label, 0) + 1
            shown.add(text)
            kept.append(place)
    return tuple(kept), len(gold)


def shots_of(form: AnswerForm, sample: Pool, positions: Sequence[int] | None = None) -> tuple[Shot, ...]:
    """Rows of the sample as shots, all of them or those at `positions`.

    Raises:
        RoleError: the rows are no pool rows.
    """
    for_choosing(sample)
    chosen = range(len(sample)) if positions is None else positions
    rows = form.rows(sample.inputs)
    return tuple(Shot(rows[i], form.written(sample.gold, i)) for i in chosen)
