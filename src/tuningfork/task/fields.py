"""Where the fields of a row stand in a file: which columns, and what of a nested value; and their cells as texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.inputs import Fields
from tuningfork.task.option_lists import OptionList, option_list
from tuningfork.task.readers.json_values import as_text, parse
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.task_type import FieldType, TaskType
from tuningfork.task.wording import listed, near_names, quoted

_JOINT = " + "


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
        return _JOINT.join(place.said for place in self.by_field.values())

    @property
    def said(self) -> dict[str, str]:
        """Field -> its place, as task.yaml has it."""
        return {field: place.said for field, place in self.by_field.items()}


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
    given = {field: _named(spec, kind.field(field), said, names, source) for field, said in (spec.fields or {}).items()}
    places, guessed = dict(given), list[str]()
    for field, place in _known(kind, names, given):
        places.setdefault(field, place)
    guessed = [field for field in places if field not in given]
    lacking = [field for field in kind.required if field.name not in places]
    if lacking:
        raise _not_obvious(spec, kind, lacking, names, source)
    ordered = {field.name: places[field.name] for field in kind.fields if field.name in places}
    _refuse_shared(spec, ordered, source)
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


def with_fields(table: Table, places: Places, kind: TaskType, spec: TaskSpec) -> Table:
    """The table with each field's texts in a column of the field's place, and the text that they make in one more.

    A list stands there as JSON, with the letters that the file gives its texts, if it gives any.

    Raises:
        InputError: a field that is empty where others of the row are not, that is no text or no list of texts, that has
            one text where a list needs two, or two fields that say the same in every row.
    """
    cells = {field: _cells(table, place, kind.field(field), spec) for field, place in places.by_field.items()}
    _refuse_empty(table, places, kind, cells)
    _refuse_same(table, places, cells)
    columns = {places.by_field[field].said: [_written(cell) for cell in values] for field, values in cells.items()}
    joined = ["\n".join(_lines(row)).strip() for row in zip(*cells.values(), strict=True)]
    return replace(table, columns={**table.columns, **columns, places.joined: joined})


def fields_of(columns: Mapping[str, Sequence[str]], places: Places, kind: TaskType, *, symmetric: bool) -> Fields:
    """The fields of rows whose table `with_fields` made.

    Args:
        columns: the table's, of the rows that are left, place -> n cells.
    """
    named = {
        field: tuple(option_list(cell).texts for cell in columns[place.said])  # type: ignore[union-attr]  # made by us
        if kind.field(field).is_list
        else tuple(columns[place.said])
        for field, place in places.by_field.items()
    }
    return Fields(named, symmetric)


def caption_of(field: str, column: str) -> str:
    """What a reader would call a field: 'Premise' where its column is 'premise', 'Sentence 1' where it is 'sentence1';
    the field's own name where the column's is no word."""
    words = re.sub(r"[_\W]+|(?<=[a-z])(?=[A-Z\d])", " ", column).strip()
    plain = words if re.fullmatch(r"[A-Za-z]{3,}(?: [A-Za-z]{1,}| \d+)*", words) and "," not in column else field
    plain = plain.replace("_", " ").lower()
    return plain[:1].upper() + plain[1:]


Cell = str | OptionList


def _named(spec: TaskSpec, field: FieldType, said: str, names: tuple[str, ...], source: str) -> Place:
    place = Place.of(said, names, is_list=field.is_list)
    if place is None:
        raise InputError(
            f"no such column; {near_names(said, filter(None, names))}",
            file=source,
            column=said,
            remedy=f"Say which is {field.says} with --field {field.name}=COLUMN.",
        )
    return place


def _known(kind: TaskType, names: tuple[str, ...], given: Mapping[str, Place]) -> Iterator[tuple[str, Place]]:
    """Fields whose columns are plain: each called as the field, or all that are required called as is usual."""
    taken = {column for place in given.values() for column in place.columns}
    by_lower = {name.lower(): name for name in reversed(names) if name and name not in taken}
    by_own = {field.name: by_lower[field.name] for field in kind.fields if field.name in by_lower}
    wanted = [field for field in kind.required if field.name not in given]
    usual: dict[str, Place] = {}
    for known in kind.known_columns:
        found = dict(zip((field.name for field in kind.required), known, strict=True))
        placed = {field.name: _plain(found[field.name], by_lower, field) for field in wanted}
        if all(placed.values()):
            usual = {name: place for name, place in placed.items() if place is not None}
            break
    for field in kind.fields:
        if field.name in given:
            continue
        if field.name in usual:
            yield field.name, usual[field.name]
        elif field.name in by_own:
            yield field.name, Place(by_own[field.name], (by_own[field.name],))


def _plain(said: str, by_lower: Mapping[str, str], field: FieldType) -> Place | None:
    """A usual name in the file's own writing."""
    if (found := Place.of(said, tuple(by_lower), is_list=field.is_list)) is None:
        return None
    columns = tuple(by_lower[column] for column in found.columns)
    own = ",".join(columns) if not found.path else ".".join((*columns, *found.path))
    return Place(own, columns, found.path)


def _not_obvious(
    spec: TaskSpec, kind: TaskType, lacking: Sequence[FieldType], names: tuple[str, ...], source: str
) -> InputError:
    which = " and ".join(f"{field.says} ({field.name})" for field in lacking)
    options = " ".join(f"--field {field.name}=COLUMN" for field in lacking)
    return InputError(
        f"it is not obvious which column is {which}: the columns are "
        f"{listed([name for name in names if name], most=12) or 'none'}",
        file=source,
        remedy=f"Say which: {command_with(spec, options)}",
    )


def _refuse_shared(spec: TaskSpec, places: Mapping[str, Place], source: str) -> None:
    """One column has one part in the row, unless two fields stand at different places in it."""
    parts: dict[tuple[str, tuple[str, ...]], str] = {}
    options = {"--label": spec.label, "--group": spec.group}
    named = [(f"--field {field}", column, place.path) for field, place in places.items() for column in place.columns]
    named += [(option, column, ()) for option, column in options.items() if column is not None]
    for part, column, path in named:
        other = parts.setdefault((column, path), part)
        if other != part:
            raise InputError(
                f"is named twice, for {other} and for {part}",
                file=source,
                column=column,
                remedy="Each needs a column of its own.",
            )


def _cells(table: Table, place: Place, field: FieldType, spec: TaskSpec) -> list[Cell]:
    """A field's value in every row: its text, or its list; '' where there is none."""
    columns = [table.columns[column] for column in place.columns]
    rows = zip(table.rows, *columns, strict=True)
    if len(columns) > 1:
        return [OptionList.of(texts) for _, *texts in rows]
    values = [_within(table, row, place, value) for row, value in rows]
    if not field.is_list:
        return list(values)
    found: list[Cell] = []
    for row, value in zip(table.rows, values, strict=True):
        options = option_list(value, separator=spec.label_separator) if value.strip() else None
        if value.strip() and options is None:
            raise InputError(
                f"holds no list of texts: {quoted(value)}",
                file=table.source,
                row=row,
                column=place.said,
                remedy='Write a list there (["one", "two"]); or say what stands between the texts: '
                f"{command_with(spec, '--label-separator CHARACTER')}; or name a column for each: --field "
                f"{field.name}=COLUMN,COLUMN",
            )
        found.append(options or "")
    return found


def _within(table: Table, row: int, place: Place, value: str) -> str:
    """What stands at the end of the path in a nested value, as text."""
    if not place.path or not value.strip():
        return value
    try:
        found: object = parse(value)
        for key in place.path:
            found = found[key]  # type: ignore[index]  # what cannot be indexed is told of below
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"has no value at {'.'.join(place.path)!r}: {quoted(value)}",
            file=table.source,
            row=row,
            column=place.columns[0],
            remedy="Write it there in every row, and null where there is none.",
        ) from None
    return as_text(found)


def _refuse_empty(table: Table, places: Places, kind: TaskType, cells: Mapping[str, Sequence[Cell]]) -> None:
    """Rows without any field are no rows, and left out later; a field that lacks beside others is a fault."""
    required = [field.name for field in kind.required]
    for place, row in enumerate(zip(*(cells[name] for name in required), strict=True)):
        empty = [name for name, cell in zip(required, row, strict=True) if _is_empty(cell)]
        if empty and len(empty) < len(required):
            raise InputError(
                f"{empty[0]} is empty, and the row has {listed([name for name in required if name not in empty])}",
                file=table.source,
                row=table.rows[place],
                column=places.by_field[empty[0]].said,
                remedy="Fill it in, or leave the row out.",
            )
    for field in (field for field in kind.required if field.is_list):
        for place, cell in enumerate(cells[field.name]):
            if isinstance(cell, OptionList) and len(cell.texts) < 2:
                raise InputError(
                    f"has one option only, {quoted(cell.texts[0])}, so that nothing is to be chosen",
                    file=table.source,
                    row=table.rows[place],
                    column=places.by_field[field.name].said,
                    remedy="Give two options or more, or leave the row out.",
                )
            if isinstance(cell, OptionList) and "" in cell.texts:
                raise InputError(
                    f"has an empty option among others: {listed(cell.texts)}",
                    file=table.source,
                    row=table.rows[place],
                    column=places.by_field[field.name].said,
                    remedy="Fill it in, or leave it out.",
                )


def _refuse_same(table: Table, places: Places, cells: Mapping[str, Sequence[Cell]]) -> None:
    """Two columns that say the same in every row are one column twice."""
    names = list(cells)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            if len(table) > 1 and any(map(bool, cells[one])) and list(cells[one]) == list(cells[other]):
                first, second = places.by_field[one].said, places.by_field[other].said
                raise InputError(
                    f"says the same as {quoted(first)} in all {len(table)} rows, so that {one} and {other} are one",
                    file=table.source,
                    column=second,
                    remedy=f"Name another column: --field {other}=COLUMN.",
                )


def _is_empty(cell: Cell) -> bool:
    return not cell.texts if isinstance(cell, OptionList) else not cell.strip()


def _written(cell: Cell) -> str:
    return cell.written if isinstance(cell, OptionList) else cell


def _lines(row: Sequence[Cell]) -> list[str]:
    return [line for cell in row for line in (cell.texts if isinstance(cell, OptionList) else (cell,))]
