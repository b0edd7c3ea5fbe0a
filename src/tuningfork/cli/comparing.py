"""Reads files of answers, compares them, and shows the result."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.files import write_text
from tuningfork.foundation.steering import json_text
from tuningfork.report.comparison import ComparisonReport, comparison_markdown, comparison_text
from tuningfork.task.answers.draws import Draws
from tuningfork.task.answers.labels import MOSTLY_LABELS, NeverLabels, Remedies
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.answers.right import RightLabels, read_right_labels, refuse_if_no_file_says_a_label
from tuningfork.task.answers.systems import System, told_of_systems
from tuningfork.task.read import FileRead
from tuningfork.task.readers.text_file import TextFormat, Undecodable
from tuningfork.task.units import n_units
from tuningfork.verdict.listed_answers import Runs
from tuningfork.verdict.scores import answers_vary
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
class CompareOptions:
    """What was typed of how the files are to be read; None is found.

    Attributes:
        label: column of the right labels; `answer` that of the answers; `id` and `text` tell rows apart.
        answer_column: FILE=COLUMN, for one file.
        group: column of the gold file: rows with equal values in it are one draw.
        match: 'id', 'text' or 'row': what rows are matched by.
        label_names: file that says which code is which label.
        encoding, delimiter: of text files that are not plainly otherwise.
    """

    label: str | None = None
    answer: str | None = None
    answer_column: tuple[str, ...] = ()
    id: str | None = None
    text: str | None = None
    group: str | None = None
    match: str | None = None
    label_names: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def form(self) -> TextFormat:
        """How the files are written."""
        return TextFormat(self.encoding or "utf-8", self.delimiter)

    def command(self, files: Sequence[str]) -> str:
        """The whole command, `{}` where a further option stands."""
        typed = [(name, value) for name, value in asdict(self).items() if value not in {None, ()}]
        options = [(name, one) for name, value in typed for one in (value if isinstance(value, tuple) else (value,))]
        words = [word for name, value in options for word in (f"--{name.replace('_', '-')}", str(value))]
        return f"{shlex.join(['tuningfork', 'compare', *files, *words])} {{}}"


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


@dataclass(frozen=True, slots=True)
class _Named:
    """A system as typed: FILE, or NAME=FILE,FILE…

    Attributes:
        typed: what `--json` calls it: the path, or the name that was given.
        name: what people read.
    """

    typed: str
    name: str
    paths: tuple[Path, ...]

    @classmethod
    def all(cls, typed: Sequence[str]) -> list[_Named]:
        """Files go by their names without the folder, where no two have the same; one given twice is numbered."""
        read = [cls._of(one) for one in typed]
        names = [named.name for named in read]
        read = [named if names.count(named.name) == 1 else replace(named, name=named.typed) for named in read]
        names = [named.name for named in read]
        return [
            replace(named, name=f"{named.name} ({before + 1})")
            if (before := names[:place].count(named.name))
            else named
            for place, named in enumerate(read)
        ]

    @classmethod
    def _of(cls, typed: str) -> _Named:
        name, equals, files = typed.partition("=")
        if not equals or not name or "?" in name or Path(typed).exists():
            return cls(typed, Path(typed).name, (Path(typed),))
        return cls(name, name, tuple(Path(file) for file in files.split(",") if file))


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
    named = _Named.all(answers)
    incumbent = _refuse_bad_wishes(named, options, shown)
    right, systems = _read_files(gold, named, options, options.command([str(gold), *answers]))
    draws = Draws.find(right, systems, text=options.text, group=options.group)
    _refuse_one_draw(draws, right)
    sides = [_side(system) for system in systems]
    found = side_by_side(right.indices, len(right.labels), draws.units, sides, metric=metric, margin=margin)
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


def _refuse_bad_wishes(named: Sequence[_Named], options: CompareOptions, shown: ShownAs) -> str | None:
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


def _read_files(
    gold: Path, named: Sequence[_Named], options: CompareOptions, command: str
) -> tuple[RightLabels, list[System]]:
    """The right labels, and every system with its rows matched to them."""
    remedies = _remedies(command, "--label")
    try:
        right = read_right_labels(
            gold,
            column=options.label,
            row_id=options.id,
            text=options.text,
            group=options.group,
            form=options.form,
            remedies=remedies,
        )
    except Undecodable as error:
        raise error.with_command(remedies.encoding(error.likely[0])) from error
    paths = [path for one in named for path in one.paths]
    columns = _answer_columns(options.answer_column, paths)

    def read(path: Path, known: Collection[str] = ()) -> AnswersFile:
        return read_answers(
            path,
            right.labels,
            said=Said(column=columns.get(path, options.answer), match=options.match, codes=options.label_names),
            keys=(options.id or right.id_column, options.text or right.text_column),
            study=options.form,
            remedies=_remedies(command, "--answer"),
            beside=[right.sheet],
            known=known,
            least=MOSTLY_LABELS,
            several_runs=True,
        )

    files = _all_read(paths, read)
    if options.id is not None and not any(
        options.id in sheet.names for sheet in (right.sheet, *(f.sheet for f in files))
    ):
        right.sheet.named(options.id, "--id")
    refuse_if_no_file_says_a_label(right, files)
    waiting = iter(files)
    return right, [System.of(one.name, [next(waiting) for _ in one.paths], right, options.match) for one in named]


def _answer_columns(typed: Sequence[str], paths: Sequence[Path]) -> dict[Path, str]:
    """File -> the column that answers, as was said of it alone."""
    found: dict[Path, str] = {}
    for one in typed:
        file, equals, column = one.rpartition("=")
        matching = [path for path in paths if file in {str(path), path.name}]
        if not equals or not column or not matching:
            raise InputError(
                f"--answer-column {one!r} is no FILE=COLUMN of a file that is compared",
                remedy=f"Write --answer-column {paths[0].name}=prediction.",
            )
        found |= dict.fromkeys(matching, column)
    return found


def _all_read(paths: Sequence[Path], read: Callable[..., AnswersFile]) -> list[AnswersFile]:
    """Every file; answers that are no right label are labels all the same, where another file has them too."""
    found: dict[int, AnswersFile] = {}
    unread: list[int] = []
    for place, path in enumerate(paths):
        try:
            found[place] = read(path)
        except NeverLabels:
            unread.append(place)
    known = {answer for file in found.values() for answer in file.column.given}
    found |= {place: read(paths[place], known) for place in unread}
    return [found[place] for place in range(len(paths))]


def _remedies(command: str, column: str) -> Remedies:
    return Remedies(
        command,
        column=f"{column} {{}}",
        label_names="--label-names names.csv",
        codes="--label-names names.csv",
        encoding="--encoding {}",
        match="--match {}",
    )


def _side(system: System) -> Side:
    labels = system.labels
    return Side(
        name=system.name,
        runs=Runs(labels, random=system.has_runs, redrawn=answers_vary(labels)),
        answered=system.answered,
        invalid=system.invalid,
        probabilities=system.probabilities,
        usd=system.usd,
        seconds=system.seconds,
    )


def _as_rows(
    report: ComparisonReport, named: Sequence[_Named], systems: Sequence[System], right: RightLabels, draws: Draws
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
