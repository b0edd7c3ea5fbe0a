"""A kind of answer that tuningfork does not have: a list of words a row, of any length, or none.

Nothing about it is an index, and no two rows need be as long: what knows only the contract of columns can carry it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tuningfork.answers.column import NO_ANSWER, Column
from tuningfork.answers.space import Space


@dataclass(frozen=True, slots=True, eq=False)
class WordLists(Column):
    """Words by row; None where the arm gave no answer, which an empty list is not."""

    kind: ClassVar[str] = "words"

    rows: tuple[tuple[str, ...] | None, ...]

    @property
    def valid(self) -> Any:
        return np.array([row is not None for row in self.rows], bool)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, rows: Any) -> WordLists:
        return WordLists(tuple(self.rows[place] for place in np.arange(len(self.rows))[rows]))

    def joined(self, others: Sequence[WordLists]) -> WordLists:
        return WordLists(sum((other.rows for other in others), self.rows))

    def _same_where_valid(self, other: WordLists) -> Any:
        return np.array([mine == theirs for mine, theirs in zip(self.rows, other.rows, strict=True)], bool)

    def to_blob(self) -> bytes:
        return json.dumps(self.rows).encode()

    @classmethod
    def from_blob(cls, n: int, blob: bytes) -> WordLists:
        rows = json.loads(blob)
        if len(rows) != n:
            raise ValueError(f"{len(rows)} lists of words, not {n}")
        return cls(tuple(None if row is None else tuple(row) for row in rows))

    def shown(self, row: int, space: Space) -> str:
        words = self.rows[row]
        return NO_ANSWER if words is None else ", ".join(space.written(row, word) for word in words)


COLUMN = WordLists
