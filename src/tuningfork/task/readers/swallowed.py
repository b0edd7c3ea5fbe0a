"""Quotes that were not meant as such: a field that opens with one may swallow the rows down to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.wording import counted

_REPEATED = 0.5
"""Different values a row, at most, of a column that holds labels."""


def looks_like_rows(record: Sequence[str], delimiter: str, width: int) -> list[list[str]]:
    """The lines of a record that goes over lines, cut as rows, as far as they have the fields of one; none where most
    have not."""
    lines = delimiter.join(record).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = [line.split(delimiter) for line in lines if line.strip()]
    rows = [fields for fields in cut if len(fields) == width]
    return rows if len(rows) > 1 and len(rows) > len(cut) / 2 else []


def refuse_swallowed_rows(
    path: Path,
    suspects: Mapping[int, list[list[str]]],
    columns: Mapping[str, Sequence[str]],
    header: Sequence[str],
    *,
    delimiter: str,
) -> None:
    """Refuse a record whose lines are rows of their own. Text of several lines may hold delimiters too, so with all
    but tabs it takes a column of few values (the labels) that every line has a value of.

    Args:
        suspects: number of a record -> its lines, cut as rows.
        columns: the columns that were read.

    Raises:
        InputError: such a record, with its number.
    """
    if not suspects:
        return
    known = {header.index(name): _values(fields) for name, fields in columns.items()}
    for number, lines in suspects.items():
        inner = lines[:-1]
        if delimiter == "\t" or any(
            values and all(line[place].strip('"') in values for line in inner) for place, values in known.items()
        ):
            raise InputError(
                f"a quote that opens in this row swallows the {counted(len(inner), 'line')} below it, which look like "
                "rows of their own",
                file=path,
                row=number,
                remedy='If quotes are plain characters there, double them and quote the field ("5"" pipes"), or save '
                "the file as .tsv, of which lines with a tab for each column are read without quoting.",
            )


def _values(fields: Sequence[str]) -> frozenset[str]:
    """The values of a column that repeats them."""
    values = {field for field in fields if field and "\n" not in field and "\r" not in field}
    return frozenset(values) if len(values) <= _REPEATED * len(fields) else frozenset()
