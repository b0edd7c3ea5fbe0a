"""How many rows each label has: the most frequent and the rarest, against an even share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuningfork.profile.document import FileDocument
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.letters import text_width
from tuningfork.report.numbers import percent
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, line, picture, rectangle, text
from tuningfork.report.text import one_line
from tuningfork.task.wording import counted
from tuningfork.verdict.numbers import count

_TEXT = 12.0
_PITCH = 20.0
_BAR = 12.0
_TOP = 24.0
_MOST_SHOWN = 20
_RAREST_SHOWN = 5
_IN_TABLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    name: str
    width: float
    letters: int


_WIDE = _Shape(name="profile-labels-wide", width=850, letters=40)
_NARROW = _Shape(name="profile-labels-narrow", width=340, letters=18)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One label, or None rows for the labels left out between."""

    name: str
    rows: int | None


def labels_plot(file: FileDocument) -> Figure | None:
    """The labels' counts as bars; None where there are none."""
    if not file.labels:
        return None
    ranked = sorted(file.labels.items(), key=lambda pair: (-pair[1], pair[0]))
    labelled = sum(file.labels.values())
    even = labelled / len(ranked)
    title = _title(ranked, even)
    note = "The dashed line is an even share of the labelled rows."
    bars = _shown([_Bar(one_line(name), rows) for name, rows in ranked])
    table = DataTable(
        caption="Rows by label",
        head=("label", "rows", "share"),
        rows=tuple((one_line(name), count(rows), percent(rows / labelled)) for name, rows in ranked[:_IN_TABLE]),
    )
    wide, narrow = (_drawn(bars, even, shape, title, note) for shape in (_WIDE, _NARROW))
    return Figure(title=title, note=note, wide=wide, narrow=narrow, table=table)


def _title(ranked: Sequence[tuple[str, int]], even: float) -> str:
    (_, most), (_, least) = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return "All labelled rows have one label"
    if least >= 0.5 * even and most <= 2 * even:
        return f"The {len(ranked)} labels are about even: {count(least)} to {count(most)} rows each"
    return f"The most frequent of {len(ranked)} labels has {count(most)} rows, the rarest {count(least)}"


def _shown(bars: Sequence[_Bar]) -> list[_Bar]:
    if len(bars) <= _MOST_SHOWN:
        return list(bars)
    first = _MOST_SHOWN - _RAREST_SHOWN
    between = len(bars) - _MOST_SHOWN
    return [*bars[:first], _Bar(f"{counted(between, 'label')} between", None), *bars[-_RAREST_SHOWN:]]


def _drawn(bars: Sequence[_Bar], even: float, shape: _Shape, title: str, note: str) -> Svg:
    names = [_cut(bar.name, shape.letters) for bar in bars]
    left = max(text_width(name, _TEXT) for name in names) + 10
    most = max(even, *(bar.rows or 0 for bar in bars))
    right = shape.width - text_width(count(most), _TEXT) - 10
    x = Linear(0, most, left, right)
    bottom = _TOP + _PITCH * len(bars)
    rows = [part for place, bar in enumerate(bars) for part in _bar(bar, names[place], x, _TOP + _PITCH * place)]
    words = f"even share: {count(even)}"
    fits = x(even) + text_width(words, _TEXT) < shape.width
    even_line = [
        line(x(even), _TOP - 6, x(even), bottom, "even"),
        text(x(even), 12, words, "tick", "middle" if fits and x(even) > text_width(words, _TEXT) / 2 else "end"),
    ]
    return picture(shape.name, (shape.width, bottom + 4), title, note, [*rows, *even_line])


def _bar(bar: _Bar, name: str, x: Linear, top: float) -> Iterator[Svg]:
    base = top + _BAR - 2
    yield text(x(0) - 8, base, name, "tick" if bar.rows is None else "", "end")
    if bar.rows is not None:
        yield rectangle(x(0), top, x(bar.rows) - x(0), _BAR, "bar")
        yield text(x(bar.rows) + 5, base, count(bar.rows), "tick")


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
