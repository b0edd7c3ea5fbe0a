"""JSON: one object a line, or whatever else holds objects. Numbers stay as they are written, so 1 and 1.0 are two
labels."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO

from tuningfork.errors import InputError
from tuningfork.task.readers.containers import Rows, rows_in
from tuningfork.task.readers.json_values import Number, Record, as_text, parse, parse_all
from tuningfork.task.readers.text_file import TextFormat, open_text
from tuningfork.task.readers.tools import Shaped, shaped
from tuningfork.task.table import Found, Table

_ONE_OBJECT = 'Write {"text": …, "label": …} on each line.'
_ROW = tuple[int, Record]


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Keys of the first object, and those that its tool's shape adds.

    Raises:
        InputError: no readable text file, or its first line is no JSON object.
    """
    with _opened(path, form) as opened:
        if opened.shaped is not None:
            return tuple(dict.fromkeys(key for _, row in opened.shaped.rows for key in row))
        _, first = next(opened.rows, (0, {}))
    if not first:
        raise InputError("its first line has no keys", file=path, remedy=_ONE_OBJECT)
    return tuple(first)


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted keys of all objects; null is an empty field, blank lines are no rows, other keys may hold anything.

    Raises:
        InputError: a line that is no JSON object, lacks a wanted key ('ragged'), holds a list or an object there,
            or a column that mixes strings, numbers and truth values.
    """
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    kinds: dict[str, str] = {}
    rows = array("q")
    again: list[int] = []
    with _opened(path, form) as opened:
        lax = {*form.aside, *(opened.shaped.origin if opened.shaped else ())}
        for row, record in opened.rows:
            if _repeats_the_keys(record):
                again.append(row)
                continue
            rows.append(row)
            for name, values in columns.items():
                if name in lax:
                    values.append(as_text(record.get(name)))
                else:
                    values.append(field_of(path, row, name, record, kinds, form))
        found = opened.found(again)
    return Table(source=str(path), columns=columns, rows=rows, found=found)


@dataclass(frozen=True, slots=True)
class _Opened:
    """The objects of a file with their numbers, and what they lay in."""

    rows: Iterator[_ROW]
    told: str
    container: Rows | None
    shaped: Shaped | None

    def found(self, again: Sequence[int]) -> Found:
        left_out = {f"header repeated among the rows (row {again[0]})": len(again)} if again else {}
        names = dict(self.container.label_names) if self.container else {}
        if self.shaped is None:
            return Found(format=self.told, left_out=left_out, label_names=names)
        return Found(
            format=self.shaped.told if self.told == "JSONL" else f"{self.shaped.told}, {self.told}",
            left_out=left_out,
            origin=self.shaped.origin,
            label_names=names | dict(self.shaped.label_names),
        )


@contextmanager
def _opened(path: Path, form: TextFormat) -> Iterator[_Opened]:
    with open_text(path, form.encoding, row_of=_last_line) as file:
        rows, told, container = _rows_of(path, file)
        first = next(rows, None)
        rows = rows if first is None else chain((first,), rows)
        shape = None if first is None else shaped(first[1])
        if shape is None:
            yield _Opened(rows, told, container, None)
            return
        made = shape(path, list(rows))
        yield _Opened(iter(made.rows), told, container, made)


def _rows_of(path: Path, file: TextIO) -> tuple[Iterator[_ROW], str, Rows | None]:
    """Objects with their line numbers where there is one a line; else with their place among all."""
    first, line = _first_line(file)
    document = _parsed_or_none(line)
    file.seek(0)
    if isinstance(document, dict) and not _is_alone(file, first):
        file.seek(0)
        return _by_lines(path, file), "JSONL", None
    file.seek(0)
    text = file.read()
    try:
        documents = list(parse_all(text))
    except ValueError as error:
        file.seek(0)
        if document is None and path.suffix.lower() == ".json":
            raise _no_json(path, error, text) from error
        return _by_lines(path, file), "JSONL", None
    return _in_documents(path, documents)


def _in_documents(path: Path, documents: list[object]) -> tuple[Iterator[_ROW], str, Rows | None]:
    if len(documents) == 1:
        container = rows_in(documents[0], str(path))
        if container is not None:
            if not container.records:
                raise InputError("has no row", file=path, remedy="Write an object for each row.")
            return _checked(path, container.records), container.told, container
    told = "JSONL" if len(documents) == 1 else "JSON objects one after the other"
    if all(isinstance(document, list) for document in documents) and documents:
        # Arrays that were joined: 'cat a.json b.json'.
        return _checked(path, chain.from_iterable(documents)), f"{len(documents)} JSON arrays", None  # type: ignore[arg-type]
    return _checked(path, documents), told, None


def _first_line(file: TextIO) -> tuple[int, str]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            return number, line
    return 0, ""


def _is_alone(file: TextIO, number: int) -> bool:
    """Whether nothing follows the line of that number."""
    return not any(place > number and line.strip() for place, line in enumerate(file, start=1))


def _parsed_or_none(line: str) -> object:
    try:
        return _parse_line(line)
    except ValueError:
        return None


def _parse_line(line: str) -> object:
    """One line, with the comma that follows objects of an array, and the mark that begins a joined file, dropped."""
    bare = line.strip().lstrip("\ufeff")
    return parse(bare[:-1] if bare.endswith("},") else bare)


def _by_lines(path: Path, file: TextIO) -> Iterator[_ROW]:
    for row, line in enumerate(file, start=1):
        if line.isspace():
            continue
        try:
            record = _parse_line(line)
        except ValueError as error:
            remedy = "Write one JSON object a line, and null where there is nothing."
            if not line.strip("\0\x1a \r\n"):
                remedy = "The line holds unseen characters only: delete it; the file may have been cut off there."
            raise InputError(f"is no valid JSON ({error})", file=path, row=row, remedy=remedy) from error
        if not isinstance(record, dict):
            raise InputError("the line is no JSON object", file=path, row=row, remedy=_ONE_OBJECT)
        yield row, record


def _checked(path: Path, records: Iterable[object]) -> Iterator[_ROW]:
    for row, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise InputError(
                "is no JSON object",
                file=path,
                row=row,
                remedy='Write {"text": …, "label": …} for each row, one a line or in an array.',
            )
        yield row, record


def _no_json(path: Path, error: ValueError, text: str) -> InputError:
    row = getattr(error, "lineno", None)
    where = f"line {row}: " if row else ""
    cut = " Was it cut off?" if text.rstrip()[-1:] not in ("]", "}") else ""
    remedy = f"Write an array of objects, or one object a line and call it .jsonl.{cut}"
    return InputError(f"is no valid JSON ({where}{error})", file=path, remedy=remedy)


def _repeats_the_keys(record: Record) -> bool:
    """Whether it is the header of a CSV file that became a row."""
    return len(record) > 1 and all(value == key for key, value in record.items())


def field_of(path: Path, row: int, name: str, record: Record, kinds: dict[str, str], form: TextFormat) -> str:
    """One value of one object as a field of a table.

    Args:
        kinds: column -> what kind of value it holds, filled in as they are met.

    Raises:
        InputError: the object lacks it, it is nested, or of another kind than those before it.
    """
    try:
        value = record[name]
    except KeyError:
        remedy = f'Write "{name}": null for a row that has none.'
        raise InputError("ragged: the line lacks this key", file=path, row=row, column=name, remedy=remedy) from None
    if value is None:
        return ""
    if isinstance(value, dict | list):
        if name in form.lists:
            return as_text(value)
        remedy = "Write one string there."
        raise InputError("holds a nested value", file=path, row=row, column=name, remedy=remedy)
    kind = _kind(value)
    if kinds.setdefault(name, kind) != kind:
        problem = f"mixed types: {kind} here, {kinds[name]} above"
        raise InputError(problem, file=path, row=row, column=name, remedy="Write all of them as strings.")
    return as_text(value)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "a truth value"
    return "a number" if isinstance(value, Number) else "a string"


def _last_line(text: str) -> int:
    """Number of the last line of a beginning of a file, counted as `open` counts lines."""
    return text.count("\n") + text.count("\r") - text.count("\r\n") + 1
