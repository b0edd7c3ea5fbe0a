"""The survey's observations for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tuningfork.atlas.trends import Observation, Point
from tuningfork.report.plots.atlas_trends import value_text


def trends_text(observations: Sequence[Observation], *, today: str, width: int) -> str:
    """A paragraph each: statement, verdict, the two numbers, the rule, the years, and what may bend them."""
    return "\n\n".join("\n".join(_lines(seen, today, width)) for seen in observations)


def _lines(seen: Observation, today: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(seen.statement, width)
    then, now = (value_text(value, seen.unit) for value in (seen.value_2023, seen.value_today))
    yield f"  {seen.verdict[0].upper()}{seen.verdict[1:]}."
    yield from _part("April 2023", then, width)
    yield from _part(today, now, width)
    yield from _part("counts", f"{seen.measure}; {'; '.join(seen.numbers)}", width)
    yield from _part("rule", seen.rule, width)
    yield from _part("by year", ", ".join(_year(point, seen.unit) for point in seen.series), width)
    yield from _part("caveat", seen.caveat, width)


def _year(point: Point, unit: str) -> str:
    if point.value is None:
        return f"{point.year} –"
    value = value_text(point.value, unit).partition(" model")[0].removesuffix(" points").replace(" ", "\u00a0")
    beside = f" ({point.other} {point.other_value:.0f})" if point.other_value is not None else ""
    return f"{point.year} {value}{beside}"


def _part(heading: str, text: str, width: int) -> list[str]:
    start = f"  {heading:<12}"
    return textwrap.wrap(text, width, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False)
