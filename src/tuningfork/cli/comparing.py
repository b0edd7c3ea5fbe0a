"""Reads files of labels, compares them pair by pair, and shows the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table as TextTable
from rich.text import Text

from tuningfork.errors import InputError
from tuningfork.foundation.steering import json_text
from tuningfork.report.text import one_line
from tuningfork.stats.multiplicity import holm
from tuningfork.task.reading import read_table
from tuningfork.task.table import Table
from tuningfork.task.wording import counted, quoted
from tuningfork.verdict.compare import compare

_ANSWER_COLUMNS = ("prediction", "predicted", "label")
_RIGHT_COLUMNS = ("label", "prediction", "predicted")
_KEY_COLUMNS = ("id", "text")


def compare_files(gold: Path, answers: Sequence[Path], *, metric: str, margin: float, as_json: bool) -> None:
    """Compare every pair of answer files on the rows of the gold file; over more than one pair, Holm."""
    if len(answers) < 2:
        raise InputError("one file of answers cannot be compared", remedy="Name two or more after the gold file.")
    right = _Labelled.read(gold, _RIGHT_COLUMNS)
    right.require_all()
    given = [_aligned(right, _Labelled.read(path, _ANSWER_COLUMNS)) for path in answers]
    pairs = list(combinations(range(len(answers)), 2))
    found = [compare(right.labels, given[i], given[j], metric=metric, margin=margin) for i, j in pairs]
    corrected = holm([1.0 if c.p_value is None else c.p_value for c in found])
    rows = [
        {"a": str(answers[i]), "b": str(answers[j]), **asdict(comparison), "p_holm": p}
        for (i, j), comparison, p in zip(pairs, found, corrected, strict=True)
    ]
    if as_json:
        typer.echo(json_text(rows[0] if len(rows) == 1 else rows))
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
        names = [Text(one_line(Path(str(row[side])).name)) for side in ("a", "b")]
        table.add_row(*names, shown, f"{row['p_holm']:.3f}")
    Console(highlight=False).print(table)


@dataclass(frozen=True, slots=True, eq=False)
class _Labelled:
    """The rows of a file with the labels in them, blanks around a label left out."""

    path: Path
    table: Table
    column: str
    labels: list[str]

    @classmethod
    def read(cls, path: Path, columns: Sequence[str]) -> _Labelled:
        """The labels are in the first of `columns` that is there."""
        table = read_table(path)
        column = next((name for name in columns if name in table.columns), None)
        if column is None:
            raise InputError(f"no column {' or '.join(map(repr, columns))}", file=path, remedy="Rename the column.")
        return cls(path, table, column, [value.strip() for value in table.columns[column]])

    def require_all(self) -> None:
        """Every row has a label."""
        for row, label in zip(self.table.rows, self.labels, strict=True):
            if not label:
                remedy = "Leave out rows without one."
                raise InputError("no right label", file=self.path, row=row, column=self.column, remedy=remedy)

    def by(self, key: str) -> dict[str, str]:
        """Label by the value of the column `key`; an empty one where a row has none."""
        found: dict[str, str] = {}
        for row, value, label in zip(self.table.rows, self.table.columns[key], self.labels, strict=True):
            if found.setdefault(value, label) != label:
                problem = f"a second, different answer for {quoted(value)}"
                raise InputError(problem, file=self.path, row=row, column=key, remedy="Keep one answer a row.")
        return found


def _aligned(right: _Labelled, given: _Labelled) -> list[str]:
    """Answers in the order of the right labels: matched by id or text where both have it, else row by row."""
    shared = (name for name in _KEY_COLUMNS if name in right.table.columns and name in given.table.columns)
    key = next(shared, None)
    if key is None:
        if len(given.labels) != len(right.labels):
            raise InputError(
                f"has {counted(len(given.labels), 'row')}, {right.path} has {len(right.labels)}",
                file=given.path,
                remedy="Give both an 'id' or 'text' column, or the same rows in the same order.",
            )
        return given.labels
    wanted = right.table.columns[key]
    if list(wanted) == list(given.table.columns[key]):
        return given.labels
    by_key = given.by(key)
    for row, value in zip(right.table.rows, wanted, strict=True):
        if value not in by_key:
            problem = f"no answer for {key} {quoted(value)}"
            raise InputError(problem, file=given.path, remedy=f"It is row {row} of {right.path}.")
    return [by_key[value] for value in wanted]
