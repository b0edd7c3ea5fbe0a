"""Reads files of answers, compares them, and shows the result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from tuningfork.answers.runs import RunAnswers
from tuningfork.cli.compared_files import CompareOptions, NamedSystem, read_files
from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.files import write_text
from tuningfork.foundation.steering import json_text
from tuningfork.report.comparison import ComparisonReport, comparison_markdown, comparison_text
from tuningfork.task.answers.draws import Draws
from tuningfork.task.answers.right import RightLabels
from tuningfork.task.answers.systems import System, told_of_systems
from tuningfork.task.read import FileRead
from tuningfork.task.units import n_units
from tuningfork.verdict.listed_answers import Runs
from tuningfork.verdict.side_by_side import Side, side_by_side

FAILED = 3
"""Exit code where `--fail-on` holds."""

_KEYS = ("id", "text", "row")
_FAILING: dict[str, frozenset[str]] = {
    "worse": frozenset({"worse"}),
    "undecided": frozenset({"undecided"}),
    "not-shown-no-worse": frozenset({"worse", "undecided"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAs:
    """How the result is shown.

    Attributes:
        incumbent: the system in use, which the others are to be no worse than.
        fail_on: what of any other against it is exit code 3.
        out: HTML file to write.
    """

    as_json: bool = False
    as_markdown: bool = False
    incumbent: str | None = None
    fail_on: str | None = None
    out: Path | None = None


def compare_files(
    gold: Path, answers: Sequence[str], *, metric: str, margin: float, options: CompareOptions, shown: ShownAs
) -> int:
    """Compare every pair of systems on the rows of the gold file; over more than one pair, Holm.

    Args:
        answers: FILE, or NAME=FILE,FILE… for runs of one recipe in several files.

    Returns:
        The exit code: 0, or `FAILED`.

    Raises:
        InputError: what is wrong with the files, or with what was asked.
    """
    named = NamedSystem.all(answers)
    incumbent = _refuse_bad_wishes(named, options, shown)
    right, systems = read_files(gold, named, options, options.command([str(gold), *answers]))
    draws = Draws.find(right, systems, text=options.text, group=options.group)
    _refuse_one_draw(draws, right)
    sides = [_side(system) for system in systems]
    found = side_by_side(right.indices, draws.units, sides, metric=metric, margin=margin)
    report = ComparisonReport(
        found=found,
        draws=draws.told(),
        told=told_of_systems(systems, right),
        read=tuple(read.line() for read in (right.read(**draws.columns), *_read_of(systems))),
        incumbent=incumbent,
    )
    if shown.out is not None:
        from tuningfork.report.comparison_page import comparison_html

        write_text(shown.out, comparison_html(report))
    if shown.as_json:
        rows = _as_rows(report, named, systems, right, draws)
        typer.echo(json_text(rows[0] if len(rows) == 1 else rows))
    elif shown.as_markdown:
        typer.echo(comparison_markdown(report), nl=False)
    else:
        console = Console(highlight=False)
        for part in comparison_text(report):
            console.print(part, soft_wrap=isinstance(part, Text))
    if incumbent is None or shown.fail_on is None:
        return 0
    return FAILED if any(one.shown in _FAILING[shown.fail_on] for one in report.advice) else 0


def _refuse_bad_wishes(named: Sequence[NamedSystem], options: CompareOptions, shown: ShownAs) -> str | None:
    """The incumbent's name, if there is one."""
    if len(named) < 2:
        raise InputError("one file of answers cannot be compared", remedy="Name two or more after the gold file.")
    if options.match not in {None, *_KEYS}:
        raise UnknownName("key of --match", str(options.match), known=_KEYS)
    empty = next((one for one in named if not one.paths), None)
    if empty is not None:
        raise InputError(
            f"'{empty.name}=' names no file", remedy="Write NAME=FILE, or NAME=FILE,FILE for several runs."
        )
    if shown.fail_on not in {None, *_FAILING}:
        raise UnknownName("finding of --fail-on", str(shown.fail_on), known=sorted(_FAILING))
    if shown.fail_on is not None and shown.incumbent is None:
        raise InputError("--fail-on needs the system in use", remedy="Add --incumbent FILE.")
    if shown.incumbent is None:
        return None
    known = {word: one.name for one in named for word in (one.name, one.typed, *map(str, one.paths))}
    if shown.incumbent not in known:
        raise UnknownName("system", shown.incumbent, known=[one.name for one in named])
    return known[shown.incumbent]


def _refuse_one_draw(draws: Draws, right: RightLabels) -> None:
    if len(right) < 2:
        raise InputError("one row tells nothing apart", file=right.sheet.path, remedy="Give more rows.")
    if n_units(draws.units) < 2:
        raise InputError(
            f"its {len(right):,} rows are one draw: {draws.told()}",
            file=right.sheet.path,
            remedy="Give rows of more texts and groups.",
        )


def _side(system: System) -> Side:
    answers = RunAnswers.of_labels(system.labels)
    return Side(
        name=system.name,
        runs=Runs(answers, random=system.has_runs, redrawn=answers.vary),
        answered=system.answered,
        invalid=system.invalid,
        probabilities=system.probabilities,
        usd=system.usd,
        seconds=system.seconds,
    )


def _as_rows(
    report: ComparisonReport, named: Sequence[NamedSystem], systems: Sequence[System], right: RightLabels, draws: Draws
) -> list[dict[str, Any]]:
    """One object a pair, for `--json`."""
    typed = {one.name: one.typed for one in named}
    of = {system.name: system for system in systems}
    scores = {score.name: asdict(score) for score in report.found.systems}
    gold_read = right.read(**draws.columns)
    return [
        {
            "a": typed[pair.a],
            "b": typed[pair.b],
            **asdict(pair.comparison),
            "p_holm": pair.p_holm,
            "saving": None if pair.saving is None else asdict(pair.saving),
            "systems": [scores[pair.a], scores[pair.b]],
            "advice": [asdict(one) for one in report.advice if one.name in {pair.a, pair.b}],
            "read": [read.as_dict() for read in (gold_read, *of[pair.a].read(), *of[pair.b].read())],
            "notes": [f"{name}: {told}" for name in (pair.a, pair.b) for told in of[name].told(right)],
        }
        for pair in report.found.pairs
    ]


def _read_of(systems: Sequence[System]) -> Iterator[FileRead]:
    for system in systems:
        yield from system.read()
