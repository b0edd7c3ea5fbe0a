"""Where the fields of a row stand in a file: which columns, and what of a nested value; as said, or by plain names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_type import TASK_TYPES, FieldType, TaskType
from tuningfork.task.wording import listed, near_names

JOINT = " + "
_NUMBERED = "*"
_FIRST = frozenset({"0", "1", "a"})
_FEWEST_NUMBERED, _FEWEST_LETTERS = 2, 3

_Spot = tuple[str, tuple[str, ...]]
"""A column, and what leads into its values."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field stands.

    Attributes:
        said: as the user or the guess wrote it.
        columns: one column, or several that hold a text of the list each.
        path: keys that lead into a nested value.
    """

    said: str
    columns: tuple[str, ...]
    path: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: str, names: Sequence[str], *, is_list: bool) -> Place | None:
        """The place that a name means in a file of these columns; None where it means none.

        A column of exactly that name comes first; 'a,b' are two columns of a list, 'a.b' is what stands under 'b' in
        the values of column 'a'.
        """
        if said in names:
            return cls(said, (said,))
        parts = tuple(part.strip() for part in said.split(","))
        if is_list and len(parts) > 1 and all(part in names for part in parts):
            return cls(said, parts)
        for end in range(len(said) - 1, 0, -1):
            if said[end] == "." and said[:end] in names:
                return cls(said, (said[:end],), tuple(said[end + 1 :].split(".")))
        return None

    @property
    def is_nested(self) -> bool:
        """Whether it is a part of what its column holds."""
        return bool(self.path)


@dataclass(frozen=True, slots=True)
class Places:
    """Where all fields of a row stand.

    Attributes:
        by_field: field -> its place, in the order of the type.
        guessed: the fields that nobody named.
    """

    by_field: Mapping[str, Place]
    guessed: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, each once."""
        return tuple(dict.fromkeys(column for place in self.by_field.values() for column in place.columns))

    @property
    def joined(self) -> str:
        """What messages call the text that all fields make."""
        return JOINT.join(place.said for place in self.by_field.values())

    @property
    def said(self) -> dict[str, str]:
        """Field -> its place, as task.yaml has it."""
        return {field: place.said for field, place in self.by_field.items()}

    @property
    def taken_by_name(self) -> list[tuple[str, str]]:
        """Each field that nobody named, and what was taken for it; a column of the field's own name is no guess."""
        found = [(field, self.by_field[field].said) for field in self.guessed]
        return [(field, said) for field, said in found if field != said]

    def nesting(self, kind: TaskType) -> tuple[str, ...]:
        """The columns that may hold lists or objects: of fields that are lists, or of what is nested in them."""
        return tuple(
            column
            for field, place in self.by_field.items()
            if place.is_nested or (kind.field(field).is_list and len(place.columns) == 1)
            for column in place.columns
        )

    def of_group(self, group: str | None) -> str | None:
        """The column of a group; a field's name means its column, unless a column is called so."""
        if group is None or group in self.columns or group not in self.by_field:
            return group
        return self.by_field[group].said


def find_places(spec: TaskSpec, kind: TaskType, names: tuple[str, ...], source: str) -> Places:
    """Where the fields of this type stand in a file of these columns: as the task says, or by names that are plain.

    Raises:
        InputError: a field that the type has not, a column that is not there, one column for two fields, or no obvious
            guess.
        UnknownName: a field that the type has not.
    """
    if spec.text is not None:
        fields = " ".join(f"--field {field.name}=COLUMN" for field in kind.required)
        raise InputError(
            f"a row of type {kind.name} has no one text, but {listed([field.name for field in kind.required])}",
            file=source,
            column=spec.text,
            remedy=f"Leave out --text, and say which column is which: {fields}",
        )
    given = {field: _named(kind.field(field), said, names, source) for field, said in (spec.fields or {}).items()}
    taken = {column for place in given.values() for column in place.columns} | {spec.label or "", ""}
    guessed = dict(_known(kind, [name for name in names if name not in taken], given))
    places = given | guessed
    lacking = [field for field in kind.required if field.name not in places]
    if lacking:
        raise not_obvious(spec, lacking, names, source)
    ordered = {field.name: places[field.name] for field in kind.fields if field.name in places}
    _refuse_shared(spec, kind, ordered, source)
    return Places(ordered, tuple(guessed))


def same_places(places: Places, names: tuple[str, ...], source: str) -> Places:
    """The same fields in another file of the task.

    Raises:
        InputError: a column is not there.
    """
    for place in places.by_field.values():
        for column in place.columns:
            if column not in names:
                raise InputError(
                    f"no such column; {near_names(column, filter(None, names))}",
                    file=source,
                    column=column,
                    remedy="All files of a task name their columns alike.",
                )
    return replace(places, guessed=())


def look_alike(names: Sequence[str]) -> Iterator[str]:
    """Types of several fields, all of which have plain columns among these."""
    for name in TASK_TYPES.names():
        kind = TASK_TYPES.get(name)
        if not kind.has_one_text:
            found = dict(_known(kind, [name for name in names if name], {}))
            if all(field.name in found and not found[field.name].is_nested for field in kind.required):
                yield name


def _named(field: FieldType, said: str, names: tuple[str, ...], source: str) -> Place:
    place = Place.of(said, names, is_list=field.is_list)
    if place is None:
        missing = next((one.strip() for one in said.split(",") if one.strip() not in names), said)
        missing = missing if field.is_list and "," in said else said
        several = "" if field.is_list or "," not in said else f"; {field.name} is one text, and has one column"
        raise InputError(
            f"no such column; {near_names(missing, filter(None, names))}{several}",
            file=source,
            column=missing,
            remedy=f"Say which is {field.says} with --field {field.name}=COLUMN.",
        )
    return place


def _known(kind: TaskType, free: Sequence[str], given: Mapping[str, Place]) -> Iterator[tuple[str, Place]]:
    """Fields whose columns are plain: all required ones called as is usual, or each called as the field.

    Args:
        free: columns without another part.
        given: fields that have a place.
    """
    by_lower = {name.lower(): name for name in reversed(free)}
    wanted = [field for field in kind.required if field.name not in given]
    found = {field.name: place for field in wanted if (place := _plain(field.name, by_lower, field)) is not None}
    if len(found) < len(wanted):
        found = next((usual for usual in _usual(kind, by_lower, wanted)), found)
    yield from found.items()
    taken = {column for place in found.values() for column in place.columns}
    for field in kind.fields:
        if field.is_optional and field.name not in given:
            places = (_plain(name, by_lower, field) for name in (field.name, *field.known_columns))
            place = next((one for one in places if one is not None and taken.isdisjoint(one.columns)), None)
            if place is not None:
                taken.update(place.columns)
                yield field.name, place


def _usual(kind: TaskType, by_lower: Mapping[str, str], wanted: Sequence[FieldType]) -> Iterator[dict[str, Place]]:
    """The wanted fields, wherever a file has all columns of one of the usual sets."""
    for known in kind.known_columns:
        called = dict(zip((field.name for field in kind.required), known, strict=True))
        placed = {field.name: _plain(called[field.name], by_lower, field) for field in wanted}
        places = {name: place for name, place in placed.items() if place is not None}
        columns = [column for place in places.values() if not place.is_nested for column in place.columns]
        if len(places) == len(wanted) and len(columns) == len(set(columns)):
            yield places


def _plain(said: str, by_lower: Mapping[str, str], field: FieldType) -> Place | None:
    """The place of a usual name, in the file's own writing."""
    if said.endswith(_NUMBERED):
        columns = _numbered(said.removesuffix(_NUMBERED), by_lower)
        return Place(",".join(columns), columns) if columns else None
    found = Place.of(said, tuple(by_lower), is_list=field.is_list)
    if found is None:
        return None
    columns = tuple(by_lower[column] for column in found.columns)
    return Place(".".join((*columns, *found.path)), columns, found.path)


def _numbered(stem: str, by_lower: Mapping[str, str]) -> tuple[str, ...]:
    """Columns 'option1', 'option2', …, counted without a gap from 0, from 1 or from a; none where they are no such."""
    form = re.compile(rf"{re.escape(stem)}[ _-]?(\d\d?|[a-z])")
    ends = {match[1]: name for lower, name in by_lower.items() if (match := form.fullmatch(lower))}
    ends = {end: name for end, name in ends.items() if stem or end.isalpha()}
    for first in sorted(_FIRST & set(ends)):
        columns = [ends[first]]
        following = _next(first)
        while following in ends:
            columns.append(ends[following])
            following = _next(following)
        if len(columns) >= (_FEWEST_NUMBERED if stem else _FEWEST_LETTERS):
            return tuple(columns)
    return ()


def _next(end: str) -> str:
    return str(int(end) + 1) if end.isdecimal() else chr(ord(end) + 1)


def not_obvious(spec: TaskSpec, lacking: Sequence[FieldType], names: Sequence[str], source: str) -> InputError:
    """What to say of fields that no column is plainly."""
    which = " and ".join(f"{field.says} ({field.name})" for field in lacking)
    options = " ".join(f"--field {field.name}=COLUMN" for field in lacking)
    return InputError(
        f"it is not obvious which column is {which}: the columns are "
        f"{listed([name for name in names if name], most=12) or 'none'}",
        file=source,
        remedy=f"Say which: {command_with(spec, options)}",
    )


def _refuse_shared(spec: TaskSpec, kind: TaskType, places: Mapping[str, Place], source: str) -> None:
    """One column has one part in the row, unless fields stand at different places in it.

    Rows of one text in a field may be a group; and the right one of several options may have a column of its own.
    """
    parts: dict[_Spot, str] = {}
    for field, place in places.items():
        for number, column in enumerate(place.columns, start=1):
            by = f"--field {field}" if len(place.columns) == 1 else f"text {number} of --field {field}"
            _taken(parts, (column, place.path), by, source)
    if spec.label is not None:
        options = None if kind.options is None else places[kind.options.name]
        if options is None or len(options.columns) == 1 or spec.label not in options.columns:
            _taken(parts, (spec.label, ()), "--label", source)


def _taken(parts: dict[_Spot, str], place: _Spot, by: str, source: str) -> None:
    other = parts.setdefault(place, by)
    if other != by:
        raise InputError(
            f"is named twice, for {other} and for {by}",
            file=source,
            column=place[0],
            remedy="Each needs a column of its own.",
        )
