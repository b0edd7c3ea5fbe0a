"""The picture of learning curves beside published ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from studies.curves import Point, variance_of
from tuningfork.report.plots.scales import Linear, Logarithmic, moved_apart
from tuningfork.report.svg import Svg, diamond, line, mark, picture, polyline, rectangle, text
from tuningfork.verdict.numbers import count

_WIDTH, _HEIGHT = 850.0, 500.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 610.0, 44.0, 440.0
_LINE = 15.0
_STYLE = """
svg { --grid: #e8ebef; --rule: #8a939d; --tuned: #b34700; --llm: #005a91; }
@media (prefers-color-scheme: dark) { svg { --grid: #2a3038; --rule: #77818b; --tuned: #ff9d5c; --llm: #6fb9e8; } }
.label { fill: var(--text); } .tick { fill: var(--muted); } .title { font-weight: 650; font-size: 14px; }
.grid { stroke: var(--grid); } .axis { stroke: var(--rule); }
.ours { fill: none; stroke: var(--tuned); stroke-width: 2; } .interval { stroke: var(--tuned); stroke-width: 1; }
.mark.tuned { fill: var(--tuned); } .label.tuned { fill: var(--tuned); font-weight: 600; }
.second { stroke-dasharray: 9 3; } .mark.tuned.hollow { fill: var(--page); stroke: var(--tuned); stroke-width: 2; }
.theirs { fill: none; stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 5 3; }
.mark.other { fill: var(--muted); }
.level { stroke: var(--llm); stroke-width: 1.5; } .band { fill: var(--llm); opacity: 0.12; }
.label.llm { fill: var(--llm); }
.lead { stroke: var(--rule); stroke-dasharray: 1 3; }
"""
_TITLE = "Banking77: accuracy against labels, ours on two cores beside published ones on a GPU"
_NOTE = (
    "Circles: arms of this study (hollow and dashed: fine-tuned) with 95 % intervals over rows and runs. Diamonds, "
    "dashed: published fine-tuning on an RTX 3090. Horizontal: published scores without training, with 95 % intervals "
    "over their rows."
)


def curves_svg(ours: Mapping[str, Sequence[Point]], published: Mapping[str, Any]) -> str:
    """An SVG file of its own: it brings its style, follows light and dark, and asks for nothing."""
    counts = [point.labels for curve in ours.values() for point in curve]
    counts += [labels for curve in published["curves"] for labels, _, _ in curve["points"]]
    x = Logarithmic(min(counts) / 1.1, max(counts) * 1.1, _LEFT, _RIGHT)
    y = Linear(0.0, 1.0, _BOTTOM, _TOP)
    parts = [
        text(0, 16, _TITLE, "title"),
        *_grid(x, y),
        *_levels(published["levels"], y),
        *_theirs(published["curves"], x, y),
        *_ours(ours, x, y),
        *_names(ours, published, x, y),
    ]
    markup = picture("banking77-curves", (_WIDTH, _HEIGHT), _TITLE, _NOTE, parts).markup
    opening, close, rest = markup.partition(">")
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    style = files("tuningfork.report.templates").joinpath("standalone.css").read_text(encoding="utf-8")
    page = '<rect class="page" width="100%" height="100%"/>'
    return f"{opening}{close}<style>{style}{_STYLE}</style>{page}{rest}\n"


def _grid(x: Logarithmic, y: Linear) -> Iterator[Svg]:
    for value in y.ticks(10):
        yield line(_LEFT, y(value), _RIGHT, y(value), "grid")
        yield text(_LEFT - 8, y(value) + 4, f"{value:.1f}", "tick", "end")
    yield line(_LEFT, _BOTTOM, _RIGHT, _BOTTOM, "axis")
    for value in x.ticks(9):
        yield line(x(value), _BOTTOM, x(value), _BOTTOM + 4, "axis")
        yield text(x(value), _BOTTOM + 18, count(value), "tick", "middle")
    yield text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, "labels to train on (log scale)", "tick", "middle")
    yield text(0, _TOP - 14, "accuracy", "tick")


def _levels(levels: Sequence[Mapping[str, Any]], y: Linear) -> Iterator[Svg]:
    for level in levels:
        half = 1.96 * variance_of(level["score"], level["rows"]) ** 0.5
        top, bottom = y(min(1.0, level["score"] + half)), y(level["score"] - half)
        yield rectangle(_LEFT, top, _RIGHT - _LEFT, bottom - top, "band")
        yield line(_LEFT, y(level["score"]), _RIGHT, y(level["score"]), "level")


def _theirs(curves: Sequence[Mapping[str, Any]], x: Logarithmic, y: Linear) -> Iterator[Svg]:
    for curve in curves:
        places = [(x(labels), y(score)) for labels, score, _ in curve["points"]]
        yield polyline(places, "theirs")
        yield from (diamond(*place, 4.5, "other") for place in places)


def _ours(curves: Mapping[str, Sequence[Point]], x: Logarithmic, y: Linear) -> Iterator[Svg]:
    for place, (name, curve) in enumerate(curves.items()):
        yield polyline([(x(point.labels), y(point.score)) for point in curve], "ours second" if place else "ours")
        for point in curve:
            half = point.half_width()
            low, high = max(0.0, point.score - half), min(1.0, point.score + half)
            yield line(x(point.labels), y(low), x(point.labels), y(high), "interval")
            tip = f"{name}: {point.score:.3f} at {count(point.labels)} labels"
            yield mark("fine-tuned", x(point.labels), y(point.score), 4, "hollow" if place else "", tip=tip)


def _names(
    ours: Mapping[str, Sequence[Point]], published: Mapping[str, Any], x: Logarithmic, y: Linear
) -> Iterator[Svg]:
    """At the right, each beside the end of what it names, as far as there is room."""
    ends = [(name, "tuned", x(curve[-1].labels), y(curve[-1].score)) for name, curve in ours.items()]
    ends += [(curve["name"], "", x(curve["points"][-1][0]), y(curve["points"][-1][1])) for curve in published["curves"]]
    ends += [(level["name"], "llm", _RIGHT, y(level["score"])) for level in published["levels"]]
    middles = moved_apart([end[3] for end in ends], [_LINE] * len(ends), _TOP - 10, _BOTTOM)
    for (name, style, start, end), middle in zip(ends, middles, strict=True):
        yield line(start, end, _RIGHT + 14, middle, "lead")
        yield text(_RIGHT + 18, middle + 4, name, style)
