"""Parquet, through polars; every kind of plain column becomes strings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tuningfork.errors import InputError
from tuningfork.task.readers.containers import class_label_names
from tuningfork.task.readers.json_rows import field_of
from tuningfork.task.readers.json_values import as_text
from tuningfork.task.readers.text_file import TextFormat, refuse_packed, require_file
from tuningfork.task.readers.tools import Shaped, shaped
from tuningfork.task.table import Found, Table

if TYPE_CHECKING:
    import polars


def column_names(path: Path, form: TextFormat) -> tuple[str, ...]:
    """Names of the columns, and those that its tool's shape adds. `form` is for text files and has no say here.

    Raises:
        InputError: no readable Parquet file.
    """
    import polars

    with _readable(path) as file:
        names = tuple(polars.read_parquet_schema(file))
        made = _shaped(path, file)
    return names if made is None else tuple(dict.fromkeys(key for _, row in made.rows for key in row))


def read_columns(path: Path, wanted: Sequence[str], form: TextFormat) -> Table:
    """The wanted columns of all rows: nulls and NaN are empty fields, numbers and dates are written out. Names of codes
    that Hugging Face's `ClassLabel` keeps in the file's metadata are found too.

    Raises:
        InputError: no readable Parquet file, no row, or a wanted column that holds lists, structs or bytes.
    """
    import polars

    with _readable(path) as file:
        made = _shaped(path, file)
        names = _class_label_names(file)
        if made is not None:
            return _table_of(path, made, wanted, form, names)
        file.seek(0)
        frame = polars.read_parquet(file, columns=list(wanted))
    if frame.height == 0:
        raise InputError("has no row", file=path)
    columns = {name: _strings(path, frame[name], form) for name in wanted}
    found = Found(format="Parquet", label_names=names)
    return Table(source=str(path), columns=columns, rows=range(1, frame.height + 1), found=found)


def _shaped(path: Path, file: BinaryIO) -> Shaped | None:
    """The rows of a file whose columns are nested as a tool nests them (a chat's turns, say); None for others."""
    import polars

    file.seek(0)
    if not any(kind.is_nested() for kind in polars.read_parquet_schema(file).values()):
        return None
    file.seek(0)
    first = polars.read_parquet(file, n_rows=1).to_dicts()
    shape = shaped(first[0]) if first else None
    if shape is None:
        return None
    file.seek(0)
    return shape(path, list(enumerate(polars.read_parquet(file).to_dicts(), start=1)))


def _table_of(
    path: Path, made: Shaped, wanted: Sequence[str], form: TextFormat, names: Mapping[str, Mapping[str, str]]
) -> Table:
    kinds: dict[str, str] = {}
    lax = {*form.aside, *made.origin}
    columns = {
        name: [
            as_text(record.get(name)) if name in lax else field_of(path, row, name, record, kinds, form)
            for row, record in made.rows
        ]
        for name in wanted
    }
    told = f"{made.told.removesuffix(' JSONL')} in Parquet"
    found = Found(format=told, origin=made.origin, label_names={**names, **made.label_names})
    return Table(source=str(path), columns=columns, rows=[row for row, _ in made.rows], found=found)


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
    flat = isinstance(kind, polars.List) and not kind.inner.is_nested()
    if kind.is_nested() and (column.name in form.lists or (aside and flat)):
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
