"""What rows ask: named fields, each one text or one list of texts a row, and the one text a row that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, TypeVar

TextField = tuple[str, ...]
"""One text a row."""
ListField = tuple[tuple[str, ...], ...]
"""Several texts a row, in their order: the options of a question, say."""
Field = TextField | ListField

TEXT = "text"
"""The field of types that have one."""
_Value = TypeVar("_Value")


@dataclass(frozen=True, eq=False)
class Fields:
    """Named fields of n rows.

    Attributes:
        named: field -> its n texts, or lists of texts, in the order of the task type.
        symmetric: two fields that may change places: rows that differ by their order only are the same.
    """

    named: Mapping[str, Field]
    symmetric: bool = False

    @classmethod
    def of_texts(cls, texts: Sequence[str]) -> Self:
        """The fields of rows that are one text each."""
        return cls({TEXT: tuple(texts)})

    def __len__(self) -> int:
        return len(next(iter(self.named.values())))

    @property
    def is_one_text(self) -> bool:
        """Whether rows are one text each, and no more."""
        return len(self.named) == 1 and not self._lists

    def text(self, name: str) -> TextField:
        """A field of one text a row.

        Raises:
            KeyError: there is none of that name.
        """
        if name in self._lists:
            raise KeyError(name)
        return self.named[name]  # type: ignore[return-value]  # it holds no list

    def lists(self, name: str) -> ListField:
        """A field of several texts a row.

        Raises:
            KeyError: there is none of that name.
        """
        if name not in self._lists and len(self):
            raise KeyError(name)
        return self.named[name]  # type: ignore[return-value]  # it holds lists

    @cached_property
    def joined(self) -> TextField:
        """One text a row: all that it says, a field or option a line. Words are counted and repeats found in it."""
        if self.is_one_text:
            (name,) = self.named
            return self.text(name)
        return tuple("\n".join(_lines(row)) for row in zip(*self.named.values(), strict=True))

    @cached_property
    def compared(self) -> tuple[TextField, ...]:
        """What has to be equal, column by column, for two rows to be the same: every field; two that may change places
        in an order of their own, and so options, of which the order is chance."""
        columns = [
            tuple("\0".join(sorted(texts)) for texts in values) if name in self._lists else values
            for name, values in self.named.items()
        ]
        if self.symmetric:
            columns = list(zip(*(sorted(row) for row in zip(*columns, strict=True)), strict=True)) or columns
        return tuple(columns)  # type: ignore[arg-type]  # lists were joined

    def with_at_the_end(self, more: Sequence[str]) -> Fields:
        """The same with something added to each row's last field that is one text."""
        last = [name for name in self.named if name not in self._lists][-1]
        changed = tuple(text + end for text, end in zip(self.text(last), more, strict=True))
        return Fields({**self.named, last: changed}, self.symmetric)

    def take(self, rows: Sequence[int]) -> Fields:
        """The rows at these places, in that order."""
        return self._each(lambda values: tuple(map(values.__getitem__, rows)))

    def part(self, start: int, stop: int) -> Fields:
        """Rows `start` to `stop`, the last not included."""
        return self._each(lambda values: values[start:stop])

    def _each(self, change: Callable[[tuple[object, ...]], tuple[object, ...]]) -> Fields:
        named = {name: change(values) for name, values in self.named.items()}
        return Fields(named, self.symmetric)  # type: ignore[arg-type]  # of the same kinds as before

    @cached_property
    def _lists(self) -> frozenset[str]:
        """Names of the fields that hold lists; a field of no row is taken for one of texts."""
        return frozenset(name for name, values in self.named.items() if values and not isinstance(values[0], str))


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What an arm is given to predict: no gold answer among it.

    Attributes:
        ids: one a row.
        fields: as the task type names them.
    """

    ids: tuple[str, ...]
    fields: Fields = field(default_factory=lambda: Fields.of_texts(()))

    @classmethod
    def of_texts(cls, ids: Sequence[str], texts: Sequence[str]) -> Self:
        """Rows that are one text each."""
        return cls(tuple(ids), Fields.of_texts(texts))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def texts(self) -> TextField:
        """One text a row, made of all fields."""
        return self.fields.joined

    def with_at_the_end(self, more: Sequence[str]) -> Inputs:
        """The rows with something added to the last of their texts, shape (n,)."""
        return Inputs(self.ids, self.fields.with_at_the_end(more))

    def part(self, start: int, stop: int | None = None) -> Inputs:
        """Rows `start` to `stop`, the last not included; to the end without it."""
        end = len(self) if stop is None else stop
        return Inputs(self.ids[start:end], self.fields.part(start, end))


def _lines(row: Sequence[str | tuple[str, ...]]) -> list[str]:
    return [line for value in row for line in ((value,) if isinstance(value, str) else value)]
