"""What stands above the rows of a CSV file: a line for a spreadsheet, comments, the header; and its delimiter."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.wording import counted, quoted

DELIMITERS = (",", ";", "\t", "|")
_FOR_A_SPREADSHEET = re.compile(r'"?sep=(?P<delimiter>.)"?[,;\t|]*\s*', re.IGNORECASE)
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a file starts.

    Attributes:
        lines: physical lines above the header, which are no rows.
        delimiter: one character.
        told: what those lines were, in words; '' if there are none.
    """

    lines: int
    delimiter: str
    told: str


def beginning_of(path: Path, file: TextIO, form: TextFormat) -> Beginning:
    """What stands above the header, and the delimiter: the one given, the one that Excel's `sep=` line names, a tab for
    .tsv, else the one that cuts the header into the most fields. The file is rewound.

    Raises:
        InputError: a delimiter that is none, or one that cannot be told from the header.
    """
    above, comments, named, header = _above_the_header(file)
    file.seek(0)
    before = above - len(comments)
    told = ["a line 'sep=' for spreadsheets"] if named else []
    delimiter = form.delimiter
    if delimiter is None:
        usual = "\t" if path.suffix.lower() == ".tsv" else None
        delimiter = named or usual or _most_fields(path, header or "".join(comments))
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        problem = f"{quoted(delimiter)} cannot be a delimiter"
        raise InputError(problem, remedy="It has to be one character, such as ';'.")
    if comments and not _are_comments(comments, header, delimiter):
        above, comments = before, []
    written = sum(not line.isspace() for line in comments)
    told += [f"{counted(written, 'comment line')} above the header"] if comments else []
    return Beginning(above, delimiter, " and ".join(told))


def skip(file: TextIO, lines: int) -> None:
    """Pass over that many physical lines."""
    for _ in range(lines):
        file.readline()


def n_fields(text: str, delimiter: str) -> int:
    """Fields of the longest record in a text."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return max((len(record) for record in records), default=1)


def not_blank(records: Iterable[list[str]]) -> Iterator[list[str]]:
    """The records that are no blank lines."""
    return (record for record in records if len(record) > 1 or (record and record[0].strip()))


def check_header(path: Path, header: tuple[str, ...]) -> None:
    """Refuse a header that names nothing, or one name twice.

    Raises:
        InputError: such a header.
    """
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
            remedy = "Rename one of them; if the first line is a row, name the columns with --columns."
            raise InputError("the header has this name twice", file=path, column=name, remedy=remedy)
        seen.add(name)


def _above_the_header(file: TextIO) -> tuple[int, list[str], str | None, str]:
    """How many lines stand above the header, the last of them that are perhaps comments (blank ones among them count
    as such), the delimiter that a line for spreadsheets names, and the header's own text, which may go over lines."""
    above, comments, named, header = 0, list[str](), None, ""
    for line in file:
        bare = line.lstrip(BYTE_ORDER_MARK)
        found = _FOR_A_SPREADSHEET.fullmatch(bare) if not (header or named or comments) else None
        if found:
            named = found["delimiter"]
        elif not header and (bare.startswith("#") or (comments and not bare.strip())):
            comments.append(bare)
        elif header or line.strip():
            header += line
            if header.count('"') % 2 == 0:
                break
            continue
        above += 1
    return above, comments, named, header


def _are_comments(comments: list[str], header: str, delimiter: str) -> bool:
    """Whether lines that begin with # are none of the header: it may well begin with one itself ('#id,text')."""
    written = [line for line in comments if line.strip()]
    return bool(header) and (len(written) > 1 or n_fields(written[0], delimiter) != n_fields(header, delimiter))


def _most_fields(path: Path, header: str) -> str:
    fields = {delimiter: n_fields(header, delimiter) for delimiter in DELIMITERS}
    most = max(fields.values())
    best = [delimiter for delimiter in DELIMITERS if fields[delimiter] == most]
    if most > 1 and len(best) > 1:
        raise InputError(
            f"its delimiter cannot be told from the header: {' or '.join(repr(d) for d in best)}",
            file=path,
            remedy="Say it with --delimiter, or `delimiter` in task.yaml.",
        )
    return best[0]
