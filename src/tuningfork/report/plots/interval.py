"""An interval drawn in a table cell, all cells of the table on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.arms.results import Side
from tuningfork.report.plots.scales import Linear, padded
from tuningfork.report.svg import SIDE_CLASSES, Svg, element, line, mark
from tuningfork.verdict.verdict_json import Interval

_WIDTH, _HEIGHT = 110.0, 18.0


def shared_scale(values: Sequence[float]) -> Linear:
    """The scale of all cells of a table.

    Args:
        values: every score and interval end, at least one.
    """
    low, high = padded(values, least=0.02)
    return Linear(low, high, 6, _WIDTH - 6)


def interval_cell(scale: Linear, side: Side, score: float, ci95: Interval | None) -> Svg:
    """The score's mark on its interval; the numbers stand beside it in the table, so that it is hidden from readers."""
    middle = _HEIGHT / 2
    drawn = [line(0, middle, _WIDTH, middle, "grid")]
    if ci95 is not None:
        drawn.append(line(scale(ci95[0]), middle, scale(ci95[1]), middle, f"interval {SIDE_CLASSES[side]}"))
    drawn.append(mark(side, scale(score), middle, 4))
    return element(
        "svg",
        *drawn,
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        width=_WIDTH,
        height=_HEIGHT,
        class_="plot cell",
        aria_hidden="true",
    )
