"""JSONL: one object a line. Numbers stay as they are written, so 1 and 1.0 are two labels."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, TextIO

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat, open_text
from tuningfork.task.table import Table


class _Number(str):
    """A JSON number in its written form."""

    __slots__ = ()


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Keys of the first object.

    Raises:
        InputError: no readable text file, or its first line is no JSON object.
    """
    with open_text(path, form.encoding, row_of=_last_line) as file:
        _, first = next(_objects(path, file), (0, {}))
    if not first:
        raise InputError("its first line has no keys", file=path, remedy='Write {"text": …, "label": …} on each line.')
    return tuple(first)


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted keys of all lines; null is an empty field, blank lines are no rows, other keys may hold anything.

    Raises:
        InputError: a line that is no JSON object, lacks a wanted key ('ragged'), holds a list or an object there,
            or a column that mixes strings, numbers and truth values.
    """
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    kinds: dict[str, str] = {}
    rows = array("q")
    with open_text(path, form.encoding, row_of=_last_line) as file:
        for row, record in _objects(path, file):
            rows.append(row)
            for name, values in columns.items():
                values.append(_field(path, row, name, record, kinds))
    return Table(source=str(path), columns=columns, rows=rows)


def _objects(path: Path, file: TextIO) -> Iterator[tuple[int, dict[str, object]]]:
    for row, line in enumerate(file, start=1):
        if not line.isspace():
            yield row, _parsed(path, row, line)


def _parsed(path: Path, row: int, line: str) -> dict[str, object]:
    try:
        record = json.loads(
            line,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_without_repeats,
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        remedy = "Write one JSON object a line, and null where there is nothing."
        raise InputError(f"is no valid JSON ({reason})", file=path, row=row, remedy=remedy) from error
    if not isinstance(record, dict):
        remedy = 'Write {"text": …, "label": …} on each line.'
        raise InputError("the line is no JSON object", file=path, row=row, remedy=remedy)
    return record


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not of JSON")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return record


def _field(path: Path, row: int, name: str, record: dict[str, object], kinds: dict[str, str]) -> str:
    try:
        value = record[name]
    except KeyError:
        remedy = f'Write "{name}": null for a row that has none.'
        raise InputError("ragged: the line lacks this key", file=path, row=row, column=name, remedy=remedy) from None
    if value is None:
        return ""
    if isinstance(value, dict | list):
        remedy = "Write one string there."
        raise InputError("holds a nested value", file=path, row=row, column=name, remedy=remedy)
    kind = _kind(value)
    if kinds.setdefault(name, kind) != kind:
        problem = f"mixed types: {kind} here, {kinds[name]} above"
        raise InputError(problem, file=path, row=row, column=name, remedy="Write all of them as strings.")
    return str(value) if isinstance(value, str) else json.dumps(value)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    return "a number" if isinstance(value, _Number) else "a string"


def _last_line(text: str) -> int:
    """Number of the last line of a beginning of a file, counted as `open` counts lines."""
    return text.count("\n") + text.count("\r") - text.count("\r\n") + 1
