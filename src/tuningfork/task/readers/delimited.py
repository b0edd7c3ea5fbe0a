"""CSV and its relatives, by RFC 4180: exact row numbers, and no ragged row gets through.

Python's `csv` module and no data-frame library, because the contract is about rows: which one is ragged, where a
quote was left open, in which one the encoding broke (decision 0010).
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat, open_text
from tuningfork.task.table import Table
from tuningfork.task.wording import quoted

_DELIMITERS = (",", ";", "\t", "|")


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Names in the header, blanks around them dropped; nameless columns are ''.

    Raises:
        InputError: no readable text file, no header, a repeated name, an undecidable delimiter.
    """
    with _opened(path, form) as (_, header):
        return header


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted columns of all rows. Lines that are blank are no rows.

    Raises:
        InputError: as `column_names`, and: a ragged row, broken quoting, no row at all.
    """
    columns: dict[str, list[str]] = {name: [] for name in wanted}
    with _opened(path, form) as (records, header):
        appends = [(columns[name].append, header.index(name)) for name in columns]
        count = 0
        for record in records:
            count += 1
            if len(record) != len(header):
                raise _ragged(path, count, found=len(record), expected=len(header))
            for append, position in appends:
                append(record[position])
    if not count:
        raise InputError("has a header and no row", file=path, remedy="Add rows below the header.")
    return Table(source=str(path), columns=columns, rows=range(1, count + 1))


@contextmanager
def _opened(path: Path, form: TextFormat) -> Iterator[tuple[Iterator[list[str]], tuple[str, ...]]]:
    with _unlimited_fields(), open_text(path, form.encoding, row_of=_last_row) as file:
        delimiter = _delimiter_of(path, file) if form.delimiter is None else form.delimiter
        if len(delimiter) != 1 or delimiter in '"\r\n\0':
            raise InputError(
                f"{quoted(delimiter)} cannot be a delimiter", remedy="It has to be one character, such as ';'."
            )
        records = _records(path, file, delimiter)
        header = tuple(name.strip() for name in next(records, []))
        _check_header(path, header)
        yield records, header


def _records(path: Path, file: TextIO, delimiter: str) -> Iterator[list[str]]:
    """All records, the header first, blank lines left out; broken quoting names the row where it began."""
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    row = 0
    try:
        for record in _not_blank(reader):
            row += 1
            yield record
    except csv.Error as error:
        raise _broken_quoting(path, row, error) from error


def _not_blank(records: Iterable[list[str]]) -> Iterator[list[str]]:
    return (record for record in records if len(record) > 1 or (record and record[0].strip()))


def _delimiter_of(path: Path, file: TextIO) -> str:
    """The delimiter that cuts the header into the most fields; the file is rewound."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    header = _header_lines(file)
    file.seek(0)
    fields = {delimiter: _fields(header, delimiter) for delimiter in _DELIMITERS}
    most = max(fields.values())
    best = [delimiter for delimiter in _DELIMITERS if fields[delimiter] == most]
    if most > 1 and len(best) > 1:
        raise InputError(
            f"its delimiter cannot be told from the header: {' or '.join(repr(d) for d in best)}",
            file=path,
            remedy="Say it with --delimiter, or `delimiter` in task.yaml.",
        )
    return best[0]


def _header_lines(file: TextIO) -> str:
    """The first record that is not blank, as text; a quoted name may go over lines."""
    text = ""
    for line in file:
        text += line
        if text.strip() and text.count('"') % 2 == 0:
            break
    return text


def _fields(header: str, delimiter: str) -> int:
    return max((len(record) for record in csv.reader(io.StringIO(header, newline=""), delimiter=delimiter)), default=1)


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if not any(header):
        raise InputError("holds blank lines only", file=path, remedy="It needs a header and rows.")
    if any("\0" in name for name in header):
        raise InputError(
            "has NUL characters in its header",
            file=path,
            remedy="Is it UTF-16 or UTF-32 without a byte-order mark? Then say so, e.g. --encoding utf-16-le.",
        )
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise InputError("the header has this name twice", file=path, column=name, remedy="Rename one of them.")
        seen.add(name)


def _ragged(path: Path, row: int, *, found: int, expected: int) -> InputError:
    return InputError(
        f"ragged: the row has {found} field{'s' * (found != 1)}, the header has {expected}",
        file=path,
        row=row,
        remedy='Quote fields that hold the delimiter ("like, this"); an unlabelled row has an empty label field.',
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
    delimiter = max(_DELIMITERS, key=lambda one: _fields(header, one))
    return max(0, sum(1 for _ in _not_blank(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))) - 1)


@contextmanager
def _unlimited_fields() -> Iterator[None]:
    """The csv module refuses fields over 128 KiB unless told otherwise, for the whole process."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
