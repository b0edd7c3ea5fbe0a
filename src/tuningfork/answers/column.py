"""What every kind of answer keeps to: a column of answers that joins, compares and travels to disk and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.space import Space

BoolArray = NDArray[np.bool_]
Rows = NDArray[np.intp] | slice
"""Row numbers from 0 in any order, repeats allowed, or a slice of the rows."""


class UnreadableCell(ValueError):
    """A cell of a file that is no answer of the kind.

    Args:
        place: of the cell among those that were read, from 0.
        why: in a clause: 'it is no whole number'.
    """

    def __init__(self, place: int, why: str) -> None:
        super().__init__(f"cell {place}: {why}")
        self.place, self.why = place, why


NO_ANSWER = "no answer"
"""What people read where an arm gave none."""

_Scalar = TypeVar("_Scalar", bound=np.generic)


class Column(ABC):
    """n answers of one kind in the order of their rows; nothing in it changes once it is made.

    A row without an answer is in it all the same. `valid` says which: the arm gave none, or none that could be read. An
    answer that is empty (no label applies, no entity is named, a text of no letters) is a valid one. What is held of a
    row that is not valid means nothing and is never compared.

    One class is one kind, whatever its answers are as long as: whole numbers, bits, lists of lists, text. Nobody else
    knows: what reads, keeps, joins and counts columns of any kind does it by these methods. How far two answers are
    apart is a metric's matter.

    Attributes:
        kind: its name; the same as that of its entry in `KINDS`.
        called: what one answer is, in sentences on those that are none.
        right_or_wrong: an answer is right where it is the very gold one and wrong elsewhere, so that rows that two
            arms have right can be counted; False where answers are more or less near to it.
    """

    __slots__ = ()
    kind: ClassVar[str]
    called: ClassVar[str] = "valid answer"
    right_or_wrong: ClassVar[bool] = False

    @property
    @abstractmethod
    def valid(self) -> BoolArray:
        """Shape (n,): whether the arm gave an answer."""

    @abstractmethod
    def __len__(self) -> int:
        """How many rows it has, n."""

    @abstractmethod
    def take(self, rows: Rows) -> Self:
        """The answers of these rows, in their order.

        Raises:
            IndexError: there is no such row.
        """

    @abstractmethod
    def joined(self, others: Sequence[Self]) -> Self:
        """This column's rows and then those of the others, one after another; itself where there are none."""

    def same(self, other: Self) -> BoolArray:
        """Shape (n,): whether both hold the very same answer for a row; two rows without an answer do.

        It tells seeds that are one and the same, answers that changed when a row was asked again, and labels flipped by
        a change in the row. Numbers are the same to their last bit.

        Raises:
            ValueError: the columns are of different kinds or lengths.
        """
        if (other.kind, len(other)) != (self.kind, len(self)):
            raise ValueError(
                f"only answers of one kind and length compare: {len(self)} of {self.kind}, {len(other)} of {other.kind}"
            )
        both = self.valid & other.valid
        return np.where(both, self._same_where_valid(other), self.valid == other.valid)

    @abstractmethod
    def _same_where_valid(self, other: Self) -> BoolArray:
        """Shape (n,): the same answer, for rows that are valid in both; whatever it says of the others is not asked.
        Both are as long."""

    @abstractmethod
    def to_blob(self) -> bytes:
        """All of it but n, the same bytes on every machine."""

    @classmethod
    @abstractmethod
    def from_blob(cls, n: int, blob: bytes) -> Self:
        """The column whose `to_blob` gave these bytes.

        Args:
            n: its length.

        Raises:
            ValueError: no column of n rows gave them.
        """

    @classmethod
    def from_cells(cls, cells: Sequence[str]) -> Self:
        """Right answers as files write them: what a type's rows ask where an answer is none of a list of labels.

        Args:
            cells: without blanks around them; '' where a row has no answer, which is then not valid. Every other cell
                is a valid answer.

        Raises:
            UnreadableCell: a cell is none.
            TypeError: answers of the kind are not read from cells alone; the default.
        """
        raise TypeError(f"answers of the kind {cls.kind!r} are not read from cells alone")

    @abstractmethod
    def shown(self, row: int, space: Space) -> str:
        """One answer as people read it, in a line; `NO_ANSWER` where there is none.

        Args:
            space: what the task's answers may be.

        Raises:
            ValueError: the space has no such answer.
        """


def unchanging(array: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """The array as nobody can change it: itself if it is read-only, or else a copy.

    What somebody holds as read-only is taken at its word, though they may have a second view of it that is not.
    """
    if not array.flags.writeable:
        return array
    copy = array.copy()
    copy.setflags(write=False)
    return copy
