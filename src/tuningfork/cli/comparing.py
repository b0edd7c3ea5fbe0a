"""Reads files of labels, compares them pair by pair, and shows the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table as TextTable

from tuningfork.errors import InputError
from tuningfork.report.text import one_line
from tuningfork.stats.multiplicity import holm
from tuningfork.task.reading import read_table
from tuningfork.verdict.compare import Comparison, compare

_LABEL_COLUMNS = ("prediction", "predicted", "label")
_KEY_COLUMNS = ("id", "text")


def compare_files(gold: Path, answers: Sequence[Path], *, metric: str, margin: float, as_json: bool) -> None:
    """Compare every pair of answer files on the rows of the gold file; over more than one pair, Holm."""
    if len(answers) < 2:
        raise InputError("one file of answers cannot be compared", remedy="Name two or more after the gold file.")
    right = _labels(gold, ("label", *_LABEL_COLUMNS))
    given = [_aligned(gold, path) for path in answers]
    pairs = list(combinations(range(len(answers)), 2))
    found = [compare(right, given[i], given[j], metric=metric, margin=margin) for i, j in pairs]
    corrected = holm([1.0 if c.p_value is None else c.p_value for c in found])
    rows = [
        {"a": str(answers[i]), "b": str(answers[j]), **_as_dict(comparison), "p_holm": p}
        for (i, j), comparison, p in zip(pairs, found, corrected, strict=True)
    ]
    if as_json:
        typer.echo(json.dumps(rows[0] if len(rows) == 1 else rows, indent=2, ensure_ascii=False))
        return
    for (i, j), comparison in zip(pairs, found, strict=True):
        typer.echo(one_line(f"{answers[i].name} (a) against {answers[j].name} (b): {comparison}"))
    if len(rows) > 1:
        _show_corrected(rows)


def _show_corrected(rows: Sequence[dict[str, object]]) -> None:
    table = TextTable(box=None, header_style="bold", title="p-values corrected for all pairs (Holm)")
    for heading in ("a", "b", "p", "p (Holm)"):
        table.add_column(heading)
    for row in rows:
        p = row["p_value"]
        shown = "–" if p is None else f"{p:.3f}"
        table.add_row(Path(str(row["a"])).name, Path(str(row["b"])).name, shown, f"{row['p_holm']:.3f}")
    Console(highlight=False).print(table)


def _as_dict(comparison: Comparison) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(comparison)


def _labels(path: Path, columns: Sequence[str]) -> list[str]:
    table = read_table(path)
    name = next((column for column in columns if column in table.columns), None)
    if name is None:
        raise InputError(f"no column {' or '.join(map(repr, columns))}", file=path, remedy="Rename the column.")
    return list(table.columns[name])


def _aligned(gold: Path, path: Path) -> list[str]:
    """Answers in the order of the gold file: matched by id or text where both have it, else row by row."""
    right, table = read_table(gold), read_table(path)
    labels = _labels(path, _LABEL_COLUMNS)
    key = next((name for name in _KEY_COLUMNS if name in right.columns and name in table.columns), None)
    if key is None:
        if len(labels) != len(right):
            raise InputError(
                f"has {len(labels)} rows, {gold} has {len(right)}",
                file=path,
                remedy="Give both an 'id' or 'text' column, or the same rows in the same order.",
            )
        return labels
    by_key = dict(zip(table.columns[key], labels, strict=True))
    for row, value in zip(right.rows, right.columns[key], strict=True):
        if value not in by_key:
            raise InputError(f"no answer for {key} {value[:60]!r}", file=path, remedy=f"It is row {row} of {gold}.")
    return [by_key[value] for value in right.columns[key]]
