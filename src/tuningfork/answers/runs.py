"""The answers of several runs to the same rows: what scores, intervals and comparisons are made of, of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.answers.column import BoolArray, Column, Rows


@dataclass(frozen=True, slots=True, eq=False)
class RunAnswers:
    """One column a run, at least one, all of one kind and as long as each other.

    Raises:
        ValueError: no run, or columns that differ in kind or length.
    """

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        if len({(column.kind, len(column)) for column in self.columns}) != 1:
            raise ValueError("runs are at least one column, and all of one kind and length")

    @classmethod
    def of_labels(cls, indices: NDArray[Any]) -> Self:
        """Of categories, shape (n, runs), NO_LABEL where a run gave none."""
        return cls(tuple(Categories(column) for column in np.asarray(indices, np.int32).T))

    @classmethod
    def first_of(cls, columns: Sequence[Column], n: int) -> Self:
        """The first n rows of columns that have at least as many."""
        return cls(tuple(column.take(slice(n)) for column in columns))

    def __len__(self) -> int:
        """How many rows they answer, n."""
        return len(self.columns[0])

    @property
    def runs(self) -> int:
        """How many runs there are, k."""
        return len(self.columns)

    def take(self, rows: Rows) -> Self:
        """The answers to these rows."""
        return type(self)(tuple(column.take(rows) for column in self.columns))

    @property
    def called(self) -> str:
        """What one answer is called."""
        return self.columns[0].called

    @property
    def vary(self) -> bool:
        """Whether any two runs answer any row otherwise."""
        first, *others = self.columns
        return not all(first.same(other).all() for other in others)

    @property
    def valid(self) -> BoolArray:
        """Shape (n, k): where a run gave an answer."""
        return np.column_stack([column.valid for column in self.columns])

    def same(self, column: Column) -> BoolArray:
        """Shape (n, k): where a run answers just as this column does."""
        return np.column_stack([mine.same(column) for mine in self.columns])


def commonest(column: Column, *, most: int) -> list[int]:
    """A row of each different answer, the most frequent answers first, at most so many; rows without one are none."""
    open_, found = column.valid.copy(), []
    while open_.any():
        row = int(open_.argmax())
        alike = column.take(np.full(len(column), row)).same(column) & open_
        found.append((int(alike.sum()), row))
        open_ &= ~alike
    return [row for _, row in sorted(found, key=lambda one: -one[0])[:most]]
