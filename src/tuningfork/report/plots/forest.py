"""Differences of every two systems, one under the other, on one line that marks zero and the margin."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, element, line, picture, rectangle, text
from tuningfork.report.text import one_line, quote
from tuningfork.verdict.numbers import gap, points
from tuningfork.verdict.side_by_side import Pair, SideBySide

_WIDE, _NARROW = 820.0, 340.0
_ROW, _TOP, _BOTTOM = 46.0, 12.0, 46.0
_CHARACTERS = {_WIDE: 44, _NARROW: 20}
"""Of a name that fit beside another one."""


def forest(found: SideBySide, pairs: Sequence[Pair], *, title: str) -> Figure:
    """The pairs in their order, each as the second less the first, in points."""
    margin = points(found.margin)
    rows = tuple((one_line(pair.b), one_line(pair.a), _gap(pair)) for pair in pairs)
    return Figure(
        title=title,
        note=f"Points of the score by which the right one is ahead of the left one, with 95 % intervals; the shaded "
        f"stretch is the margin of {margin}.",
        wide=_drawn(found.margin, pairs, _WIDE, title),
        narrow=_drawn(found.margin, pairs, _NARROW, title),
        table=_table(rows),
    )


def _table(rows: tuple[tuple[str, str, str], ...]) -> DataTable:
    return DataTable(caption="The differences", head=("of", "over", "difference [95 %]"), rows=rows)


def _drawn(margin: float, pairs: Sequence[Pair], width: float, title: str) -> Svg:
    ends = [end for pair in pairs for end in pair.comparison.ci95]
    reach = 1.06 * max(1.25 * margin, *map(abs, ends))
    scale = Linear(-reach, reach, 12, width - 12)
    bottom = _TOP + _ROW * len(pairs)
    parts = [
        rectangle(scale(-margin), _TOP, scale(margin) - scale(-margin), bottom - _TOP, "margin"),
        line(scale(0), _TOP, scale(0), bottom, "zero"),
        line(scale(-reach), bottom, scale(reach), bottom, "axis"),
    ]
    for tick in scale.ticks(6 if width == _WIDE else 4):
        parts += [
            line(scale(tick), bottom, scale(tick), bottom + 4, "axis"),
            text(scale(tick), bottom + 18, f"{100 * tick:+.0f}" if tick else "0", "tick", "middle"),
        ]
    parts.append(text(width / 2, bottom + 38, "points", "tick", "middle"))
    for place, pair in enumerate(pairs):
        parts += _row(pair, scale, _TOP + _ROW * place, width)
    told = "; ".join(f"{pair.b} over {pair.a}: {_gap(pair)}" for pair in pairs)
    name = "forest" if width == _WIDE else "forest-narrow"
    return picture(name, (width, bottom + _BOTTOM), title, told, parts)


def _row(pair: Pair, scale: Linear, top: float, width: float) -> list[Svg]:
    low, high = pair.comparison.ci95
    middle, most = top + 32, _CHARACTERS[width]
    ends = [line(scale(end), middle - 5, scale(end), middle + 5, "cap plain") for end in (low, high)]
    shape = element("circle", cx=scale(pair.comparison.difference), cy=middle, r=5, class_="mark plain")
    return [
        text(12, top + 16, quote(one_line(pair.a), most)),
        text(width - 12, top + 16, quote(one_line(pair.b), most), anchor="end"),
        line(scale(low), middle, scale(high), middle, "interval plain"),
        *ends,
        shape,
    ]


def _gap(pair: Pair) -> str:
    return gap(pair.comparison.difference, pair.comparison.ci95)
