"""The one door to row files: the ending says the format; those of evaluation harnesses are known by their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tuningfork.errors import InputError
from tuningfork.task.readers import delimited, inspect_log, json_rows, lm_eval, parquet, promptfoo
from tuningfork.task.readers.pick import refuse_pick
from tuningfork.task.readers.text_file import TextFormat, refuse_packed, require_file
from tuningfork.task.table import Table
from tuningfork.task.wording import near_names


class Reader(Protocol):
    """What a module of `readers` offers."""

    def column_names(self, path: Path, form: TextFormat) -> tuple[str, ...]:
        """Names of all columns."""

    def read_columns(self, path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
        """All rows of the wanted columns."""


_READERS: dict[str, Reader] = {
    ".csv": delimited,
    ".tsv": delimited,
    ".jsonl": json_rows,
    ".ndjson": json_rows,
    ".json": json_rows,
    ".parquet": parquet,
}


class Harness(Protocol):
    """What a module of `readers` offers for what an evaluation harness writes, which is read at once."""

    def knows(self, path: Path) -> bool:
        """Whether a file is one, by what stands in it."""

    def read_whole(self, path: Path, form: TextFormat) -> Table:
        """All rows of all columns; an unchanged file is read once."""


@dataclass(frozen=True, slots=True)
class _ColumnsOf:
    """A harness's reader as one that is asked for columns."""

    harness: Harness

    def column_names(self, path: Path, form: TextFormat) -> tuple[str, ...]:
        return self.harness.read_whole(path, form).names

    def read_columns(self, path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
        table = self.harness.read_whole(path, form)
        return replace(table, columns={name: table.columns[name] for name in wanted})


_HARNESSES: tuple[Harness, ...] = (lm_eval, inspect_log, promptfoo)
_NEVER_OF_A_HARNESS = (".csv", ".tsv", ".parquet")
_SPREADSHEETS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers")
_SAVE_AS_CSV = (
    "Save the sheet as text: in Excel 'Save As', type 'CSV UTF-8 (Comma delimited)'; in LibreOffice 'Save As', type "
    "'Text CSV', character set 'Unicode (UTF-8)'. Then name {}.csv."
)


def column_names(path: Path, form: TextFormat = TextFormat()) -> tuple[str, ...]:
    """Names of a file's columns, in its order.

    Raises:
        InputError: the file cannot be read, or is of no known format.
    """
    return _reader(path, form).column_names(path, form)


def read_table(path: Path, wanted: Sequence[str] | None = None, form: TextFormat = TextFormat()) -> Table:
    """All rows of a CSV, TSV, JSONL, JSON or Parquet file, or of what an evaluation harness wrote.

    Args:
        wanted: names of the columns to keep; None keeps all that have a name.
        form: how text files are written, and which columns may hold what.

    Raises:
        InputError: whatever is wrong with the file, with file, row and column as far as known; or it lacks a
            wanted column.
    """
    reader = _reader(path, form)
    names = reader.column_names(path, form)
    there = frozenset(names)
    for name in wanted or ():
        if name not in there:
            hint = near_names(name, filter(None, names))
            raise InputError(f"no such column; {hint}", file=path, column=name)
    return reader.read_columns(path, [name for name in names if name] if wanted is None else wanted, form)


def _reader(path: Path, form: TextFormat) -> Reader:
    ending = path.suffix.lower()
    if ending not in (*_NEVER_OF_A_HARNESS, *_SPREADSHEETS):
        for harness in _HARNESSES:
            if harness.knows(path):
                return _ColumnsOf(harness)
    reader = _READERS.get(ending)
    if reader is None:
        require_file(path)
        if ending in _SPREADSHEETS:
            raise InputError("is a spreadsheet", file=path, remedy=_SAVE_AS_CSV.format(path.stem))
        refuse_packed(path)
        raise InputError(
            f"{path.suffix or 'a name without an ending'} is no format for rows",
            file=path,
            remedy=f"Name a file that ends in {', '.join(_READERS)}.",
        )
    refuse_pick(path, form.pick)
    return reader
