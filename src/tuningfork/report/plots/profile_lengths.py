"""How long the texts are: a histogram on a log axis, further files as outlines, and where models stop reading."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuningfork.profile.document import FileDocument
from tuningfork.profile.figures import Truncation
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.letters import text_width
from tuningfork.report.numbers import percent
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, line, picture, polyline, rectangle, text
from tuningfork.report.text import one_line
from tuningfork.verdict.numbers import count

_TEXT = 12.0
_LINE = 16.0
_OUTLINED = ("test", "shifted")
_LONGEST_NAME = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    name: str
    width: float
    area_height: float
    left: float = 46.0
    right: float = 12.0


_WIDE = _Shape(name="profile-lengths-wide", width=850, area_height=190)
_NARROW = _Shape(name="profile-lengths-narrow", width=340, area_height=170)


def lengths_plot(files: Sequence[FileDocument]) -> Figure:
    """The labelled file's lengths as bars, those of test and shifted file as lines, in shares of each file's rows."""
    data, *others = [file for file in files if file.role in ("data", *_OUTLINED)]
    tokens = data.lengths.tokens
    title = f"Half of the texts have up to {count(tokens.median)} tokens, 95 % up to {count(tokens.p95)}"
    note = "Bars are the labelled file's rows; every bar is about 1.4 times as wide as the one before (log scale)."
    if others:
        note += " Lines are the other files."
    rows = tuple(
        (one_line(file.name), f"{count(low)} to {count(high - 1)}", count(rows), percent(rows / file.rows))
        for file in (data, *others)
        for low, high, rows in zip(file.lengths.edges, file.lengths.edges[1:], file.lengths.counts, strict=False)
    )
    table = DataTable(caption="Rows by length", head=("file", "tokens", "rows", "share"), rows=rows)
    wide, narrow = (_drawn(data, others, shape, title, note) for shape in (_WIDE, _NARROW))
    return Figure(title=title, note=note, wide=wide, narrow=narrow, table=table)


@dataclass(frozen=True, slots=True)
class _Log:
    """Tokens on a logarithmic axis; 0 lies where a half would."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, tokens: float) -> float:
        place = Linear(math.log(self.low), math.log(self.high), self.start, self.end)
        return place(math.log(max(0.5, tokens)))


def _drawn(data: FileDocument, others: Sequence[FileDocument], shape: _Shape, title: str, note: str) -> Svg:
    every = [data, *others]
    low = min(max(0.5, file.lengths.edges[0]) for file in every)
    high = max(file.lengths.edges[-1] for file in every)
    marks = [one for one in data.lengths.truncations if low < one.max_tokens < high]
    top = _LINE * (len(marks) + (len(others) > 0)) + 14
    bottom = top + shape.area_height
    x = _Log(low, high, shape.left, shape.width - shape.right)
    most = max(rows / file.rows for file in every for rows in file.lengths.counts)
    y = Linear(0, 1.05 * most, bottom, top)
    parts = [
        *_grid(x, y, most, shape),
        *_bars(data, x, y),
        *(polyline(_outline(file, x, y), f"outline {file.role}") for file in others),
        *_stops(marks, x, bottom, shape),
        *_ticks(x, every, bottom),
        *_key(others, shape, _LINE * len(marks) + 12),
    ]
    return picture(shape.name, (shape.width, bottom + 40), title, note, parts)


def _grid(x: _Log, y: Linear, most: float, shape: _Shape) -> Iterator[Svg]:
    for share in y.ticks(3):
        if share > 0:
            yield line(shape.left, y(share), shape.width - shape.right, y(share), "grid")
        yield text(shape.left - 6, y(share) + 4, percent(share), "tick", "end")


def _bars(file: FileDocument, x: _Log, y: Linear) -> Iterator[Svg]:
    edges = file.lengths.edges
    for low, high, rows in zip(edges, edges[1:], file.lengths.counts, strict=False):
        if rows:
            top = y(rows / file.rows)
            yield rectangle(x(low) + 0.5, top, x(high) - x(low) - 1, max(0.5, y(0) - top), "bar")


def _outline(file: FileDocument, x: _Log, y: Linear) -> list[tuple[float, float]]:
    points = [(x(file.lengths.edges[0]), y(0))]
    edges = file.lengths.edges
    for low, high, rows in zip(edges, edges[1:], file.lengths.counts, strict=False):
        points += [(x(low), y(rows / file.rows)), (x(high), y(rows / file.rows))]
    return [*points, (x(edges[-1]), y(0))]


def _stops(marks: Sequence[Truncation], x: _Log, bottom: float, shape: _Shape) -> Iterator[Svg]:
    """A line where a model stops reading, its name above the plot, each in a line of its own."""
    for place, mark in enumerate(marks):
        words = f"{mark.model} reads {count(mark.max_tokens)}"
        at, base = x(mark.max_tokens), _LINE * place + 12
        yield line(at, base + 4, at, bottom, "stop")
        fits = at + text_width(words, _TEXT) < shape.width
        yield text(at + (4 if fits else -4), base, words, "", "start" if fits else "end")


def _ticks(x: _Log, files: Sequence[FileDocument], bottom: float) -> Iterator[Svg]:
    """Edges at the axis, those left out that would touch the one before."""
    yield line(x.start, bottom, x.end, bottom, "axis")
    free = -math.inf
    for edge in sorted({edge for file in files for edge in file.lengths.edges}):
        words = count(edge)
        half = text_width(words, _TEXT) / 2
        middle = min(max(x(edge), half), x.end - half + 10)
        if middle - half > free + 12:
            yield text(middle, bottom + 18, words, "tick", "middle")
            free = middle + half
    yield text((x.start + x.end) / 2, bottom + 35, "tokens of a text (log scale)", "tick", "middle")


def _key(others: Sequence[FileDocument], shape: _Shape, base: float) -> Iterator[Svg]:
    left = shape.left
    for file in others:
        name = one_line(file.name)
        name = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        yield line(left, base - 4, left + 18, base - 4, f"outline {file.role}")
        yield text(left + 24, base, file.role if shape is _NARROW else f"{name} ({file.role})")
        left += 40 + text_width(file.role if shape is _NARROW else f"{name} ({file.role})", _TEXT)
