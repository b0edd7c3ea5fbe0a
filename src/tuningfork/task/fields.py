"""The fields of rows: cells of a file as texts and lists of texts, checked, and what leads from them to `Fields`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.inputs import Field, Fields, joined
from tuningfork.task.literals import written_value
from tuningfork.task.option_lists import OptionList, option_list, options_in
from tuningfork.task.places import Place, Places, not_obvious
from tuningfork.task.readers.json_values import as_text
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.task_type import FieldType, TaskType
from tuningfork.task.wording import listed, quoted

_FEWEST_OPTIONS = 2
_FEWEST_TO_COMPARE = 2

Cell = str | OptionList


def with_fields(table: Table, places: Places, kind: TaskType, spec: TaskSpec) -> Table:
    """The table with each field's texts in a column of the field's place, and the text that they make in one more.

    A list stands there as JSON, with the letters that the file gives its texts, if it gives any. The text of a row
    that has none of the required fields is blank.

    Raises:
        InputError: a field that is empty where others of the row are not, that is no text or no list of texts, that has
            one text where a list needs two, or two fields that say the same in every row.
    """
    columns = [_FieldColumn.of(table, kind.field(name), places, kind, spec) for name in places.by_field]
    required = [column for column in columns if not column.field.is_optional]
    _refuse_empty(table, required)
    for column in columns:
        column.refuse_short_lists(table)
    _refuse_same(table, columns)
    written = {column.place.said: [_written(cell) for cell in column.cells] for column in columns}
    rows = zip(*(column.cells for column in columns), strict=True)
    asked = zip(*(column.cells for column in required), strict=True)
    texts = [
        joined(cell if isinstance(cell, str) else cell.texts for cell in row) if any(map(_says_something, of)) else ""
        for row, of in zip(rows, asked, strict=True)
    ]
    return replace(table, columns={**table.columns, **written, places.joined: texts})


def fields_of(columns: Mapping[str, Sequence[str]], places: Places, kind: TaskType, *, symmetric: bool) -> Fields:
    """The fields of rows whose table `with_fields` made.

    Args:
        columns: the table's, of the rows that are left, place -> n cells.
    """
    named: dict[str, Field] = {}
    for field, place in places.by_field.items():
        cells = columns[place.said]
        is_list = kind.field(field).is_list
        named[field] = tuple(options_in(cell).texts for cell in cells) if is_list else tuple(cells)
    return Fields(named, symmetric)


def header_text(places: Places) -> str:
    """What a row says that is the header once more."""
    return "\n".join(place.said for place in places.by_field.values())


def caption_of(field: str, column: str) -> str:
    """What a reader would call a field: 'Premise' where its column is 'premise', 'Sentence 1' where it is 'sentence1';
    the field's own name where the column's is no word."""
    words = re.sub(r"[_\W]+|(?<=[a-z])(?=[A-Z\d])", " ", column).strip()
    plain = words if re.fullmatch(r"[A-Za-z]{3,}(?: [A-Za-z]{1,}| \d+)*", words) and "," not in column else field
    plain = plain.replace("_", " ").lower()
    return plain[:1].upper() + plain[1:]


@dataclass(frozen=True, slots=True, eq=False)
class _FieldColumn:
    """One field in every row of a table, n cells; an empty list or '' where a row has none."""

    field: FieldType
    place: Place
    cells: Sequence[Cell]

    @classmethod
    def of(cls, table: Table, field: FieldType, places: Places, kind: TaskType, spec: TaskSpec) -> _FieldColumn:
        place = places.by_field[field.name]
        columns = [table.columns[column] for column in place.columns]
        if len(columns) > 1:
            return cls(field, place, [OptionList.of(texts) for texts in zip(*columns, strict=True)])
        values: Sequence[str] = columns[0]
        if place.is_nested:
            _refuse_plain(table, place, spec, places, kind)
            rows = zip(table.rows, columns[0], strict=True)
            values = [_within(table, row, place, field, value) for row, value in rows]
        if not field.is_list:
            return cls(field, place, values)
        separator = spec.label_separator
        lists = [option_list(value, separator=separator) for value in values]
        for row, value, found in zip(table.rows, values, lists, strict=True):
            if found is None:
                raise _no_list(table, row, place, field, value, spec)
        return cls(field, place, [found for found in lists if found is not None])

    def refuse_short_lists(self, table: Table) -> None:
        """A list of options has two at least, none of them empty."""
        for row, cell in zip(table.rows, self.cells, strict=True):
            if not isinstance(cell, OptionList) or not cell.texts:
                continue
            if len(cell) < _FEWEST_OPTIONS:
                problem = f"has one option only, {quoted(cell.texts[0])}, so that nothing is to be chosen"
                remedy = "Give two options or more, or leave the row out."
            elif "" in cell.texts:
                problem, remedy = f"has an empty option: {listed(cell.texts)}", "Fill it in, or take it out."
            else:
                continue
            raise InputError(problem, file=table.source, row=row, column=self.place.said, remedy=remedy)


def _no_list(table: Table, row: int, place: Place, field: FieldType, value: str, spec: TaskSpec) -> InputError:
    cut = "..." in value and value.lstrip().startswith(("[", "array"))
    why = " (NumPy has left out its middle)" if cut else ""
    separated = command_with(spec, "--label-separator CHARACTER")
    return InputError(
        f"holds no list of texts{why}: {quoted(value)}",
        file=table.source,
        row=row,
        column=place.said,
        remedy=f'Write a list there, as JSON: ["one", "two"]; or say what stands between the texts: {separated}; or '
        f"name a column for each: --field {field.name}=COLUMN,COLUMN",
    )


def _refuse_plain(table: Table, place: Place, spec: TaskSpec, places: Places, kind: TaskType) -> None:
    """A column that was taken by its name for one that holds objects has to hold some."""
    guessed = [
        field for field in kind.required if field.name in places.guessed and places.by_field[field.name].is_nested
    ]
    first = next((value for value in table.columns[place.columns[0]] if value.strip()), "")
    if guessed and not first.lstrip().startswith(("{", "[")):
        names = [name for name in table.names if name]
        raise not_obvious(spec, [field for field in guessed if field.name not in names], names, table.source)


def _within(table: Table, row: int, place: Place, field: FieldType, value: str) -> str:
    """What stands at the end of the path in a nested value, as text."""
    if not value.strip():
        return ""
    path = ".".join(place.path)
    try:
        found = _at(written_value(value), place.path)
    except (ValueError, KeyError):
        problem, remedy = f"has no value at {path!r}: {quoted(value)}", "Write it there in every row."
    else:
        if field.is_list or not isinstance(found, dict | list):
            return as_text(found)
        problem, remedy = f"holds no one text at {path!r}: {quoted(as_text(found))}", "Write one string there."
    raise InputError(problem, file=table.source, row=row, column=place.columns[0], remedy=remedy)


def _at(value: object, path: Sequence[str]) -> object:
    """What stands under the keys, one after the other; under a key of a list's objects stand their values.

    Raises:
        KeyError: there is no such key.
    """
    for place, key in enumerate(path):
        if isinstance(value, list):
            return [_at(one, path[place:]) for one in value]
        if not isinstance(value, dict):
            raise KeyError(key)
        value = value[key]
    return value


def _refuse_empty(table: Table, required: Sequence[_FieldColumn]) -> None:
    """Rows without any field are no rows, and left out later; a field that lacks beside others is a fault."""
    for row, cells in zip(table.rows, zip(*(column.cells for column in required), strict=True), strict=True):
        there = [_says_something(cell) for cell in cells]
        if any(there) and not all(there):
            empty = required[there.index(False)]
            others = [column.field.name for column, full in zip(required, there, strict=True) if full]
            raise InputError(
                f"{empty.field.name} is empty, and the row has {listed(others)}",
                file=table.source,
                row=row,
                column=empty.place.said,
                remedy="Fill it in, or leave the row out.",
            )


def _refuse_same(table: Table, columns: Sequence[_FieldColumn]) -> None:
    """Two columns that say the same in every row are one column twice."""
    for one, other in combinations(columns, 2):
        if (
            len(table) >= _FEWEST_TO_COMPARE
            and any(map(_says_something, one.cells))
            and list(one.cells) == list(other.cells)
        ):
            raise InputError(
                f"says the same as {quoted(one.place.said)} in all {len(table)} rows, so that {one.field.name} and "
                f"{other.field.name} are one",
                file=table.source,
                column=other.place.said,
                remedy=f"Name another column: --field {other.field.name}=COLUMN.",
            )


def _says_something(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else bool(cell.texts)


def _written(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.written
