"""Answers compared, as people read them: on a terminal, in a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from tuningfork.metrics.metric import METRICS
from tuningfork.report import numbers
from tuningfork.report.figure import DataTable
from tuningfork.report.text import one_line, quote
from tuningfork.verdict import numbers as verdict_numbers
from tuningfork.verdict.compare import Comparison, Shown
from tuningfork.verdict.side_by_side import Advice, Pair, SideBySide, SystemScore

_MOST_IN_SENTENCES = 3
"""With more pairs a table says what sentences would take a page for."""
_WIDTH, _COLUMNS_THAT_FIT = 80, 8

_SHOWN: dict[Shown, str] = {
    "better": "better",
    "worse": "worse",
    "same": "the same",
    "no_worse": "no worse",
    "undecided": "undecided",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport:
    """What is shown of a comparison.

    Attributes:
        draws: what makes rows one draw, in a sentence; '' where each stands alone.
        told: what to know of a system's answers before its score is believed, a sentence each.
        read: a line a file.
        incumbent: the system in use; None where there is none.
    """

    found: SideBySide
    draws: str
    told: tuple[str, ...]
    read: tuple[str, ...]
    incumbent: str | None = None

    @property
    def advice(self) -> tuple[Advice, ...]:
        """Keep what is in use, or switch; empty without an incumbent."""
        return () if self.incumbent is None else self.found.advice(self.incumbent)

    @property
    def know_this(self) -> tuple[str, ...]:
        """What was told of the answers, and what makes rows one draw."""
        return tuple(map(one_line, filter(None, (*self.told, self.draws))))

    @property
    def how(self) -> str:
        """'Accuracy, margin 3 points, intervals at 95 %.'"""
        margin = verdict_numbers.amount(self.found.margin, self.found.unit)
        told = f"{METRICS.get(self.found.metric).display_name}, margin {margin}"
        return f"{told[:1].upper()}{told[1:]}, intervals at 95 %."

    @property
    def opening(self) -> str:
        """The one sentence to remember."""
        return one_line(self.found.sentence())

    def pairs_in_words(self) -> list[str]:
        """A paragraph a pair, while they are few."""
        if len(self.found.pairs) > _MOST_IN_SENTENCES:
            return []
        return [one_line(pair.in_words) for pair in self.found.pairs]

    def advice_in_words(self) -> tuple[str, ...]:
        """'Switch to small.csv: it is better.', a sentence a system."""
        words = {"switch": "Switch to", "keep": "Keep what is in use rather than"}
        return tuple(one_line(f"{words[one.what]} {one.name}: {one.why}.") for one in self.advice)

    def systems_table(self) -> DataTable:
        """One line a system, the best first."""
        found = sorted(self.found.systems, key=lambda system: -system.score)
        columns = [column for column in _SYSTEM_COLUMNS if any(map(column.has, found))]
        metric = METRICS.get(self.found.metric).display_name
        return DataTable(
            caption="The systems",
            head=("", *(column.head or metric for column in columns)),
            rows=tuple((one_line(one.name), *(column.cell(one) for column in columns)) for one in found),
        )

    def pairs_table(self) -> DataTable:
        """One line a pair."""
        corrected = len(self.found.pairs) > 1
        return DataTable(
            caption="Every two, b minus a",
            head=(
                *("a", "b", f"{self.found.unit} [95 %]", "p", *(("p (Holm)",) if corrected else ())),
                *("b is", "a is", "rows", "right by b alone", "right by a alone", "changed"),
            ),
            rows=tuple(_pair_cells(pair, corrected) for pair in self.found.pairs),
        )


def comparison_text(report: ComparisonReport) -> Iterator[Text | Constrain]:
    """The comparison for a terminal: sentences, a line each, and tables of 80 columns."""
    yield from map(Text, report.know_this)
    yield Text(report.opening, style="bold")
    yield from map(Text, report.advice_in_words())
    yield Text()
    yield _as_text(report.systems_table())
    yield Text()
    paragraphs = report.pairs_in_words()
    yield from map(Text, paragraphs)
    if not paragraphs:
        yield _as_text(report.pairs_table(), most=_COLUMNS_THAT_FIT)
    yield from (Text(one_line(f"Read {line}")) for line in report.read)


def comparison_markdown(report: ComparisonReport) -> str:
    """The comparison as Markdown, for a comment in a pull request."""
    lines = [f"**{_escaped(report.opening)}**", "", *_markdown_table(report.systems_table()), ""]
    lines += [*_markdown_table(report.pairs_table()), ""]
    for title, sentences in (
        ("Keep or switch", report.advice_in_words()),
        ("Know this", report.know_this),
    ):
        if sentences:
            lines += [f"{title}:", "", *(f"- {_escaped(one)}" for one in sentences), ""]
    return "\n".join([*lines, report.how]) + "\n"


def _as_text(data: DataTable, *, most: int | None = None) -> Constrain:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, heading in enumerate(data.head[:most]):
        table.add_column(heading, justify="left" if place < 1 else "right", overflow="fold")
    for row in data.rows:
        table.add_row(*map(Text, row[:most]))
    return Constrain(table, _WIDTH)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table of systems; left out where no system has it.

    Attributes:
        head: None is the metric's name.
    """

    head: str | None
    cell: Callable[[SystemScore], str]
    has: Callable[[SystemScore], bool] = lambda _system: True


def _rows(system: SystemScore) -> str:
    answered = verdict_numbers.count(system.answered)
    return answered if system.answered == system.rows else f"{answered} of {verdict_numbers.count(system.rows)}"


def _two_places(value: float | None) -> str:
    return verdict_numbers.UNKNOWN if value is None else f"{value:.2f}"


def _seconds(system: SystemScore) -> str:
    seconds = system.seconds_per_row
    return verdict_numbers.UNKNOWN if seconds is None else numbers.significant(seconds)


def _invalid(system: SystemScore) -> str:
    if not system.invalid:
        return "0"
    answer = next(iter(system.invalid_most_often))
    often = one_line(quote(answer, 20)) if answer else "empty"
    return f"{verdict_numbers.count(system.invalid)} ({often})"


_SYSTEM_COLUMNS = (
    _Column(None, lambda system: verdict_numbers.score(system.score, system.ci95)),
    _Column("rows", _rows),
    _Column("runs", lambda system: str(system.runs), lambda system: system.runs > 1),
    _Column("no label", _invalid, lambda system: system.invalid > 0),
    _Column("calibration error", lambda system: _two_places(system.ece), lambda system: system.ece is not None),
    _Column("$ a thousand", lambda system: numbers.usd(system.usd_per_1k), lambda one: one.usd_per_1k is not None),
    _Column("s a row", _seconds, lambda system: system.seconds_per_row is not None),
)


def _pair_cells(pair: Pair, corrected: bool) -> tuple[str, ...]:
    found = pair.comparison
    p = _p(found.p_value)
    return (
        *(one_line(pair.a), one_line(pair.b), _points(found), p, *((_p(pair.p_holm),) if corrected else ())),
        *(_SHOWN[found.b_is], _SHOWN[found.a_is], verdict_numbers.count(found.n)),
        *(verdict_numbers.count(found.gained), verdict_numbers.count(found.lost), numbers.percent(found.changed)),
    )


def _points(found: Comparison) -> str:
    return verdict_numbers.gap(found.difference, found.ci95, found.unit).replace(" points", "").replace(" point", "")


def _p(value: float | None) -> str:
    told = verdict_numbers.p_value(value)
    return verdict_numbers.UNKNOWN if told is None else told.removeprefix("p ").removeprefix("= ")


def _markdown_table(data: DataTable) -> list[str]:
    rows = [data.head, ("---",) * len(data.head), *data.rows]
    return [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in rows]


def _escaped(text: str) -> str:
    """File names and answers are data: they make no markup."""
    safe = one_line(text).replace("\\", "\\\\")
    for letter in "|`*_<[":
        safe = safe.replace(letter, f"\\{letter}")
    return safe
