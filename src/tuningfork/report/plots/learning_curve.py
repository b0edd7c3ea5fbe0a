"""Score against label count: every seed a dot, LLMs as horizontal bands, crossings in a lane of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.curve_data import Crossing, Curve, CurveData, Level
from tuningfork.report.plots.placing import LETTER_WIDTH, LINE_HEIGHT, wrapped
from tuningfork.report.plots.scales import Linear, Logarithmic, moved_apart, padded
from tuningfork.report.svg import SIDE_CLASSES, Svg, diamond, line, mark, picture, polygon, polyline, rectangle, text
from tuningfork.verdict.numbers import UNKNOWN, about, count
from tuningfork.verdict.verdict_json import Interval

_LANE = 24
_HEAD = 5
"""Length of the head of an arrow, where an interval leaves the measured counts."""
_LETTERS, _BOLD_LETTERS = 26, 23
"""Letters of a direct label in one of its lines, by its weight."""
_LISTED_LETTERS, _BOLD_LISTED_LETTERS = 46, 41
"""The same of names that are listed below the plot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """One size of the drawing: the plot's area, where names go, and how many ticks fit."""

    name: str
    width: float
    area_height: float
    left: float
    gutter: float
    ticks: int

    @property
    def right(self) -> float:
        """Where the plot's area ends."""
        return self.width - self.gutter


_WIDE = _Shape(name="curve-wide", width=850, area_height=320, left=52, gutter=205, ticks=9)
_NARROW = _Shape(name="curve-narrow", width=340, area_height=240, left=38, gutter=16, ticks=5)
_TOP = 24


def learning_curve(data: CurveData, *, metric: str) -> Figure:
    """The plot of a study's learning curves.

    Args:
        metric: the score's name in words.
    """
    title, note = _title(data, metric), _note(data, metric)
    return Figure(
        title=title,
        note=note,
        wide=_Drawing(data, _WIDE, metric).picture(title, note),
        narrow=_Drawing(data, _NARROW, metric).picture(title, note),
        table=_table(data, metric),
    )


class _Drawing:
    """The plot in one size."""

    def __init__(self, data: CurveData, shape: _Shape, metric: str) -> None:
        self._data, self._shape, self._metric = data, shape, metric
        self._x = _label_scale(data, shape)
        low, high = padded(list(_scores(data)), least=0.05)
        self._bottom = _TOP + shape.area_height
        self._y = Linear(low, high, self._bottom, _TOP)
        self._lanes = [_Lane(crossing, self._x, shape) for crossing in data.crossings]
        self._axis = self._bottom + sum(lane.height for lane in self._lanes)

    def picture(self, title: str, note: str) -> Svg:
        parts = [*self._grid(), *self._bands(), *self._curves(), *self._crossings()]
        names, height = self._names()
        return picture(self._shape.name, (self._shape.width, height), title, note, [*parts, *names])

    def _grid(self) -> Iterator[Svg]:
        shape = self._shape
        values = self._y.ticks(8)
        places = 3 if len(values) > 1 and values[1] - values[0] < 0.01 else 2
        for value in values:
            y = self._y(value)
            yield line(shape.left, y, shape.right, y, "grid")
            yield text(shape.left - 8, y + 4, f"{value:.{places}f}", "tick", "end")
        yield text(0, 11, self._metric, "tick")
        yield line(shape.left, self._axis, shape.right, self._axis, "axis")
        for value in self._label_ticks():
            x = self._x(value)
            yield line(x, self._axis, x, self._axis + 4, "axis")
            yield text(x, self._axis + 18, count(value), "tick", "middle")
        yield text((shape.left + shape.right) / 2, self._axis + 36, "labels to train on (log scale)", "tick", "middle")

    def _label_ticks(self) -> Sequence[float]:
        """The measured counts where they fit, round values otherwise, and beyond them."""
        counts = sorted({float(n) for curve in self._data.curves for n in curve.scores})
        counts += [value for value in self._x.ticks(self._shape.ticks) if value > 1.5 * counts[-1]]
        places = [self._x(value) for value in counts]
        apart = all(later - earlier >= 34 for earlier, later in itertools.pairwise(places))
        return counts if apart else self._x.ticks(self._shape.ticks)

    def _bands(self) -> Iterator[Svg]:
        left, right = self._shape.left, self._shape.right
        for level in self._data.levels:
            side = SIDE_CLASSES[level.side]
            if level.leads and level.ci95 is not None:
                top, bottom = self._y(level.ci95[1]), self._y(level.ci95[0])
                yield rectangle(left, top, right - left, bottom - top, f"band {side}")
            yield line(left, self._y(level.score), right, self._y(level.score), f"{_weight(level)} {side}")
        for curve in self._data.curves:
            if curve.leads and len(curve.scores) > 1:
                yield self._spread(curve)

    def _spread(self, curve: Curve) -> Svg:
        ends = [(self._x(n), min(scores), max(scores)) for n, scores in sorted(curve.scores.items())]
        there = [(x, self._y(high)) for x, _, high in ends]
        back = [(x, self._y(low)) for x, low, _ in reversed(ends)]
        return polygon([*there, *back], f"band {SIDE_CLASSES[curve.side]}")

    def _curves(self) -> Iterator[Svg]:
        for curve in sorted(self._data.curves, key=lambda curve: curve.leads):
            side = SIDE_CLASSES[curve.side]
            if len(curve.means) > 1:
                yield polyline([(self._x(n), self._y(mean)) for n, mean in curve.means], f"{_weight(curve)} {side}")
            for n, scores in curve.scores.items():
                for score in scores:
                    strength = "dot" if curve.leads else "dot faint"
                    yield mark(curve.side, self._x(n), self._y(score), 2.6, strength)
            if curve.leads:
                for n, mean in curve.means:
                    tip = f"{curve.name}: {mean:.3f} at {count(n)} labels"
                    yield mark(curve.side, self._x(n), self._y(mean), 4.2, "mean", tip)

    def _crossings(self) -> Iterator[Svg]:
        top = self._bottom
        level = next((self._y(level.score) for level in self._data.levels if level.leads), self._bottom)
        for lane in self._lanes:
            if lane.crossing.extrapolated:
                yield from self._beyond(lane.crossing)
            yield line(lane.x, level, lane.x, top + _LANE / 2, "drop")
            yield from lane.parts(top + _LANE / 2)
            top += lane.height

    def _beyond(self, crossing: Crossing) -> Iterator[Svg]:
        """From the last measured mean to the crossing: dashed and paler, for nothing was measured there."""
        level = next((level for level in self._data.levels if level.leads), None)
        curve = next((curve for curve in self._data.curves if curve.leads and curve.side != "llm"), None)
        if level is None or curve is None or crossing.place.kind != "mean":
            return
        n, mean = curve.means[-1]
        points = [(self._x(n), self._y(mean)), (self._x(crossing.at), self._y(level.score))]
        yield polyline(points, f"beyond {SIDE_CLASSES[curve.side]}")

    def _names(self) -> tuple[list[Svg], float]:
        """Direct labels at the right end, or a list below where there is no room; and the drawing's height."""
        below = self._axis + 48
        if self._shape.gutter < 100:
            return self._list_below(below)
        items = _items(self._data)
        lines = [wrapped(item.name, _BOLD_LETTERS if item.leads else _LETTERS) for item in items]
        ends = [self._y(_end(item)[1]) for item in items]
        sizes = [LINE_HEIGHT * len(rows) + 5.0 for rows in lines]
        middles = moved_apart(ends, sizes, _TOP, self._axis)
        parts: list[Svg] = []
        for item, rows, end, middle in zip(items, lines, ends, middles, strict=True):
            x = self._shape.right + 16
            start = self._x(_end(item)[0] or self._x.high)
            parts.append(line(start, end, self._shape.right, end, f"lead {SIDE_CLASSES[item.side]}"))
            parts.append(line(self._shape.right, end, x - 3, middle, f"lead {SIDE_CLASSES[item.side]}"))
            parts.append(mark(item.side, x + 4, middle, 4))
            top = middle - LINE_HEIGHT * len(rows) / 2 + 11
            parts.append(text(x + 13, top, rows, f"{SIDE_CLASSES[item.side]} {'strong' if item.leads else ''}".strip()))
        lowest = max(middle + size / 2 for middle, size in zip(middles, sizes, strict=True))
        return parts, max(below, lowest + 4)

    def _list_below(self, top: float) -> tuple[list[Svg], float]:
        parts: list[Svg] = []
        y = top + 12
        for item in sorted(_items(self._data), key=lambda item: -_end(item)[1]):
            score = _end(item)[1]
            letters = _BOLD_LISTED_LETTERS if item.leads else _LISTED_LETTERS
            rows = wrapped(f"{item.name} {score:.2f}", letters)
            parts.append(mark(item.side, 10, y - 4, 4))
            parts.append(text(20, y, rows, f"{SIDE_CLASSES[item.side]} {'strong' if item.leads else ''}".strip()))
            y += LINE_HEIGHT * len(rows) + 6
        return parts, y


class _Lane:
    """One crossing below the plot's area: a mark on its interval, and words beside it, or beneath where no room is."""

    def __init__(self, crossing: Crossing, scale: Logarithmic, shape: _Shape) -> None:
        self.crossing, self.x = crossing, scale(crossing.at)
        low, high = crossing.place.ci95 or (crossing.at, crossing.at)
        self._open = (low is None, high is None)
        ends = shape.left if low is None else scale(max(low, 1e-9)), shape.right if high is None else scale(high)
        self._start, self._end = (min(max(end, shape.left), shape.right) for end in ends)
        self._words = f"{crossing.place.kind} break-even {crossing.place.told}"
        self._left, self._right = shape.left, shape.right
        needed = LETTER_WIDTH * len(self._words) + 12
        self._fits_right = shape.right - max(self._end, self.x) > needed
        self._fits_left = min(self._start, self.x) - shape.left > needed
        self.height = _LANE if self._fits_right or self._fits_left else _LANE + LINE_HEIGHT

    def parts(self, y: float) -> Iterator[Svg]:
        """The lane's drawing with its line at `y`."""
        if self._end > self._start:
            yield line(self._start, y, self._end, y, "range")
        for is_open, end, back in zip(self._open, (self._start, self._end), (_HEAD, -_HEAD), strict=True):
            if is_open:
                yield polyline([(end + back, y - _HEAD), (end, y), (end + back, y + _HEAD)], "range open-end")
        yield diamond(self.x, y, 5, "crossing")
        if self._fits_right:
            yield text(max(self._end, self.x) + 10, y + 4, self._words, "strong")
        elif self._fits_left:
            yield text(min(self._start, self.x) - 10, y + 4, self._words, "strong", "end")
        elif self.x > (self._left + self._right) / 2:
            yield text(self._right, y + 19, self._words, "strong", "end")
        else:
            yield text(self._left, y + 19, self._words, "strong")


def _label_scale(data: CurveData, shape: _Shape) -> Logarithmic:
    """From the fewest labels to the most: measured, or crossing, or (up to four times as far) in its interval."""
    values: list[float] = [n for curve in data.curves for n in curve.scores]
    values += [crossing.at for crossing in data.crossings]
    first, last = max(1.0, min(values)), max(values)
    highs = [crossing.place.ci95[1] for crossing in data.crossings if crossing.place.ci95]
    ends = [min(high, 4 * last) for high in highs if high is not None]
    return Logarithmic(first / 1.15, max(last, 2 * first, *ends) * 1.15, shape.left, shape.right)


def _scores(data: CurveData) -> Iterator[float]:
    for curve in data.curves:
        for scores in curve.scores.values():
            yield from scores
    for level in data.levels:
        yield level.score
        if level.leads and level.ci95 is not None:
            yield from level.ci95


def _items(data: CurveData) -> list[Curve | Level]:
    return [*data.levels, *data.curves]


def _end(item: Curve | Level) -> tuple[float | None, float]:
    """Label count (None: the whole width) and score where an item's line ends."""
    return (None, item.score) if isinstance(item, Level) else item.means[-1]


def _weight(item: Curve | Level) -> str:
    return "curve lead-curve" if item.leads else "curve"


def _title(data: CurveData, metric: str) -> str:
    mean = next((crossing for crossing in data.crossings if crossing.place.kind == "mean"), None)
    if mean is not None:
        return _title_of_crossing(mean, data)
    llm = next((item for item in _items(data) if item.leads and item.side == "llm"), None)
    curve = next((curve for curve in data.curves if curve.leads and curve.side == "fine-tuned"), None)
    if curve is not None and isinstance(llm, Level):
        seen = _title_against(data, llm.score, curve)
        return f"How {metric} grows with labels" if seen is None else _as_far_as_called(seen, data)
    if curve is not None and isinstance(llm, Curve) and (shared := dict(curve.decided).keys() & dict(llm.decided)):
        n = max(shared)
        sign = 1.0 if data.higher_is_better else -1.0
        ahead = data.rival if sign * dict(llm.means)[n] > sign * dict(curve.means)[n] else "fine-tuning"
        return _as_far_as_called(f"At {count(n)} labels {ahead} is ahead", data)
    return f"How {metric} grows with labels"


def _title_of_crossing(mean: Crossing, data: CurveData) -> str:
    """A fact only where the interval is closed and the call made."""
    if mean.at > data.last_count:
        return f"Fine-tuning may pass {data.rival} at about {about(mean.at)} labels, beyond what was measured"
    if mean.settled:
        return f"Fine-tuning passes {data.rival} at about {about(mean.at)} labels"
    ends = mean.place.ends
    if ends is None:
        return f"Fine-tuning may pass {data.rival} at about {about(mean.at)} labels; not settled"
    return f"Fine-tuning may pass {data.rival} anywhere from {ends[0]} to {ends[1]} labels; not settled"


def _as_far_as_called(told: str, data: CurveData) -> str:
    """Who is ahead, hedged where the verdict does not say so."""
    return told if data.settled else f"In the means, {told[0].lower()}{told[1:]}; not settled"


def _title_against(data: CurveData, score: float, curve: Curve) -> str | None:
    """Where a curve that was not seen to cross a level lies; None where it lies on both sides."""
    sign = 1.0 if data.higher_is_better else -1.0
    leads = [sign * (mean - score) for _, mean in curve.decided]
    if leads and max(leads) < 0:
        return f"{data.rival[:1].upper()}{data.rival[1:]} stays ahead up to {count(curve.decided[-1][0])} labels"
    if leads and min(leads) > 0:
        return f"Fine-tuning is ahead from {count(curve.decided[0][0])} labels on, the fewest tried"
    return None


def _note(data: CurveData, metric: str) -> str:
    told = [f"{metric[0].upper()}{metric[1:]} on the evaluation rows. Each small mark is one seed"]
    if any(curve.leads and len(curve.scores) > 1 for curve in data.curves):
        told.append("the shaded band along a curve spans its training samples, lowest to highest")
    if any(level.leads and level.ci95 for level in data.levels):
        told.append("the horizontal band is the 95 % interval of an arm without a curve")
    if any(crossing.extrapolated for crossing in data.crossings):
        told.append("dashed: beyond the data")
    return "; ".join(told) + "."


def _table(data: CurveData, metric: str) -> DataTable:
    rows = [
        (curve.name, count(n), count(len(curve.scores[n])), *_three(mean, (min(curve.scores[n]), max(curve.scores[n]))))
        for curve in data.curves
        for n, mean in curve.means
    ]
    rows += [(level.name, UNKNOWN, UNKNOWN, *_three(level.score, level.ci95)) for level in data.levels]
    return DataTable(
        caption=f"{metric} by labels, over the seeds; without a label count, the 95 % interval",
        head=("arm", "labels", "seeds", metric, "lowest", "highest"),
        rows=tuple(rows),
    )


def _three(score: float, ends: Interval | None) -> tuple[str, str, str]:
    low, high = (UNKNOWN, UNKNOWN) if ends is None else (f"{end:.3f}" for end in ends)
    return f"{score:.3f}", low, high
