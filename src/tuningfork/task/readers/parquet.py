"""Parquet, through polars; every kind of plain column becomes strings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tuningfork.errors import InputError
from tuningfork.task.readers.containers import class_label_names
from tuningfork.task.readers.json_values import as_text
from tuningfork.task.readers.text_file import TextFormat, refuse_packed, require_file
from tuningfork.task.table import Found, Table

if TYPE_CHECKING:
    import polars


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Names of the columns. `form` is for text files and has no say here.

    Raises:
        InputError: no readable Parquet file.
    """
    import polars

    with _readable(path) as file:
        return tuple(polars.read_parquet_schema(file))


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted columns of all rows: nulls and NaN are empty fields, numbers and dates are written out. Names of codes
    that Hugging Face's `ClassLabel` keeps in the file's metadata are found too.

    Raises:
        InputError: no readable Parquet file, no row, or a wanted column that holds lists, structs or bytes.
    """
    import polars

    with _readable(path) as file:
        frame = polars.read_parquet(file, columns=list(wanted))
        names = _class_label_names(file)
    if frame.height == 0:
        raise InputError("has no row", file=path)
    columns = {name: _strings(path, frame[name], form) for name in wanted}
    found = Found(format="Parquet", label_names=names)
    return Table(source=str(path), columns=columns, rows=range(1, frame.height + 1), found=found)


def _class_label_names(file: BinaryIO) -> dict[str, dict[str, str]]:
    """Names by code of every column of kind `ClassLabel`; none where the metadata hold something else."""
    import polars

    read = getattr(polars, "read_parquet_metadata", None)  # newer than the oldest polars that will do
    if read is None:
        return {}
    file.seek(0)
    try:
        told = json.loads(read(file).get("huggingface", "{}"))
        return class_label_names(told["info"]["features"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _strings(path: Path, column: polars.Series, form: TextFormat) -> list[str]:
    import polars

    kind = column.dtype
    aside = column.name in form.aside
    if isinstance(kind, polars.List) and (aside or column.name in form.lists) and not kind.inner.is_nested():
        return [as_text(value) for value in column.to_list()]
    if aside and (kind.is_nested() or kind in (polars.Binary, polars.Object)):
        return [""] * len(column)
    if kind.is_nested() or kind in (polars.Binary, polars.Object):
        problem = f"holds {kind}, not one value a row"
        raise InputError(problem, file=path, column=column.name, remedy="Write one string there.")
    if kind.is_float():
        column = column.fill_nan(None)
    return column.cast(polars.String).fill_null("").to_list()


@contextmanager
def _readable(path: Path) -> Iterator[BinaryIO]:
    """The file, open: its name would be taken for a pattern, or for a partition with columns of its own."""
    import polars

    require_file(path)
    refuse_packed(path)
    try:
        with path.open("rb") as file:
            yield file
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        remedy = "Is it complete? Write it again, or as CSV or JSONL."
        raise InputError(f"is no readable Parquet file ({reason})", file=path, remedy=remedy) from error
