"""Break-even labels on a logarithmic line, with the labels that are there."""

from __future__ import annotations

from collections.abc import Iterator

from tuningfork.report.plots.scales import Logarithmic
from tuningfork.report.svg import Svg, diamond, line, mark, picture, text
from tuningfork.verdict.numbers import about, count
from tuningfork.verdict.records import BreakEven, Interval

_WIDTH, _HEIGHT = 260.0, 74.0
_LEFT, _RIGHT = 8.0, 252.0
_AXIS = 40.0
_MEAN, _RELIABLE = 14.0, 28.0


def break_even_line(found: BreakEven, *, pool: int) -> Svg | None:
    """Mean (circle) and reliable (diamond) break-even with their intervals; None where neither is known."""
    known = [value for value in (found.mean, found.reliable) if value is not None and value >= 1]
    if not known:
        return None
    ends = [end for interval in (found.mean_ci95, found.reliable_ci95) if interval for end in interval if end >= 1]
    values = [*known, *ends, max(1, pool)]
    low, high = min(values) / 1.6, max(values) * 1.6
    scale = Logarithmic(low, max(high, 10 * low), _LEFT, _RIGHT)
    parts = [
        *_axis(scale),
        *_have(scale, pool),
        *_marked(scale, found.mean, found.mean_ci95, _MEAN, reliable=False),
        *_marked(scale, found.reliable, found.reliable_ci95, _RELIABLE, reliable=True),
    ]
    told = "; ".join(
        f"{name} {about(value)}" for name, value in (("mean", found.mean), ("reliable", found.reliable)) if value
    )
    return picture(
        "break-even", (_WIDTH, _HEIGHT), "Break-even labels", f"{told}; your pool has {count(pool)} labels", parts
    )


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


def _marked(
    scale: Logarithmic, value: float | None, interval: Interval | None, y: float, *, reliable: bool
) -> Iterator[Svg]:
    if value is None or value < 1:
        return
    x = scale(value)
    if interval is not None:
        start, end = (min(max(scale(max(edge, 1e-9)), _LEFT), _RIGHT) for edge in interval)
        yield line(start, y, end, y, "interval tuned")
    yield diamond(x, y, 6, "tuned") if reliable else mark("fine-tuned", x, y, 5)
