"""What rows ask: named fields, each one text or one list of texts a row, and the one text a row that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, TypeGuard

from tuningfork.task.content import normalised
from tuningfork.task.units import as_compared

TextField = tuple[str, ...]
"""One text a row."""
ListField = tuple[tuple[str, ...], ...]
"""Several texts a row, in their order: the options of a question, say."""
Value = str | tuple[str, ...]
"""Of one field in one row."""
Field = tuple[Value, ...]
"""A `TextField` or a `ListField`."""

TEXT = "text"
"""The field of types that have one."""


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
        return len(self.named) == 1 and _are_texts(*self.named.values())

    def text(self, name: str) -> TextField:
        """A field of one text a row.

        Raises:
            KeyError: there is none of that name.
        """
        values = self.named[name]
        if _are_texts(values):
            return values
        raise KeyError(name)

    def lists(self, name: str) -> ListField:
        """A field of several texts a row.

        Raises:
            KeyError: there is none of that name.
        """
        values = self.named[name]
        if _are_lists(values):
            return values
        raise KeyError(name)

    @cached_property
    def joined(self) -> TextField:
        """One text a row: all that it says, a field or option a line. Words are counted and repeats found in it."""
        if self.is_one_text:
            (name,) = self.named
            return self.text(name)
        return tuple(joined(row) for row in zip(*self.named.values(), strict=True))

    @cached_property
    def compared(self) -> tuple[TextField, ...]:
        """What has to be equal, column by column, for two rows to be the same: every field; two that may change places
        in an order of their own, and so options, of which the order is chance."""
        columns = [tuple(map(_in_own_order, values)) for values in self.named.values()]
        if self.symmetric and len(self):
            columns = list(zip(*(sorted(row, key=_as_compared) for row in zip(*columns, strict=True)), strict=True))
        return tuple(columns)

    @cached_property
    def in_own_order(self) -> TextField:
        """One text a row that is the same for rows that are the same: `joined`, what may change places in an order of
        its own."""
        if self.is_one_text:
            return self.joined
        return tuple("\n".join(row).replace("\0", "\n") for row in zip(*self.compared, strict=True))

    def with_at_the_end(self, more: Sequence[str]) -> Fields:
        """The same with something added to each row's last field that is one text."""
        last = [name for name, values in self.named.items() if _are_texts(values)][-1]
        changed = tuple(text + end for text, end in zip(self.text(last), more, strict=True))
        return Fields({**self.named, last: changed}, self.symmetric)

    def take(self, rows: Sequence[int]) -> Fields:
        """The rows at these places, in that order."""
        return self._each(lambda values: tuple(map(values.__getitem__, rows)))

    def part(self, start: int, stop: int) -> Fields:
        """Rows `start` to `stop`, the last not included."""
        return self._each(lambda values: values[start:stop])

    def _each(self, change: Callable[[Field], Field]) -> Fields:
        return Fields({name: change(values) for name, values in self.named.items()}, self.symmetric)


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


def _are_texts(values: Field) -> TypeGuard[TextField]:
    """Whether a field holds one text a row; one of no row may be taken for either."""
    return not values or isinstance(values[0], str)


def _are_lists(values: Field) -> TypeGuard[ListField]:
    return not values or not isinstance(values[0], str)


def _in_own_order(value: Value) -> str:
    """A list as one text that does not hang on its order."""
    return value if isinstance(value, str) else "\0".join(sorted(value, key=_as_compared))


def _as_compared(text: str) -> tuple[str, str]:
    """What puts texts in order: what splits and units compare, so that case and blanks do not change it."""
    return normalised(text), as_compared(text)


def joined(row: Iterable[Value]) -> str:
    """The values of one row as one text: a text or option a line, blank ones left out."""
    lines = (line for value in row for line in ((value,) if isinstance(value, str) else value))
    return "\n".join(line for line in lines if line).strip()
