"""The survey's observations as one picture: a row each, what it says on the left, its yearly series on the right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from importlib.resources import files

from tuningfork.atlas.trends import SURVEY_DAY, Observation, Point
from tuningfork.report.plots.scales import Linear
from tuningfork.report.svg import Svg, element, line, picture, polyline, text

_WIDTH, _ROW, _TOP = 900.0, 190.0, 24.0
_TEXT, _LEFT, _RIGHT = 20.0, 430.0, 880.0
_STATEMENT_LETTERS, _LETTERS = 40, 54
_PLOT_TOP, _PLOT_BOTTOM = 16.0, 136.0
_STYLES = ("standalone.css", "trends.css")


def trends_svg(observations: Sequence[Observation], *, today: str) -> str:
    """An SVG file of its own: it brings its style, follows light and dark, and asks for nothing.

    Args:
        today: the catalogue's last day, 'YYYY-MM-DD'; the series' last year is drawn hollow where it is not over.
    """
    rows = [
        element("g", *_row(seen, today), transform=f"translate(0 {_TOP + place * _ROW})")
        for place, seen in enumerate(observations)
    ]
    told = "; ".join(f"{seen.statement} {seen.verdict}" for seen in observations)
    height = _TOP + _ROW * len(observations)
    drawing = picture("trends", (_WIDTH, height), "The survey's observations, then and today", told, rows).markup
    opening, close, rest = drawing.partition(">")
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    style = "".join(files("tuningfork.report.templates").joinpath(name).read_text(encoding="utf-8") for name in _STYLES)
    return f'{opening}{close}<style>{style}</style><rect class="page" width="100%" height="100%"/>{rest}\n'


def value_text(value: float | None, unit: str) -> str:
    """'79 %', '+4.8 points', '14 models'; 'not known' for None."""
    if value is None:
        return "not known"
    if unit == "share":
        return f"{100 * value:.0f} %"
    if unit == "points":
        return f"{value:+.1f} points"
    return "1 model" if value == 1 else f"{value:.0f} models"


def _row(seen: Observation, today: str) -> Iterator[Svg]:
    statement = textwrap.wrap(seen.statement, _STATEMENT_LETTERS)
    below = 14 * len(statement) + 18
    yield text(_TEXT, 14, statement, "statement")
    yield text(_TEXT, below + 6, f"{seen.verdict[0].upper()}{seen.verdict[1:]}.")
    then, now = (value_text(value, seen.unit) for value in (seen.value_2023, seen.value_today))
    values = f"April 2023: {then}; {_month(today)}: {now}"
    yield text(_TEXT, below + 24, values)
    told = seen.measure if seen.beside is None else f"{seen.measure}; dashed: {seen.beside}"
    yield text(_TEXT, below + 42, textwrap.wrap(told, _LETTERS), "then")
    yield from _plot(seen, today)


def _month(day: str) -> str:
    return f"{day[:4]}-{day[5:7]}"


def _plot(seen: Observation, today: str) -> Iterator[Svg]:
    years = [point.year for point in seen.series]
    x = Linear(min(years) - 0.4, max(years) + 0.4, _LEFT, _RIGHT)
    y = _scale(seen)
    for value in y.ticks(4):
        yield line(_LEFT, y(value), _RIGHT, y(value), "axis" if value == 0 else "grid")
        yield text(_LEFT - 8, y(value) + 4, _tick(value, seen.unit), "tick", "end")
    for year in years:
        yield text(x(year), _PLOT_BOTTOM + 18, str(year), "tick", "middle")
    survey = x(int(SURVEY_DAY[:4]) + int(SURVEY_DAY[5:7]) / 12 - 0.5)
    yield line(survey, _PLOT_TOP - 8, survey, _PLOT_BOTTOM, "survey")
    yield text(survey - 4, _PLOT_TOP - 4, "survey", "tick", "end")
    yield from _other(seen, x, y)
    yield from _values(seen, x, y, today)


def _scale(seen: Observation) -> Linear:
    shown = [point.value for point in seen.series if point.value is not None]
    shown += [point.other_value for point in seen.series if point.other_value is not None]
    if seen.unit == "share":
        return Linear(0.0, 1.0, _PLOT_BOTTOM, _PLOT_TOP)
    return Linear(min([0.0, *shown]) * 1.15, max([1.0, *shown]) * 1.1, _PLOT_BOTTOM, _PLOT_TOP)


def _tick(value: float, unit: str) -> str:
    return f"{100 * value:.0f} %" if unit == "share" else f"{value:g}"


def _values(seen: Observation, x: Linear, y: Linear, today: str) -> Iterator[Svg]:
    for stretch in _stretches(seen.series):
        yield polyline([(x(point.year), y(point.value or 0.0)) for point in stretch], "value-line")
    for point in seen.series:
        if point.value is None:
            continue
        partial = str(point.year) == today[:4] and today[5:] < "12-01"
        told = f"{point.year}: {value_text(point.value, seen.unit)}, of {point.n} models"
        tip = f"{told}; {point.other}" if point.other else told
        dot = "partial" if partial else "value-dot"
        yield element("circle", element("title", tip), cx=x(point.year), cy=y(point.value), r=4, class_=dot)


def _other(seen: Observation, x: Linear, y: Linear) -> Iterator[Svg]:
    points = [(point, point.other_value) for point in seen.series if point.other_value is not None]
    if not points:
        return
    yield polyline([(x(point.year), y(value)) for point, value in points], "other-line")
    for point, value in points:
        tip = element("title", f"{point.year}: {point.other} {value_text(value, seen.unit)}")
        yield element("circle", tip, cx=x(point.year), cy=y(value), r=3, class_="other-dot")
    most, value = max(points, key=lambda item: item[1])
    yield text(x(most.year) + 8, y(value) - 4, most.other or "", "other-text")


def _stretches(series: Sequence[Point]) -> Iterator[list[Point]]:
    """Runs of years whose value is known."""
    found: list[Point] = []
    for point in series:
        if point.value is None:
            if found:
                yield found
            found = []
        else:
            found.append(point)
    if found:
        yield found
