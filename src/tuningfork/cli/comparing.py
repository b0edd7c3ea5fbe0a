"""Reads files of labels, compares them pair by pair, and shows the result."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table as TextTable
from rich.text import Text

from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.steering import json_text
from tuningfork.report.text import one_line
from tuningfork.stats.multiplicity import holm
from tuningfork.task.answers.checks import check_against_right
from tuningfork.task.answers.labels import NO_LABEL, NeverLabels, Remedies
from tuningfork.task.answers.matching import Match
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.answers.right import RightLabels, read_right_labels, refuse_if_no_file_says_a_label
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.read import FileRead
from tuningfork.task.readers.text_file import TextFormat, Undecodable
from tuningfork.task.units import n_units, units_of
from tuningfork.task.wording import counted, quoted
from tuningfork.verdict.compare import Comparison, compare

_KEYS = ("id", "text", "row")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What was typed of how the files are to be read; None is found.

    Attributes:
        label: column of the right labels; `answer` that of the answers; `id` and `text` tell rows apart.
        group: column of the gold file: rows with equal values in it are one draw.
        match: 'id', 'text' or 'row': what rows are matched by.
        label_names: file that says which code is which label.
        encoding, delimiter: of text files that are not plainly otherwise.
    """

    label: str | None = None
    answer: str | None = None
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

    def command(self, files: Sequence[Path]) -> str:
        """The whole command, `{}` where a further option stands."""
        typed = [(f"--{name.replace('_', '-')}", value) for name, value in asdict(self).items() if value is not None]
        words = ["tuningfork", "compare", *map(str, files), *(word for pair in typed for word in map(str, pair))]
        return f"{shlex.join(words)} {{}}"


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """One file of answers with where they stand, and what to know of it."""

    file: AnswersFile
    match: Match
    told: tuple[str, ...]

    @classmethod
    def of(cls, file: AnswersFile, right: RightLabels, by: str | None) -> _Answers:
        match = right.match(file, by=by)
        told = (*match.told, *check_against_right(file, match, right.indices, source=right.name))
        return cls(file, match, (*told, *filter(None, [file.errors])))

    @property
    def values(self) -> list[str]:
        """The answers in the order of the right labels, each as the right labels write it, if it is one."""
        places = [place for place in self.match.places if place is not None]
        known, column = self.file.reader.labels.values, self.file.column
        return [
            column.given[place] if column.found[place] == NO_LABEL else known[column.found[place]] for place in places
        ]

    @property
    def read(self) -> FileRead:
        return self.file.read(self.match.how, used=len(set(self.match.places)))


def compare_files(
    gold: Path,
    answers: Sequence[Path],
    *,
    metric: str,
    margin: float,
    options: CompareOptions,
    as_json: bool,
) -> None:
    """Compare every pair of answer files on the rows of the gold file; over more than one pair, Holm."""
    if len(answers) < 2:
        raise InputError("one file of answers cannot be compared", remedy="Name two or more after the gold file.")
    if options.match not in {None, *_KEYS}:
        raise UnknownName("key of --match", str(options.match), known=_KEYS)
    right, files = _read_files(gold, answers, options)
    draws = _Draws.find(right, files, text=options.text, group=options.group)
    given = [file.values for file in files]
    pairs = list(combinations(range(len(answers)), 2))
    found = [
        compare(right.values, given[i], given[j], metric, draws.groups, margin, texts=draws.texts) for i, j in pairs
    ]
    corrected = holm([1.0 if c.p_value is None else c.p_value for c in found])
    gold_read = right.read(**draws.columns)
    rows = [
        {
            "a": str(answers[i]),
            "b": str(answers[j]),
            **asdict(comparison),
            "p_holm": p,
            "read": [read.as_dict() for read in (gold_read, files[i].read, files[j].read)],
            "notes": [f"{answers[at].name}: {told}" for at in (i, j) for told in files[at].told],
        }
        for (i, j), comparison, p in zip(pairs, found, corrected, strict=True)
    ]
    if as_json:
        typer.echo(json_text(rows[0] if len(rows) == 1 else rows))
        return
    _show(answers, files, draws, pairs, found)
    if len(rows) > 1:
        _show_corrected(rows)
    for read in (gold_read, *(file.read for file in files)):
        typer.echo(one_line(f"Read {read.line()}"))


def _read_files(gold: Path, answers: Sequence[Path], options: CompareOptions) -> tuple[RightLabels, list[_Answers]]:
    """The right labels, and every file of answers with its rows matched to them."""
    command = options.command([gold, *answers])
    try:
        right = read_right_labels(
            gold,
            column=options.label,
            row_id=options.id,
            text=options.text,
            group=options.group,
            form=options.form,
            remedies=_remedies(command, "--label"),
        )
    except Undecodable as error:
        raise error.with_command(_remedies(command, "--label").encoding(error.likely[0])) from error

    def read(path: Path, known: Collection[str] = ()) -> AnswersFile:
        return read_answers(
            path,
            right.labels,
            said=Said(column=options.answer, match=options.match, codes=options.label_names),
            keys=(options.id or right.id_column, options.text or right.text_column),
            study=options.form,
            remedies=_remedies(command, "--answer"),
            beside=[right.sheet],
            known=known,
        )

    files = _all_read(answers, read)
    if options.id is not None and not any(
        options.id in sheet.names for sheet in (right.sheet, *(f.sheet for f in files))
    ):
        right.sheet.named(options.id, "--id")
    refuse_if_no_file_says_a_label(right, files)
    return right, [_Answers.of(file, right, options.match) for file in files]


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


def _show(
    answers: Sequence[Path],
    files: Sequence[_Answers],
    draws: _Draws,
    pairs: Sequence[tuple[int, int]],
    found: Sequence[Comparison],
) -> None:
    for path, file in zip(answers, files, strict=True):
        for told in file.told:
            typer.echo(one_line(f"{path.name}: {told}."))
    if found[0].n_units < found[0].n:
        few = " They are few: below 20 intervals are very wide." if "few_units" in found[0].cautions else ""
        typer.echo(one_line(draws.told(found[0].n, found[0].n_units) + few))
    for (i, j), comparison in zip(pairs, found, strict=True):
        typer.echo(one_line(f"{answers[i].name} (a) against {answers[j].name} (b): {comparison}"))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draws:
    """What makes rows one draw, in the order of the right labels.

    Attributes:
        texts, groups: one a row; None without such a column.
        text, group: the columns, and the file of the texts, as people read them.
        columns: of the gold file, by what they are for.
    """

    texts: list[str] | None
    groups: list[str] | None
    text: str
    group: str
    columns: dict[str, str]

    @classmethod
    def find(cls, right: RightLabels, files: Sequence[_Answers], *, text: str | None, group: str | None) -> _Draws:
        """Texts of the gold file, else of the first file of answers that has some."""
        groups = None if group is None else right.sheet.column(right.sheet.named(group, "--group"))
        told = f"column {quoted(group)}" if group else ""
        columns = {"group": group} if group else {}
        own = (right.sheet, right.column, tuple(range(len(right))))
        for sheet, taken, places in (own, *((f.file.sheet, f.file.column.name, f.match.places) for f in files)):
            column = obvious_text_column(sheet.names) if text is None else text
            fields = None
            if column is not None and column in sheet.names and column not in {taken, group}:
                fields = sheet.readable(column)
            if column is not None and fields is not None:
                texts = [fields[place] for place in places if place is not None]
                where = f"column {quoted(column)} of {sheet.path.name}"
                if sheet is right.sheet:
                    columns["text"] = column
                return cls(texts=texts, groups=groups, text=where, group=told, columns=columns)
        if text is not None:
            right.sheet.named(text, "--text")
        return cls(texts=None, groups=groups, text="", group=told, columns=columns)

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
