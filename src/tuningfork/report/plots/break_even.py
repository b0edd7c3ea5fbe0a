"""Break-even labels on a logarithmic line, with the labels that are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tuningfork.report.plots.scales import Logarithmic
from tuningfork.report.svg import Svg, diamond, line, mark, picture, polyline, text
from tuningfork.verdict.label_counts import Place, place_of
from tuningfork.verdict.numbers import count
from tuningfork.verdict.verdict_json import BreakEven

_WIDTH, _HEIGHT = 260.0, 74.0
_LEFT, _RIGHT = 8.0, 252.0
_AXIS = 40.0
_LANES = {"mean": 14.0, "reliable": 28.0}
_HEAD = 5.0
"""Length of an arrow's head."""


def break_even_line(found: BreakEven, *, pool: int) -> Svg | None:
    """Mean (circle) and reliable (diamond) break-even with their intervals; None where neither is known.

    What the measured counts do not reach is an arrow out of the picture: an open end of an interval, and a break-even
    of which only the side is known, which begins at the last count tried.
    """
    places = [place for place in (place_of(found, "mean"), place_of(found, "reliable")) if place.known]
    if not places:
        return None
    scale = _scale(places, pool)
    parts = [*_axis(scale), *_have(scale, pool), *(part for place in places for part in _marked(scale, place))]
    told = "; ".join(f"{place.kind} {place.told}" for place in places)
    return picture(
        "break-even", (_WIDTH, _HEIGHT), "Break-even labels", f"{told}; your pool has {count(pool)} labels", parts
    )


def _scale(places: Sequence[Place], pool: int) -> Logarithmic:
    known = [value for place in places for value in (place.at, place.bound_at, *(place.ci95 or ()), pool)]
    values = [value for value in known if value is not None and value >= 1] or [1.0]
    low, high = min(values) / 1.6, max(values) * 1.6
    return Logarithmic(low, max(high, 10 * low), _LEFT, _RIGHT)


def _axis(scale: Logarithmic) -> Iterator[Svg]:
    yield line(_LEFT, _AXIS, _RIGHT, _AXIS, "axis")
    for value in scale.ticks(5):
        yield line(scale(value), _AXIS, scale(value), _AXIS + 4, "axis")
        yield text(scale(value), _AXIS + 17, count(value), "tick", "middle")


def _have(scale: Logarithmic, pool: int) -> Iterator[Svg]:
    if pool < 1:
        return
    x = scale(pool)
    yield line(x, 4, x, _AXIS, "have")
    anchor = "end" if x > _WIDTH / 2 else "start"
    yield text(x, _HEIGHT - 3, f"you have {count(pool)}", "strong", anchor)


def _marked(scale: Logarithmic, place: Place) -> Iterator[Svg]:
    y = _LANES[place.kind]
    if place.at is None:
        yield from _bounded(scale, place, y)
        return
    x = _at(scale, place.at)
    if place.ci95 is not None:
        low, high = place.ci95
        yield from _arm(scale, x, low, y, "left")
        yield from _arm(scale, x, high, y, "right")
    yield diamond(x, y, 6, "tuned") if place.kind == "reliable" else mark("fine-tuned", x, y, 5)


def _bounded(scale: Logarithmic, place: Place, y: float) -> Iterator[Svg]:
    """From the last count tried out of the picture; thin, how far the interval reaches back into the counts."""
    assert place.bound_at is not None, "what is known is a count or a bound"
    x, above = _at(scale, place.bound_at), place.bound == "above"
    yield line(x, y - 5, x, y + 5, "interval tuned")
    yield from _arrow(x, y, "right" if above else "left")
    if place.ci95 is not None and not place.is_wholly_beyond:
        low, high = place.ci95
        yield from _arm(scale, x, low if above else high, y, "left" if above else "right", "interval tuned thin")


def _arm(
    scale: Logarithmic,
    x: float,
    end: float | None,
    y: float,
    way: Literal["left", "right"],
    strength: str = "interval tuned",
) -> Iterator[Svg]:
    """The interval on one side of its mark."""
    if end is None:
        yield from _arrow(x, y, way, strength)
    else:
        yield line(x, y, _at(scale, end), y, strength)


def _arrow(x: float, y: float, way: Literal["left", "right"], strength: str = "interval tuned") -> Iterator[Svg]:
    """From x out of the picture."""
    end, back = (_RIGHT, -_HEAD) if way == "right" else (_LEFT, _HEAD)
    yield line(x, y, end, y, strength)
    yield polyline([(end + back, y - _HEAD), (end, y), (end + back, y + _HEAD)], f"{strength} open-end")


def _at(scale: Logarithmic, value: float) -> float:
    return min(max(scale(max(value, 1.0)), _LEFT), _RIGHT)
