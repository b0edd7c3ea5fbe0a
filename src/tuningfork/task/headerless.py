"""A CSV file whose first line is a row: what it takes for a header holds no names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.readers.beginning import DELIMITERS
from tuningfork.task.readers.delimited import first_records
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.schema import TaskSpec
from tuningfork.task.wording import listed, quoted

_DELIMITED = (".csv", ".tsv")
_LOOKED_AT = 200
_WORDS_OF_A_TEXT = 4
_REPEATS = 2


def missing_header(path: Path, form: TextFormat, spec: TaskSpec) -> InputError | None:
    """What to say of a file whose first line is none with names, with the way out; None where it may be a header."""
    records = first_records(path, form, _LOOKED_AT) if path.suffix.lower() in _DELIMITED else []
    if not records:
        return None
    first, below = records[0], records[1:]
    if first[0].lstrip().startswith(("{", "[")):
        remedy = f"Call it {path.stem}.jsonl if it has an object on each line, else {path.stem}.json."
        return InputError("is JSON and no CSV", file=path, remedy=remedy)
    if below and not _is_cut(first) and all(map(_is_cut, below)):
        remedy = "Delete that line, so that the header is the first."
        return InputError(f"its first line, {quoted(first[0])}, is a title and no header", file=path, remedy=remedy)
    if not _is_row(first, below):
        return None
    names = ",".join(_names(list(zip(*below, strict=True))))
    return InputError(
        f"the header seems to be missing: the first line is a row, {listed(first)}",
        file=path,
        remedy=f"Name the columns in their order: {command_with(spec, f'--columns {names}')}.",
    )


def _is_row(first: list[str], below: Sequence[list[str]]) -> bool:
    """Whether one of its fields is a number, is as long as a text, or stands in the same column of rows below it."""
    if not below or any(len(record) != len(first) for record in below):
        return False
    return any(_is_value(field, column) for field, column in zip(first, zip(*below, strict=True), strict=True))


def _is_cut(record: list[str]) -> bool:
    """Whether a record has several fields, by any delimiter."""
    return len(record) > 1 or any(delimiter in record[0] for delimiter in DELIMITERS)


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
