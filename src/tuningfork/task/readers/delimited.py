"""CSV and its relatives, by RFC 4180: exact row numbers, and no ragged row gets through.

Python's `csv` module and no data-frame library, because the contract is about rows: which one is ragged, where a
quote was left open, in which one the encoding broke (decision 0010).
"""

from __future__ import annotations

import csv
import io
import sys
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tuningfork.errors import InputError
from tuningfork.task.readers.beginning import (
    BYTE_ORDER_MARK,
    DELIMITERS,
    Beginning,
    beginning_of,
    check_header,
    n_fields,
    not_blank,
    skip,
)
from tuningfork.task.readers.swallowed import looks_like_rows, refuse_swallowed_rows
from tuningfork.task.readers.text_file import TextFormat, open_text
from tuningfork.task.table import Found, Table
from tuningfork.task.wording import listed, quoted

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

HEADERS_AGAIN = "header repeated among the rows (row {})"
_RULER = "-=+_: "
_ODD_STARTS = frozenset((BYTE_ORDER_MARK, "", "-", "=", "+", ":"))
_MOST_ROWS_NAMED = 3
Quoting = Literal[0, 3]
"""The values of `csv.QUOTE_MINIMAL` and `csv.QUOTE_NONE`."""


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Names in the header, blanks around them dropped; nameless columns are ''.

    Raises:
        InputError: no readable text file, no header, a repeated name, an undecidable delimiter.
    """
    with _opened(path, form) as opened:
        return opened.header


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted columns of all rows. Lines that are blank are no rows, and headers that stand among the rows, as where
    files were joined, are left out.

    Raises:
        InputError: as `column_names`, and: a ragged row, broken quoting, rows that a quote swallowed, no row at all.
    """
    try:
        return _read(path, wanted, form)
    except InputError:
        if _is_even_without_quoting(path, form):
            return _read(path, wanted, form, quoting=csv.QUOTE_NONE)
        raise


def first_records(path: Path, form: TextFormat, most: int) -> list[list[str]]:
    """The first records of a file, its header among them.

    Raises:
        InputError: as `column_names`.
    """
    with _unlimited_fields(), open_text(path, form.encoding, row_of=_last_row) as file:
        beginning = beginning_of(path, file, form)
        skip(file, beginning.lines)
        reader = csv.reader(file, delimiter=beginning.delimiter)
        return [record for _, record in islice(_numbered(path, reader), most)]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file whose header was read: what its rows come from, and how they are cut."""

    header: tuple[str, ...]
    first: list[str] | None
    reader: CsvReader
    beginning: Beginning


def _read(path: Path, wanted: Sequence[str], form: TextFormat, *, quoting: Quoting = csv.QUOTE_MINIMAL) -> Table:
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    with _opened(path, form, quoting) as opened:
        header, reader, delimiter = opened.header, opened.reader, opened.beginning.delimiter
        appends = [(columns[name].append, header.index(name)) for name in columns]
        width, line = len(header), reader.line_num
        again: list[int] = []
        rulers: list[int] = []
        suspects: dict[int, list[list[str]]] = {}
        count = 0
        for count, record in _numbered(path, reader, opened.first):
            if len(record) != width:
                raise _ragged(path, count, record, header)
            if record[0][:1] in _ODD_STARTS:
                record[0] = _unmarked(record[0])
                if _is_ruler(record):
                    rulers.append(count)
                    continue
            if record[0].strip() in header and _is_header(path, count, record, header):
                again.append(count)
                continue
            if reader.line_num - line > 1:
                _refuse_second_table(path, count, record, header, above=reader.line_num - line - 1)
                lines = looks_like_rows(record, delimiter, width)
                if lines:
                    suspects[count] = lines
            line = reader.line_num
            for append, position in appends:
                append(record[position])
    left_out = {HEADERS_AGAIN.format(_places(again)): len(again)} if again else {}
    left_out |= {"of dashes only": len(rulers)} if rulers else {}
    if count == len(again) + len(rulers):
        raise InputError("has a header and no row", file=path, remedy="Add rows below the header.")
    refuse_swallowed_rows(path, suspects, columns, header, delimiter=delimiter)
    found = Found(format=_format(path, opened.beginning, form, quoting), left_out=left_out)
    return Table(
        source=str(path),
        columns=columns,
        rows=_without({*again, *rulers}, count) if left_out else range(1, count + 1),
        found=found,
    )


@contextmanager
def _opened(path: Path, form: TextFormat, quoting: Quoting = csv.QUOTE_MINIMAL) -> Iterator[_Opened]:
    with _unlimited_fields(), open_text(path, form.encoding, row_of=_last_row) as file:
        beginning = beginning_of(path, file, form)
        skip(file, beginning.lines)
        reader = csv.reader(file, delimiter=beginning.delimiter, strict=quoting != csv.QUOTE_NONE, quoting=quoting)
        first = next((record for _, record in _numbered(path, reader, start=0)), [])
        names = tuple(name.strip().lstrip(BYTE_ORDER_MARK) for name in first)
        if form.columns is None or set(form.columns) <= set(names):
            check_header(path, names)
            yield _Opened(names, None, reader, beginning)
        else:
            _check_given(path, form.columns, first)
            yield _Opened(form.columns, first, reader, beginning)


def _numbered(
    path: Path, reader: CsvReader, first: list[str] | None = None, *, start: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """All records with their numbers, blank lines left out; broken quoting names the row where it began."""
    row = start - 1
    if first is not None:
        row += 1
        yield row, first
    try:
        for record in reader:
            if len(record) > 1 or (record and record[0].strip()):
                row += 1
                yield row, record
    except csv.Error as error:
        raise _broken_quoting(path, row + (start == 1), error) from error


def _check_given(path: Path, names: tuple[str, ...], first: list[str]) -> None:
    if len(names) != len(first):
        raise InputError(
            f"--columns names {len(names)} columns ({listed(names)}), and the first row has {len(first)} fields",
            file=path,
            remedy="Name every column, in the order of the file.",
        )


def _is_header(path: Path, row: int, record: list[str], header: tuple[str, ...]) -> bool:
    """Whether a record is the header once more.

    Raises:
        InputError: it is the header of other rows: the same names in another order.
    """
    fields = [field.strip().strip('"') for field in record]
    if fields == list(header):
        return True
    if len(header) > 1 and sorted(fields) == sorted(header):
        raise InputError(
            f"here the header stands again with its columns in another order: {listed(fields)}",
            file=path,
            row=row,
            remedy="The rows below it have other columns than those above. Make two files of it, or put them in order.",
        )
    return False


def _refuse_second_table(path: Path, row: int, record: list[str], header: tuple[str, ...], *, above: int) -> None:
    """Refuse a record below blank lines that names a column of the header: another table begins there.

    Args:
        above: physical lines between the end of the record before it and its last line.
    """
    blank = above - sum(len(field.splitlines()) - 1 for field in record if "\n" in field or "\r" in field)
    if blank > 0 and any(field.strip() in header for field in record if field.strip()):
        raise InputError(
            f"another table seems to begin here, below a blank line: {listed(record)}",
            file=path,
            row=row,
            remedy="Move it to a file of its own.",
        )


def _unmarked(field: str) -> str:
    """The field without a byte-order mark before it, which files that were joined have in their middle, and without the
    quotes that were none behind it."""
    bare = field.lstrip(BYTE_ORDER_MARK)
    quoted_once = bare != field and len(bare) > 1 and bare[0] == bare[-1] == '"'
    return bare[1:-1].replace('""', '"') if quoted_once else bare


def _is_ruler(record: list[str]) -> bool:
    """Whether it is a line between header and rows, as tables in plain text have it."""
    drawn = [field for field in record if field.strip()]
    return len(record) > 1 and bool(drawn) and all(len(field) > 1 and not field.strip(_RULER) for field in drawn)


def _is_even_without_quoting(path: Path, form: TextFormat) -> bool:
    """Whether every line has a tab for each column: a file that was written without quoting reads rightly so."""
    with open_text(path, form.encoding, row_of=_last_row) as file:
        beginning = beginning_of(path, file, form)
        if beginning.delimiter != "\t":
            return False
        skip(file, beginning.lines)
        tabs = {line.count("\t") for line in file if line.strip()}
    return len(tabs) == 1 and tabs != {0}


def _format(path: Path, beginning: Beginning, form: TextFormat, quoting: Quoting) -> str:
    kind = "TSV" if path.suffix.lower() == ".tsv" else "CSV"
    usual = "\t" if kind == "TSV" else ","
    parts = [
        kind,
        "" if beginning.delimiter == usual else f"delimiter {quoted(beginning.delimiter)}",
        "" if form.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else form.encoding,
        beginning.told,
        "" if quoting != csv.QUOTE_NONE else "quotes taken as plain characters",
    ]
    return ", ".join(filter(None, parts))


def _without(left_out: set[int], count: int) -> array[int]:
    """Numbers of the rows that stay."""
    return array("q", (row for row in range(1, count + 1) if row not in left_out))


def _places(rows: Sequence[int]) -> str:
    named = ", ".join(map(str, rows[:_MOST_ROWS_NAMED]))
    return named if len(rows) <= _MOST_ROWS_NAMED else f"{named} and {len(rows) - _MOST_ROWS_NAMED} more"


def _ragged(path: Path, row: int, record: Sequence[str], header: Sequence[str]) -> InputError:
    found, expected = len(record), len(header)
    remedy = 'Quote fields that hold the delimiter ("like, this"); an unlabelled row has an empty label field.'
    if found == 1 and not record[0].strip("\0\x1a \r\n"):
        remedy = "The line holds unseen characters only: delete it; the file may have been cut off or padded there."
    elif found == 1:
        remedy += f" If {quoted(record[0])} is a remark or a sum and no row, delete that line."
    elif expected == 1:
        remedy = f"If {quoted(header[0])} is a title and no header, delete that line. {remedy}"
    return InputError(
        f"ragged: the row has {found} field{'s' * (found != 1)}, the header has {expected}",
        file=path,
        row=row,
        remedy=remedy,
    )


def _broken_quoting(path: Path, row: int, error: csv.Error) -> InputError:
    unclosed = "unexpected end" in str(error)
    return InputError(
        "a quote is opened and never closed" if unclosed else f"quoting is broken ({error})",
        file=path,
        row=row or None,
        remedy='A field that holds quotes is quoted, and the quotes inside are doubled: "say ""yes""".',
    )


def _last_row(text: str) -> int:
    """Number of the last record of a beginning of a file, the header being 0. Rows do not depend on the delimiter
    unless a quote follows one, so the header's best guess will do."""
    header = text.splitlines()[0] if text else ""
    delimiter = max(DELIMITERS, key=lambda one: n_fields(header, one))
    return max(0, sum(1 for _ in not_blank(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))) - 1)


@contextmanager
def _unlimited_fields() -> Iterator[None]:
    """The csv module refuses fields over 128 KiB unless told otherwise, for the whole process."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
