"""Score against cost, with the arms that nothing beats on both: the Pareto front."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tuningfork.arms.results import Side
from tuningfork.report import numbers
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.placing import LETTER_WIDTH, LINE_HEIGHT, Box, Placed, place_names, wrapped
from tuningfork.report.plots.scales import Linear, Logarithmic, padded
from tuningfork.report.sections.cells import why_no_dollars
from tuningfork.report.svg import SIDE_CLASSES, Svg, line, mark, picture, polyline, text
from tuningfork.report.words import higher_is_better, metric_name
from tuningfork.verdict.names import name_of
from tuningfork.verdict.numbers import score as score_text
from tuningfork.verdict.verdict_json import ArmRow, Interval, VerdictRecord

_FEWEST = 2
_TOP = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    arm: str
    name: str
    side: Side
    cost: float
    score: float
    ci95: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """What cost is counted in."""

    name: str
    title: str
    short: str
    shown: Callable[[float], str]
    tick: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    name: str
    width: float
    area_height: float
    left: float
    right: float
    ticks: int
    numbered: bool = False


_DOLLARS = _Axis(
    name="dollars",
    title="dollars a thousand predictions (log scale)",
    short="$ / 1,000",
    shown=numbers.usd,
    tick="${:,g}",
    unit="",
)
_MILLISECONDS = _Axis(
    name="time",
    title="milliseconds a row (log scale)",
    short="ms a row",
    shown=numbers.milliseconds,
    tick="{:,g}",
    unit=" ms",
)
_WIDE = _Shape(name="cost-wide", width=850, area_height=270, left=52, right=840, ticks=8)
_NARROW = _Shape(name="cost-narrow", width=340, area_height=220, left=42, right=332, ticks=4, numbered=True)


def cost_plots(record: VerdictRecord) -> tuple[Figure, ...]:
    """Score against dollars a thousand predictions, or against ms a row where only that is known of every arm.

    Where neither is, as beside answers made elsewhere that tell their dollars and not their time, there are two, each
    with the arms that have a place there; an axis with fewer than two has no plot.
    """
    scored = sum(row.score is not None and not row.is_unread for row in record.arms)
    priced = _points(record, lambda row: row.usd_per_1k)
    timed = _points(record, lambda row: row.ms_per_row)
    found = [(_DOLLARS, priced), (_MILLISECONDS, timed)]
    whole = [(axis, points) for axis, points in found if len(points) == scored]
    return tuple(_figure(record, axis, points) for axis, points in whole[:1] or found if len(points) >= _FEWEST)


def _figure(record: VerdictRecord, axis: _Axis, points: Sequence[_Point]) -> Figure:
    metric, sign = metric_name(record), 1.0 if higher_is_better(record) else -1.0
    front = pareto_front([(point.cost, sign * point.score) for point in points])
    left_out = _left_out(record, points)
    title = _title([points[i] for i in front], metric, axis, all_there=not left_out)
    note = _note(left_out, axis)
    wide, narrow = (_drawn(points, front, shape, axis, metric, title, note) for shape in (_WIDE, _NARROW))
    rows = tuple(
        (p.name, axis.shown(p.cost), score_text(p.score, p.ci95), "yes" if i in front else "no")
        for i, p in enumerate(points)
    )
    table = DataTable(caption=f"{metric} and {axis.short}", head=("arm", axis.short, metric, "on the front"), rows=rows)
    return Figure(title=title, note=note, wide=wide, narrow=narrow, table=table)


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Positions of the (cost, score) that no other beats: none is as cheap with a higher score. Cheapest first."""
    order = sorted(range(len(points)), key=lambda i: (points[i][0], -points[i][1]))
    front: list[int] = []
    for i in order:
        if not front or points[i][1] > points[front[-1]][1]:
            front.append(i)
    return front


def _points(record: VerdictRecord, cost_of: Callable[[ArmRow], float | None]) -> list[_Point]:
    found = []
    for row in record.arms:
        cost = cost_of(row)
        if row.score is not None and not row.is_unread and cost is not None and cost > 0:
            name = name_of(row.arm, row.side).short
            found.append(_Point(arm=row.arm, name=name, side=row.side, cost=cost, score=row.score, ci95=row.ci95))
    return found


def _left_out(record: VerdictRecord, points: Sequence[_Point]) -> list[ArmRow]:
    """Arms with a score that have no place here, for what they cost is not known."""
    shown = {point.arm for point in points}
    return [row for row in record.arms if row.score is not None and not row.is_unread and row.arm not in shown]


def _title(front: Sequence[_Point], metric: str, axis: _Axis, *, all_there: bool) -> str:
    """Who is best and who is cheapest: of all arms, or of those that have a place here."""
    best, cheapest = front[-1], front[0]
    dollars = axis is _DOLLARS
    which = "" if all_there else f"Of the arms whose {'price' if dollars else 'time'} is known, "
    cheap = "cheapest" if dollars else "fastest"
    if len(front) == 1:
        return f"{which}{best.name} has the highest {metric} and is the {cheap}"
    return f"{which}{best.name} has the highest {metric}, {cheapest.name} is the {cheap}"


def _note(left_out: Sequence[ArmRow], axis: _Axis) -> str:
    told = "The stepped line joins the arms that no other beats on both. Bars are 95 % intervals."
    if not left_out:
        return told if axis is _DOLLARS else f"{told} Dollars are not known for every arm, so time stands for cost."
    why: dict[str, list[str]] = {}
    for row in left_out:
        reason = why_no_dollars(row) if axis is _DOLLARS else "not timed here"
        why.setdefault(reason, []).append(name_of(row.arm, row.side).short)
    told_of = [f"{', '.join(names)} ({reason})" for reason, names in why.items()]
    return f"{told} Left out: {'; '.join(told_of)}."


def _drawn(
    points: Sequence[_Point],
    front: Sequence[int],
    shape: _Shape,
    axis: _Axis,
    metric: str,
    title: str,
    note: str,
) -> Svg:
    name = f"{shape.name}-{axis.name}"
    costs = [point.cost for point in points]
    ends = [end for point in points for end in (point.ci95 or (point.score,))]
    bottom = _TOP + shape.area_height
    x = Logarithmic(min(costs) / 2, max(costs) * 2, shape.left, shape.right)
    y = Linear(*padded(ends, least=0.05), bottom, _TOP)
    places = [(x(point.cost), y(point.score)) for point in points]
    stairs = _steps([places[i] for i in front], shape.right)
    bars = [
        Box(px - 3, y((p.ci95 or (0, p.score))[1]), px + 3, y((p.ci95 or (p.score, 0))[0]))
        for p, (px, _) in zip(points, places, strict=True)
    ]
    taken = [
        *bars,
        *(
            Box(min(a[0], b[0]), min(a[1], b[1]) - 2, max(a[0], b[0]), max(a[1], b[1]) + 2)
            for a, b in itertools.pairwise(stairs)
        ),
    ]
    parts = [
        *_grid(shape, x, y, axis, metric, bottom),
        polyline(stairs, "front"),
        *(_bar(point, place[0], y) for point, place in zip(points, places, strict=True) if point.ci95),
        *(
            mark(p.side, px, py, 6, tip=f"{p.name}: {p.score:.3f}, {axis.shown(p.cost)}")
            for p, (px, py) in zip(points, places, strict=True)
        ),
    ]
    area = Box(shape.left, _TOP - 12, shape.right, bottom)
    placed, clear = place_names([wrapped(point.name, 28) for point in points], places, area, taken)
    if clear and not shape.numbered:
        return picture(name, (shape.width, bottom + 46), title, note, [*parts, *_names(points, placed)])
    placed, _ = place_names([(str(i + 1),) for i in range(len(points))], places, area, taken)
    rows, height = _list_below(points, axis, shape, bottom + 54)
    return picture(name, (shape.width, height), title, note, [*parts, *_names(points, placed), *rows])


def _grid(shape: _Shape, x: Logarithmic, y: Linear, axis: _Axis, metric: str, bottom: float) -> Iterator[Svg]:
    for value in y.ticks(5):
        yield line(shape.left, y(value), shape.right, y(value), "grid")
        yield text(shape.left - 8, y(value) + 4, f"{value:.2f}", "tick", "end")
    yield text(0, 10, metric, "tick")
    yield line(shape.left, bottom, shape.right, bottom, "axis")
    for value in x.ticks(shape.ticks):
        yield line(x(value), bottom, x(value), bottom + 4, "axis")
        yield text(x(value), bottom + 18, axis.tick.format(value), "tick", "middle")
    yield text((shape.left + shape.right) / 2, bottom + 36, axis.title, "tick", "middle")


def _bar(point: _Point, x: float, y: Linear) -> Svg:
    low, high = point.ci95 or (point.score, point.score)
    return line(x, y(low), x, y(high), f"interval thin {SIDE_CLASSES[point.side]}")


def _steps(places: Sequence[tuple[float, float]], right: float) -> list[tuple[float, float]]:
    """The front as stairs: what is had for a cost is had for every higher one."""
    stairs = [places[0]]
    for place in places[1:]:
        stairs += [(place[0], stairs[-1][1]), place]
    return [*stairs, (right, stairs[-1][1])]


def _names(points: Sequence[_Point], placed: Sequence[Placed]) -> list[Svg]:
    return [
        text(spot.x, spot.y, spot.lines, SIDE_CLASSES[point.side], spot.anchor)
        for point, spot in zip(points, placed, strict=True)
    ]


def _list_below(points: Sequence[_Point], axis: _Axis, shape: _Shape, top: float) -> tuple[list[Svg], float]:
    parts: list[Svg] = []
    letters, y = int(shape.width / LETTER_WIDTH) - 3, top
    for number, point in enumerate(points, start=1):
        rows = wrapped(f"{number}  {point.name}: {point.score:.2f}, {axis.shown(point.cost)}{axis.unit}", letters)
        parts.append(text(6, y, rows, SIDE_CLASSES[point.side]))
        y += LINE_HEIGHT * len(rows) + 5
    return parts, y
