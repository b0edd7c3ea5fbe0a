"""What an answer may be: the labels of a task; a scale, or options of each row's own, are spaces too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


class Space(ABC):
    """What the answers to a task's rows may be, and how a part of one is written for people."""

    @abstractmethod
    def written(self, row: int, part: int | float | str) -> str:
        """One part of an answer in words: an index by its name, a number as its scale has it, a text as it is.

        Args:
            row: which row was answered; of no matter where all rows share one space.
            part: what the kind's columns hold, e.g. one index of a category, or each of a set of labels.

        Raises:
            ValueError: the space has no such part.
        """


@dataclass(frozen=True, slots=True)
class Labels(Space):
    """The same labels for every row.

    Attributes:
        names: by index, as people read them.
    """

    names: tuple[str, ...]

    def written(self, row: int, part: int | float | str) -> str:
        """The label's name."""
        if not isinstance(part, int) or not 0 <= part < len(self.names):
            raise ValueError(f"no label {part!r} among {len(self.names)} (row {row})")
        return self.names[part]
