"""Rows inside one JSON document: an array, an array under a key, arrays under names of splits, or whole columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tuningfork.errors import InputError
from tuningfork.task.readers.json_values import Number, Record, as_text

_SPLITS = ("train", "training", "validation", "valid", "val", "dev", "test", "unsupervised")
_NO_ROWS = (
    "messages",
    "conversations",
    "conversation",
    "contents",
    "input",
    "prompt",
    "annotations",
    "responses",
    "suggestions",
    "options",
)
"""Keys whose arrays belong to one row."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows found in a document.

    Attributes:
        records: one object a row.
        told: what they lay in, in words.
        label_names: column -> code -> name, where the document tells the names of its codes.
    """

    records: Sequence[object]
    told: str
    label_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def rows_in(document: object, source: str) -> Rows | None:
    """The rows of one document, or None where it is no container of rows but perhaps one itself.

    Raises:
        InputError: arrays under the names of several splits, of which one has to be chosen.
    """
    if isinstance(document, list):
        return Rows(document, "JSON array")
    if not isinstance(document, dict) or not document:
        return None
    lists = {
        key: value for key, value in document.items() if key not in _NO_ROWS and _is_of(value, dict) and value != []
    }
    if len(lists) > 1 and all(key.lower() in _SPLITS for key in lists):
        raise InputError(
            f"holds several splits: {', '.join(f'{key!r} ({len(rows)} rows)' for key, rows in lists.items())}",
            file=source,
            remedy="Write each to a file of its own, and name them: DATA, --test FILE, --validation FILE.",
        )
    rows = lists.get("rows") or lists.get("data") or (next(iter(lists.values())) if len(lists) == 1 else None)
    if rows is not None:
        key = next(key for key, value in lists.items() if value is rows)
        names = _class_names(document.get("features"))
        return Rows([_unwrapped(row) for row in rows], f"JSON, rows under {key!r}", names)
    return _split_oriented(document) or _by_columns(document)


def class_label_names(features: Mapping[str, object]) -> dict[str, dict[str, str]]:
    """Names by code of the columns of Hugging Face's kind ClassLabel."""
    found: dict[str, dict[str, str]] = {}
    for column, feature in features.items():
        # A list of labels keeps the feature of its items: as one entry of a list, or under a key.
        inner = feature[0] if isinstance(feature, list) and len(feature) == 1 else feature
        inner = inner.get("feature", inner) if isinstance(inner, dict) else inner
        names = inner.get("names") if isinstance(inner, dict) else None
        if isinstance(names, dict):
            found[column] = {str(code): str(name) for code, name in names.items()}
        elif isinstance(names, list) and names:
            found[column] = {str(code): str(name) for code, name in enumerate(names)}
    return found


def _class_names(features: object) -> dict[str, dict[str, str]]:
    """The same from the list of features that the Hub's viewer answers with."""
    if not isinstance(features, list):
        return {}
    named = {str(one["name"]): one.get("type") for one in features if isinstance(one, dict) and "name" in one}
    return class_label_names(named)


def _unwrapped(row: object) -> object:
    """A row of the Hub's viewer without what it is wrapped in."""
    return row["row"] if isinstance(row, dict) and "row_idx" in row and isinstance(row.get("row"), dict) else row


def _split_oriented(document: Record) -> Rows | None:
    """`{"columns": […], "data": [[…], …]}`, as pandas writes it."""
    columns, data = document.get("columns"), document.get("data")
    if not (_is_of(columns, str) and _is_of(data, list)):
        return None
    assert isinstance(columns, list) and isinstance(data, list)
    if any(len(row) != len(columns) for row in data):
        return None
    return Rows([dict(zip(columns, row, strict=True)) for row in data], "JSON, columns and data")


def _by_columns(document: Record) -> Rows | None:
    """Whole columns, as lists or by row number; or rows by their number."""
    values = list(document.values())
    if len(values) > 1 and all(isinstance(value, list) for value in values):
        lengths = {len(value) for value in values if isinstance(value, list)}
        if len(lengths) == 1 and lengths != {0}:
            fields = zip(*(value for value in values if isinstance(value, list)), strict=True)
            return Rows([dict(zip(document, row, strict=True)) for row in fields], "JSON by columns")
    if len(values) > 1 and all(isinstance(value, dict) and value for value in values):
        inner = [list(value) for value in values if isinstance(value, dict)]
        numbered = all(key.isdigit() for key in inner[0])
        if numbered and all(keys == inner[0] for keys in inner):
            columns = {key: value for key, value in document.items() if isinstance(value, dict)}
            rows = [{name: column[number] for name, column in columns.items()} for number in inner[0]]
            return Rows(rows, "JSON by columns")
        if all(key.isdigit() for key in document):
            return Rows(values, "JSON by row numbers")
    return None


def _is_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, kind) for one in value)


def plain(value: object) -> str | None:
    """A string or number as text; None for anything else."""
    return as_text(value) if isinstance(value, str | Number) else None
