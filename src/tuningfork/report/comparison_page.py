"""Answers compared, as one HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.report.comparison import ComparisonReport
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.html import render_page
from tuningfork.report.plots.forest import Lead, forest
from tuningfork.report.text import one_line
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
    page = ComparisonPage(
        opening=report.opening,
        advice=report.advice_in_words(),
        told=report.know_this,
        forest=forest(
            [Lead.in_pair(pair, over=report.incumbent) for pair in pairs], report.found.margin, title=_title(pairs)
        ),
        systems=report.systems_table(),
        pairs=report.pairs_table(),
        sentences=tuple(one_line(pair.in_words) for pair in pairs),
        measured=(report.how, *map(one_line, report.read)),
    )
    return render_page("comparison.html.j2", page=page)


def _drawn(report: ComparisonReport) -> tuple[Pair, ...]:
    """Pairs with the system in use, where there is one; else all."""
    return tuple(pair for pair in report.found.pairs if report.incumbent in {None, pair.a, pair.b})[:_MOST_DRAWN]


def _title(pairs: tuple[Pair, ...]) -> str:
    apart = sum(pair.is_told_apart for pair in pairs)
    if len(pairs) == 1:
        return "The two are told apart" if apart else "The two are not told apart"
    return f"{apart} of {len(pairs)} pairs are told apart"
