"""Answers compared, as one HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.report.comparison import ComparisonReport
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.html import render_page
from tuningfork.report.plots.forest import Lead, forest
from tuningfork.report.text import one_line
from tuningfork.report.words import metric_name
from tuningfork.verdict import numbers
from tuningfork.verdict.side_by_side import Pair

_MOST_DRAWN = 28
"""Pairs of eight systems; more are in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """What the page shows, top to bottom."""

    opening: str
    advice: tuple[str, ...]
    told: tuple[str, ...]
    forest: Figure
    systems: DataTable
    pairs: DataTable
    sentences: tuple[str, ...]
    measured: tuple[str, ...]


def comparison_html(report: ComparisonReport) -> str:
    """The whole document; what guards it is told in `html.render_html`."""
    pairs = _drawn(report)
    draws = (report.draws,) if report.draws else ()
    margin = numbers.points(report.found.margin)
    how = f"{metric_name(report.found.metric)}, margin {margin}, intervals at 95 %"
    page = ComparisonPage(
        opening=report.opening,
        advice=report.advice_in_words(),
        told=tuple(map(one_line, (*report.told, *draws))),
        forest=forest(
            [Lead.in_pair(pair, over=_incumbent(report)) for pair in pairs], report.found.margin, title=_title(pairs)
        ),
        systems=report.systems_table(),
        pairs=report.pairs_table(),
        sentences=tuple(one_line(f"{pair.a} (a) against {pair.b} (b): {pair.comparison}") for pair in pairs),
        measured=(f"{how[:1].upper()}{how[1:]}.", *map(one_line, report.read)),
    )
    return render_page("comparison.html.j2", page=page)


def _drawn(report: ComparisonReport) -> tuple[Pair, ...]:
    """Pairs with the system in use, where there is one; else all."""
    used = _incumbent(report)
    return tuple(pair for pair in report.found.pairs if used in {None, pair.a, pair.b})[:_MOST_DRAWN]


def _incumbent(report: ComparisonReport) -> str | None:
    others = {one.name for one in report.advice}
    return next((system.name for system in report.found.systems if others and system.name not in others), None)


def _title(pairs: tuple[Pair, ...]) -> str:
    apart = sum(pair.is_told_apart for pair in pairs)
    if len(pairs) == 1:
        return "The two are told apart" if apart else "The two are not told apart"
    return f"{apart} of {len(pairs)} pairs are told apart"
