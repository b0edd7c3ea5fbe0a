"""A CSV file whose first line is a row: what it takes for a header holds no names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.commands import command_with
from tuningfork.task.readers.delimited import first_records
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.schema import TaskSpec
from tuningfork.task.wording import listed

_DELIMITED = (".csv", ".tsv")
_LOOKED_AT = 200
_WORDS_OF_A_TEXT = 4
_REPEATS = 2


def missing_header(path: Path, form: TextFormat, spec: TaskSpec) -> InputError | None:
    """What to say of a file without a header, with the command that names its columns; None where the first line may
    well be a header.

    A first line is a row where one of its fields is a number, is as long as a text, or stands in the same column of
    rows below it.
    """
    if path.suffix.lower() not in _DELIMITED:
        return None
    records = first_records(path, form, _LOOKED_AT)
    if len(records) < 2 or len({len(record) for record in records}) != 1:
        return None
    first, below = records[0], records[1:]
    columns = list(zip(*below, strict=True))
    if not any(_is_value(field, column) for field, column in zip(first, columns, strict=True)):
        return None
    names = ",".join(_names(columns))
    return InputError(
        f"the header seems to be missing: the first line is a row, {listed(first)}",
        file=path,
        remedy=f"Name the columns in their order: {command_with(spec, f'--columns {names}')}.",
    )


def _is_value(field: str, column: Sequence[str]) -> bool:
    return (
        field.strip().lstrip("+-").replace(".", "", 1).isdigit()
        or len(field.split()) > _WORDS_OF_A_TEXT
        or column.count(field) >= _REPEATS
    )


def _names(columns: Sequence[Sequence[str]]) -> list[str]:
    """Likely names: the longest fields are the text, of the others those that repeat most are the label."""
    names = [f"column{place}" for place in range(1, len(columns) + 1)]
    text = max(range(len(columns)), key=lambda place: sum(map(len, columns[place])))
    others = [place for place in range(len(columns)) if place != text]
    names[text] = "text"
    if others:
        names[min(others, key=lambda place: (len(set(columns[place])) == 1, len(set(columns[place]))))] = "label"
    return names
