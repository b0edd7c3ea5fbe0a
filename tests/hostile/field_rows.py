"""Sentence pairs and questions with options, in every format, for the tables of what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars

from hostile.case import Case, json_lines, refused, works

N = 40
Row = dict[str, Any]


def pair(i: int) -> Row:
    return {"premise": f"first text {i} of {i % 7}", "hypothesis": f"second {i} then {i % 5}", "label": "yn"[i % 2]}


def question(i: int) -> Row:
    choices = [f"red {i}", f"green {i}", f"blue {i}"]
    return {"question": f"which one of {i} is it", "choices": choices, "answer": choices[i % 3]}


def rows(
    of: Callable[[int], Row], changes: Mapping[int, Row] | None = None, *, without: Sequence[str] = ()
) -> list[Row]:
    """`N` rows; `changes` by row number from 1, and keys that no row has."""
    made = [of(i) | (changes or {}).get(i + 1, {}) for i in range(N)]
    return [{key: value for key, value in row.items() if key not in without} for row in made]


def as_csv(given: Sequence[Row], delimiter: str = ",") -> str:
    """CSV or TSV, nested values as JSON."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow(given[0])
    for row in given:
        writer.writerow([json.dumps(cell) if isinstance(cell, list | dict) else cell for cell in row.values()])
    return buffer.getvalue()


def as_parquet(given: Sequence[Row]) -> bytes:
    buffer = io.BytesIO()
    polars.DataFrame(given, strict=False).write_parquet(buffer)
    return buffer.getvalue()


def bad(name: str, kind: str, file: str, content: str | bytes, *says: str, options: str = "") -> Case:
    """A file of rows of this type that cannot be used."""
    return refused(name, ["plan", file, "--type", kind, *options.split()], file, *says, files={file: content})


def in_all_formats(name: str, kind: str, given: Sequence[Row], *says: str, options: str = "") -> list[Case]:
    """The same fault in every format."""
    return [
        bad(f"{name}, CSV", kind, "rows.csv", as_csv(given), *says, options=options),
        bad(f"{name}, TSV", kind, "rows.tsv", as_csv(given, "\t"), *says, options=options),
        bad(f"{name}, JSONL", kind, "rows.jsonl", json_lines(given), *says, options=options),
        bad(f"{name}, JSON", kind, "rows.json", json.dumps(given), *says, options=options),
        bad(f"{name}, Parquet", kind, "rows.parquet", as_parquet(given), *says, options=options),
    ]


def read(name: str, content: str, *says: str, options: str, file: str = "rows.csv") -> Case:
    """A file of rows that is odd, and fine; the profile says what was read."""
    return works(name, ["profile", file, "--json", *options.split()], *says, files={file: content})


def of_task(name: str, content: str, *says: str, file: str = "rows.csv", data: str | None = None) -> Case:
    """A task.yaml whose task cannot be."""
    return refused(
        name,
        ["plan", "task.yaml"],
        *says,
        files={"task.yaml": content, file: as_csv(rows(pair)) if data is None else data},
    )


PAIRS = as_csv(rows(pair))
CHOICES = json_lines(rows(question))
SAME = [row | {"hypothesis": row["premise"]} for row in rows(pair)]
BOTH_FIT = [row | {"answer": "12"[i % 2]} for i, row in enumerate(rows(question))]
BOTH_USED = [row | {"answer": "03"[i % 2]} for i, row in enumerate(rows(question))]
