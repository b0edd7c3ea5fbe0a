"""Differences of every two systems, one under the other, on one line that marks zero and the margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, element, line, picture, rectangle, text
from tuningfork.report.text import one_line, quote
from tuningfork.verdict.numbers import POINTS, amount, gap
from tuningfork.verdict.side_by_side import Pair
from tuningfork.verdict.verdict_json import Interval

_WIDE, _NARROW = 820.0, 340.0
_ROW, _TOP, _BOTTOM = 46.0, 12.0, 46.0
_CHARACTERS = {_WIDE: 44, _NARROW: 20}
"""Of a name that fit beside another one."""


@dataclass(frozen=True, slots=True)
class Lead:
    """What one system is ahead of another by."""

    of: str
    over: str
    difference: float
    ci95: Interval
    unit: str

    @classmethod
    def in_pair(cls, pair: Pair, *, over: str | None) -> Self:
        """That of b, unless b is what the other is to be held against."""
        found = pair.comparison
        if over == pair.b:
            return cls(pair.a, pair.b, -found.difference, (-found.ci95[1], -found.ci95[0]), found.unit)
        return cls(pair.b, pair.a, found.difference, found.ci95, found.unit)

    @property
    def told(self) -> str:
        return gap(self.difference, self.ci95, self.unit)


def forest(leads: Sequence[Lead], margin: float, *, title: str) -> Figure:
    """The leads in their order, in their unit; at least one."""
    return Figure(
        title=title,
        note=f"{'Points' if leads[0].unit == POINTS else _axis(leads)} of the score by which the one on the right is "
        "ahead of the one on the left, with 95 % intervals; "
        f"the shaded stretch is the margin of {amount(margin, leads[0].unit)}.",
        wide=_drawn(margin, leads, _WIDE, title),
        narrow=_drawn(margin, leads, _NARROW, title),
        table=DataTable(
            caption="The differences",
            head=("", "over", "ahead by [95 %]"),
            rows=tuple((one_line(lead.of), one_line(lead.over), lead.told) for lead in leads),
        ),
    )


def _axis(leads: Sequence[Lead]) -> str:
    return leads[0].unit or "units"


def _tick(value: float, unit: str) -> str:
    if not value:
        return "0"
    return f"{100 * value:+.0f}" if unit == POINTS else f"{value:+g}"


def _drawn(margin: float, leads: Sequence[Lead], width: float, title: str) -> Svg:
    ends = [end for lead in leads for end in lead.ci95]
    reach = 1.06 * max(1.25 * margin, *map(abs, ends))
    scale = Linear(-reach, reach, 12, width - 12)
    bottom = _TOP + _ROW * len(leads)
    parts = [
        rectangle(scale(-margin), _TOP, scale(margin) - scale(-margin), bottom - _TOP, "margin"),
        line(scale(0), _TOP, scale(0), bottom, "zero"),
        line(scale(-reach), bottom, scale(reach), bottom, "axis"),
    ]
    for tick in scale.ticks(6 if width == _WIDE else 4):
        parts += [
            line(scale(tick), bottom, scale(tick), bottom + 4, "axis"),
            text(scale(tick), bottom + 18, _tick(tick, leads[0].unit), "tick", "middle"),
        ]
    parts.append(text(width / 2, bottom + 38, _axis(leads), "tick", "middle"))
    for place, lead in enumerate(leads):
        parts += _row(lead, scale, _TOP + _ROW * place, width)
    told = "; ".join(f"{lead.of} over {lead.over}: {lead.told}" for lead in leads)
    name = "forest" if width == _WIDE else "forest-narrow"
    return picture(name, (width, bottom + _BOTTOM), title, told, parts)


def _row(lead: Lead, scale: Linear, top: float, width: float) -> list[Svg]:
    low, high = lead.ci95
    middle, most = top + 32, _CHARACTERS[width]
    ends = [line(scale(end), middle - 5, scale(end), middle + 5, "cap plain") for end in (low, high)]
    shape = element("circle", cx=scale(lead.difference), cy=middle, r=5, class_="mark plain")
    return [
        text(12, top + 16, quote(one_line(lead.over), most)),
        text(width - 12, top + 16, quote(one_line(lead.of), most), anchor="end"),
        line(scale(low), middle, scale(high), middle, "interval plain"),
        *ends,
        shape,
    ]
