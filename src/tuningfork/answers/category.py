"""One category a row: the index of a label, or of one of the row's own options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.column import NO_ANSWER, BoolArray, Column, Rows, unchanging
from tuningfork.answers.space import Space

NO_LABEL = -1
"""In `Categories.indices`: the arm gave no valid label for this row. Counts as an error of the arm."""


@dataclass(frozen=True, slots=True, eq=False)
class Categories(Column):
    """Categories of n rows.

    Args:
        indices: whole numbers, shape (n,), into the task's space, or NO_LABEL; kept as int32, copied unless they are
            read-only already.

    Raises:
        TypeError: they are no whole numbers.
        ValueError: they are not one a row, or one is below NO_LABEL.
    """

    kind: ClassVar[str] = "category"
    called: ClassVar[str] = "label"
    right_or_wrong: ClassVar[bool] = True

    indices: NDArray[np.int32]

    def __post_init__(self) -> None:
        given = self.indices
        if given.dtype.kind not in "iu":
            raise TypeError(f"categories are whole numbers, not {given.dtype}")
        if given.ndim != 1:
            raise ValueError(f"categories are one a row, not of shape {given.shape}")
        if len(given) and (lowest := given[given.argmin()]) < NO_LABEL:
            raise ValueError(f"{lowest} is no index of a category")
        kept = unchanging(given if given.dtype == np.int32 else given.astype(np.int32))
        if kept is not given:
            object.__setattr__(self, "indices", kept)

    @property
    def valid(self) -> BoolArray:
        """Shape (n,): whether the arm gave a label."""
        valid: BoolArray = self.indices != NO_LABEL
        return valid

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, rows: Rows) -> Self:
        """The answers of these rows; a slice copies nothing."""
        return type(self)(self.indices[rows])

    def joined(self, others: Sequence[Self]) -> Self:
        """All rows, one column after another."""
        return type(self)(np.concatenate([self.indices, *(other.indices for other in others)])) if others else self

    def _same_where_valid(self, other: Self) -> BoolArray:
        same: BoolArray = self.indices == other.indices
        return same

    def to_blob(self) -> bytes:
        """4 bytes a row."""
        return self.indices.astype("<i4", copy=False).tobytes()

    @classmethod
    def from_blob(cls, n: int, blob: bytes) -> Self:
        """The column back, without a copy where the machine counts as the blob does."""
        indices = np.frombuffer(blob, "<i4")
        if len(indices) != n:
            raise ValueError(f"{len(indices)} categories, not {n}")
        return cls(indices)

    def shown(self, row: int, space: Space) -> str:
        """The category's name."""
        index = int(self.indices[row])
        return NO_ANSWER if index == NO_LABEL else space.written(row, index)


def bare(column: Column) -> Any:
    """Answers as metrics and targets of their kind take them: of categories indices, of any other kind the column."""
    return column.indices if isinstance(column, Categories) else column


def columned(answers: Any) -> Column:
    """The column that `bare` was made of."""
    return answers if isinstance(answers, Column) else Categories(answers)


COLUMN = Categories
