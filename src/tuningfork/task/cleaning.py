"""From a table's strings to rows that can be used; whatever is changed or left out is said in a note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.columns import Columns
from tuningfork.task.fields import fields_of
from tuningfork.task.inputs import Fields
from tuningfork.task.schema import Note
from tuningfork.task.table import Table
from tuningfork.task.task_type import TaskType
from tuningfork.task.wording import counted, listed

_SURROGATE = re.compile("[\ud800-\udfff]")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, eq=False)
class CleanRows:
    """n rows of one file, none of them without text.

    Attributes:
        name: the file, as ids and messages name it.
        numbers: row numbers in the file.
        given_ids: the id column, if there is one.
        labels: '' where a row has none.
        groups: one name a row, if there is a group column; a row without a group is a group of its own.
        fields: the named fields, of rows that are more than one text; `texts` are then made of them.
    """

    name: str
    numbers: tuple[int, ...]
    given_ids: tuple[str, ...] | None
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    groups: tuple[str, ...] | None
    fields: Fields | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def compared(self) -> tuple[str, ...]:
        """One text a row that is the same for rows that are the same."""
        return self.texts if self.fields is None else self.fields.in_own_order

    def take(self, positions: NDArray[np.intp]) -> CleanRows:
        """The rows at `positions`, in that order."""
        chosen: list[int] = positions.tolist()
        return CleanRows(
            name=self.name,
            numbers=_at(chosen, self.numbers),
            given_ids=None if self.given_ids is None else _at(chosen, self.given_ids),
            texts=_at(chosen, self.texts),
            labels=_at(chosen, self.labels),
            groups=None if self.groups is None else _at(chosen, self.groups),
            fields=None if self.fields is None else self.fields.take(chosen),
        )

    def ids(self, taken: set[str]) -> tuple[str, ...]:
        """The id column if it tells these rows apart, also from `taken`; else 'FILE:ROW'."""
        given = self.given_ids
        if given is not None and all(given) and len(set(given)) == len(given) and taken.isdisjoint(given):
            return given
        return tuple(f"{self.name}:{number}" for number in self.numbers)


def clean(
    table: Table, columns: Columns, name: str, kind: TaskType, *, symmetric: bool = False
) -> tuple[CleanRows, tuple[Note, ...]]:
    """The table's rows that have a text; labels lose surrounding blanks, broken characters are replaced.

    Raises:
        InputError: NUL characters in a text, label, group or id.
    """
    said = () if columns.places is None else columns.places.said.values()
    sound = {place: _sound_fields(table, place)[0] for place in said}
    texts, broken = _sound_fields(table, columns.text)
    kept = [position for position, text in enumerate(texts) if text and not text.isspace()]
    labels = _sound_fields(table, columns.label)[0] if columns.label else [""] * len(texts)
    bare_labels = _stripped(labels)
    groups = _stripped(_sound_fields(table, columns.group)[0]) if columns.group else None
    ids = _stripped(_sound_fields(table, columns.id)[0]) if columns.id else None
    numbers = _at(kept, table.rows)
    places, fields = columns.places, {place: _at(kept, cells) for place, cells in sound.items()}
    rows = CleanRows(
        name=name,
        numbers=numbers,
        given_ids=None if ids is None else _at(kept, ids),
        texts=_at(kept, texts),
        labels=_at(kept, bare_labels),
        groups=None if groups is None else _own_group_if_none(_at(kept, groups), name, numbers),
        fields=None if places is None else fields_of(fields, places, kind, symmetric=symmetric),
    )
    notes = (*_text_notes(len(texts) - len(kept), broken, name), *_label_notes(labels, bare_labels, name))
    return rows, notes


def _sound_fields(table: Table, column: str) -> tuple[list[str], int]:
    """A column's fields with lone surrogates (halves of a character) replaced by U+FFFD, and how many had some."""
    fields = list(table.columns[column])
    broken = 0
    for position, field in enumerate(fields):
        if "\0" in field:
            raise InputError(
                "holds a NUL character",
                file=table.source,
                row=table.rows[position],
                column=column,
                remedy="Remove it; or say --encoding utf-16-le if the file is UTF-16 without a byte-order mark.",
            )
        if not field.isascii() and _SURROGATE.search(field):
            fields[position] = _SURROGATE.sub("\ufffd", field)
            broken += 1
    return fields, broken


def _stripped(fields: Sequence[str]) -> list[str]:
    """Fields without surrounding blanks; equal ones become one object, for a million labels are few strings."""
    bare = {field: field.strip() for field in set(fields)}
    return [bare[field] for field in fields]


def _at(positions: Sequence[int], values: Sequence[_Value]) -> tuple[_Value, ...]:
    return tuple(map(values.__getitem__, positions))


def _own_group_if_none(groups: tuple[str, ...], name: str, numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(group or f"{name}:{number}" for group, number in zip(groups, numbers, strict=True))


def _text_notes(empty: int, broken: int, name: str) -> Iterator[Note]:
    if empty:
        yield Note("empty_texts", f"{counted(empty, 'row')} of {name} without text: left out.")
    if broken:
        message = f"{counted(broken, 'text')} of {name} with half characters (lone surrogates): replaced by U+FFFD."
        yield Note("replaced_surrogates", message)


def _label_notes(labels: Sequence[str], bare: Sequence[str], name: str) -> Iterator[Note]:
    changed = sorted({new for old, new in set(zip(labels, bare, strict=True)) if new and old != new})
    if changed:
        message = f"Blanks around labels of {name} are not part of them: {listed(changed)}."
        yield Note("stripped_labels", message)
