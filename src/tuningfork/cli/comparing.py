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
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.reading import read_table
from tuningfork.task.table import Table
from tuningfork.task.units import n_units, units_of
from tuningfork.task.wording import counted, near_names, quoted
from tuningfork.verdict.compare import compare

_ANSWER_COLUMNS = ("prediction", "predicted", "label")
_RIGHT_COLUMNS = ("label", "prediction", "predicted")
_KEY_COLUMNS = ("id", "text")


def compare_files(
    gold: Path,
    answers: Sequence[Path],
    *,
    metric: str,
    margin: float,
    text: str | None,
    group: str | None,
    as_json: bool,
) -> None:
    """Compare every pair of answer files on the rows of the gold file; over more than one pair, Holm.

    Args:
        text: the column with the texts; None finds it by its name, and does without where none is plain.
        group: a column of the gold file whose equal values are one draw.
    """
    if len(answers) < 2:
        raise InputError("one file of answers cannot be compared", remedy="Name two or more after the gold file.")
    right = _Labelled.read(gold, _RIGHT_COLUMNS)
    right.require_all()
    files = [_Labelled.read(path, _ANSWER_COLUMNS) for path in answers]
    places = [_places(right, file) for file in files]
    draws = _Draws.find(right, files, places, text=text, group=group)
    given = [[file.labels[place] for place in at] for file, at in zip(files, places, strict=True)]
    pairs = list(combinations(range(len(answers)), 2))
    found = [
        compare(right.labels, given[i], given[j], metric, draws.groups, margin, texts=draws.texts) for i, j in pairs
    ]
    corrected = holm([1.0 if c.p_value is None else c.p_value for c in found])
    rows = [
        {"a": str(answers[i]), "b": str(answers[j]), **asdict(comparison), "p_holm": p}
        for (i, j), comparison, p in zip(pairs, found, corrected, strict=True)
    ]
    if as_json:
        typer.echo(json_text(rows[0] if len(rows) == 1 else rows))
        return
    if found[0].n_units < found[0].n:
        few = " They are few: below 20 intervals are very wide." if "few_units" in found[0].cautions else ""
        typer.echo(one_line(draws.told(found[0].n, found[0].n_units) + few))
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

    def column_named(self, name: str, option: str) -> list[str]:
        """The values of a column that the user named."""
        if name not in self.table.columns:
            problem = f"no such column; {near_names(name, self.table.names)}"
            raise InputError(problem, file=self.path, column=name, remedy=f"Say which with {option}.")
        return list(self.table.columns[name])

    def by(self, key: str) -> dict[str, int]:
        """Place in this file by the value of the column `key`: the first one, where equal rows answer alike."""
        found: dict[str, int] = {}
        for place, value in enumerate(self.table.columns[key]):
            if self.labels[found.setdefault(value, place)] != self.labels[place]:
                problem = f"a second, different answer for {quoted(value)}"
                row = self.table.rows[place]
                raise InputError(problem, file=self.path, row=row, column=key, remedy="Keep one answer a row.")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """What makes rows one draw, in the order of the right labels.

    Attributes:
        texts, groups: one a row; None without such a column.
        text, group: the columns, and the file of the texts, as people read them.
    """

    texts: list[str] | None
    groups: list[str] | None
    text: str
    group: str

    @classmethod
    def find(
        cls,
        right: _Labelled,
        files: Sequence[_Labelled],
        places: Sequence[Sequence[int]],
        *,
        text: str | None,
        group: str | None,
    ) -> _Draws:
        """Texts of the gold file, else of the first file of answers that has some."""
        groups = None if group is None else [name.strip() for name in right.column_named(group, "--group")]
        told = f"column {quoted(group)}" if group else ""
        for file, at in ((right, range(len(right.labels))), *zip(files, places, strict=True)):
            column = obvious_text_column(file.table.names) if text is None else text
            if column is not None and column in file.table.columns and column not in {file.column, group}:
                texts = [file.table.columns[column][place] for place in at]
                where = f"column {quoted(column)} of {file.path.name}"
                return cls(texts=texts, groups=groups, text=where, group=told)
        if text is not None:
            right.column_named(text, "--text")
        return cls(texts=None, groups=groups, text="", group=told)

    def told(self, rows: int, draws: int) -> str:
        """'360 rows, 120 different texts (column 'text' of gold.csv): equal texts are one draw.'"""
        alone = [""] * rows
        kinds = (
            ("different text", self.text, "equal texts", units_of([self.texts or alone])),
            ("group", self.group, "rows of one group", units_of([alone], self.groups)),
        )
        found = [(noun, where, alike, n_units(units)) for noun, where, alike, units in kinds if n_units(units) < rows]
        counts = [f"{counted(number, noun)} ({where})" for noun, where, _, number in found]
        alike = " and ".join(alike for _, _, alike, _ in found)
        in_all = f"; {counted(draws, 'draw')} in all" if len(found) > 1 else ""
        return f"{', '.join([counted(rows, 'row'), *counts])}: {alike} are one draw{in_all}."


def _places(right: _Labelled, given: _Labelled) -> list[int]:
    """Where each right label's answer stands: matched by id or text where both have it, else row by row."""
    shared = (name for name in _KEY_COLUMNS if name in right.table.columns and name in given.table.columns)
    key = next(shared, None)
    if key is None:
        if len(given.labels) != len(right.labels):
            raise InputError(
                f"has {counted(len(given.labels), 'row')}, {right.path} has {len(right.labels)}",
                file=given.path,
                remedy="Give both an 'id' or 'text' column, or the same rows in the same order.",
            )
        return list(range(len(given.labels)))
    wanted = right.table.columns[key]
    if list(wanted) == list(given.table.columns[key]):
        return list(range(len(given.labels)))
    by_key = given.by(key)
    for row, value in zip(right.table.rows, wanted, strict=True):
        if value not in by_key:
            problem = f"no answer for {key} {quoted(value)}"
            raise InputError(problem, file=given.path, remedy=f"It is row {row} of {right.path}.")
    return [by_key[value] for value in wanted]
