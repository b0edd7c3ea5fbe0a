"""How many open and closed models each organisation has, as stacked bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tuningfork.report.letters import text_width
from tuningfork.report.svg import Svg, element, rectangle, text

BAR_PITCH = 20.0
_BAR = 13.0
_TEXT = 11.0
_LONGEST_BAR = 230.0
_MOST_UNITS = 14.0
_HEADING = 46.0
_GAP = 8.0


def shown_organisations(
    organisations: Mapping[str, Mapping[str, int]], most: int
) -> tuple[dict[str, dict[str, int]], str | None]:
    """The largest ones, and the heading of a last bar that sums up the rest where there are more."""
    names = list(organisations)
    shown = {name: dict(organisations[name]) for name in (names if len(names) <= most else names[: most - 1])}
    rest = names[len(shown) :]
    return shown, f"{len(rest)} others" if rest else None


def bars_size(shown: Mapping[str, Mapping[str, int]], rest: str | None) -> tuple[float, float]:
    """Width and height of the panel."""
    return _names_width(shown, rest) + _GAP + _LONGEST_BAR + 30.0, _HEADING + BAR_PITCH * len(shown) + (
        22 if rest else 0
    )


def organisation_bars(shown: Mapping[str, Mapping[str, int]], rest: str | None, x: float, y: float) -> Svg:
    """The panel with its upper left corner at (x, y): filled is open, hollow is closed."""
    zero = x + _names_width(shown, rest) + _GAP
    unit = min(_MOST_UNITS, _LONGEST_BAR / max((sum(bar.values()) for bar in shown.values()), default=1))
    rows = [part for place, (name, bar) in enumerate(shown.items()) for part in _bar(name, bar, zero, y, place, unit)]
    if rest:
        rows.append(
            text(zero - _GAP, y + _HEADING + BAR_PITCH * len(shown) + 12, f"and {rest}", "bar-name quiet", "end")
        )
    width, height = bars_size(shown, rest)
    ground = element("rect", x=x - _GAP, y=y - _GAP, width=width + 2 * _GAP, height=height + _GAP, class_="page")
    return element("g", ground, *_heading(zero, y), *rows, class_="bars")


def _heading(zero: float, y: float) -> Iterator[Svg]:
    yield text(zero, y + 12, "Models by organisation", "bar-title")
    yield rectangle(zero, y + 22, 11, 11, "bar-open")
    yield text(zero + 16, y + 32, "open", "bar-name quiet")
    yield rectangle(zero + 58, y + 22, 11, 11, "bar-closed")
    yield text(zero + 74, y + 32, "closed", "bar-name quiet")


def _bar(name: str, bar: Mapping[str, int], zero: float, y: float, place: int, unit: float) -> Iterator[Svg]:
    top = y + _HEADING + BAR_PITCH * place
    base = top + _BAR - 3
    yield text(zero - _GAP, base, name, "bar-name", "end")
    left = zero
    for access, number in bar.items():
        if number:
            width = number * unit
            tip = element("title", f"{name}: {number} {access}")
            yield element("rect", tip, x=left, y=top, width=width, height=_BAR, class_=f"bar-{access}")
            if text_width(str(number), _TEXT) + 2 <= width:
                yield text(left + width / 2, base, str(number), f"bar-number on-{access}", "middle")
            left += width


def _names_width(shown: Mapping[str, Mapping[str, int]], rest: str | None) -> float:
    return max(text_width(name, _TEXT) for name in [*shown, f"and {rest}"])
