"""How money, time and shares read; scores, points, counts and p-values are in `tuningfork.verdict.numbers`."""

from __future__ import annotations

import math

from tuningfork.verdict.numbers import UNKNOWN, count


def significant(value: float, digits: int = 2) -> str:
    """At least `digits` significant digits, thousands separated: 0.0347 -> '0.035', 3.1 -> '3.1', 1234.5 -> '1,234'."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}"


def usd(value: float | None) -> str:
    """Dollars: '$0.0042', '$0.35', '$1,234.50'; an en dash for unknown."""
    if value is None:
        return UNKNOWN
    return f"${value:,.2f}" if value >= 1 else f"${significant(value)}"


def milliseconds(value: float | None) -> str:
    """Without the unit: '0.031', '4.2', '1,250'; an en dash for unknown."""
    return UNKNOWN if value is None else significant(value)


def percent(share: float | None) -> str:
    """'0 %', '< 1 %', '12 %' with a blank that does not break; an en dash for unknown."""
    if share is None:
        return UNKNOWN
    if 0 < share < 0.01:
        return "<\u00a01\u00a0%"
    return f"{100 * share:.0f}\u00a0%"


def duration(seconds: float | None) -> str:
    """'0.4 s', '45 s', '12 min', '1 h 20 min'; an en dash for unknown."""
    if seconds is None:
        return UNKNOWN
    if seconds < 1:
        return f"{significant(seconds, 1)} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes // 60} h {minutes % 60} min"


def duration_range(low: float, high: float) -> str:
    """'3 to 12 min', '40 s to 3 min', 'under 1 s'."""
    if high < 1:
        return "under 1 s"
    first, last = duration(low), duration(high)
    if first == last:
        return f"about {last}"
    (amount, *units), (_, *last_units) = first.split(" "), last.split(" ")
    return f"{amount} to {last}" if units == last_units and len(units) == 1 else f"{first} to {last}"


def labels(value: int | None) -> str:
    """A label count; an en dash for unknown."""
    return UNKNOWN if value is None else count(value)
