"""Rows with nested values, written in every format that is read."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars


def as_json_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.with_suffix(".jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def as_json(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.with_suffix(".json").write_text(json.dumps(rows, indent=1), encoding="utf-8")


def as_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    polars.DataFrame(rows).write_parquet(path.with_suffix(".parquet"))


def as_csv(path: Path, rows: Sequence[Mapping[str, Any]], write: Callable[[Any], str] = json.dumps) -> None:
    """Nested values as `write` writes them: JSON, or what Python prints."""
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({key: write(cell) if isinstance(cell, list | dict) else cell for key, cell in row.items()})


def as_python_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    as_csv(path, rows, repr)


WRITERS = {
    "JSONL": (as_json_lines, ".jsonl"),
    "JSON": (as_json, ".json"),
    "Parquet": (as_parquet, ".parquet"),
    "CSV with JSON": (as_csv, ".csv"),
    "CSV as Python prints": (as_python_csv, ".csv"),
}
