"""How numbers read in sentences: scores, points, intervals, p-values, money. Shared by verdict, terminal and report."""

from __future__ import annotations

import math

from tuningfork.verdict.verdict_json import Interval

UNKNOWN = "–"
POINTS = "points"
"""The unit of hundredths of a range from 0 to 1."""


def score_digits(ci95: Interval | None) -> int:
    """Decimals that an interval deserves: 2, or 3 where it is narrower than one point each way."""
    return 3 if ci95 is not None and ci95[1] - ci95[0] < 0.02 else 2


def score(value: float | None, ci95: Interval | None = None, *, digits: int | None = None) -> str:
    """'0.91 [0.88, 0.93]', '0.91' without an interval, an en dash for unknown; decimals as the interval deserves."""
    if value is None:
        return UNKNOWN
    places = score_digits(ci95) if digits is None else digits
    if ci95 is None:
        return f"{value:.{places}f}"
    return f"{value:.{places}f} [{ci95[0]:.{places}f}, {ci95[1]:.{places}f}]"


def amount(value: float, unit: str) -> str:
    """A difference of scores with the metric's unit: 0.035 -> '3.5 points', 0.01 -> '1 point', 0.5 -> '0.5 cups'; a
    plain number, as of a correlation, where the unit is ''."""
    if unit != POINTS:
        return f"{_plain(value)} {unit}".rstrip()
    text = _trimmed(100 * value)
    return f"{text} point" if text in {"1", "-1"} else f"{text} points"


def gap(difference: float, ci95: Interval, unit: str) -> str:
    """A difference with its interval: '18 points apart [14, 22]' is `gap(...)` with 'apart' put in by the caller.

    Whole points, unless the interval is narrow or a bound would be rounded onto zero, which would misreport
    whether it excludes it.
    """
    if unit != POINTS:
        places = _places(ci95[1] - ci95[0], ci95)
        numbers = " ".join((_fixed(difference, places), unit)).rstrip()
        return f"{numbers} [{_fixed(ci95[0], places)}, {_fixed(ci95[1], places)}]"
    middle, low, high = 100 * difference, 100 * ci95[0], 100 * ci95[1]
    whole = high - low >= 4 and all(round(bound) != 0 or bound == 0 for bound in (low, high))
    places = 0 if whole else 1
    told = _trimmed(middle) if whole and abs(middle) < 1 else _fixed(middle, places)
    word = "point" if told in {"1", "-1"} else "points"
    return f"{told} {word} [{_fixed(low, places)}, {_fixed(high, places)}]"


def p_value(value: float | None) -> str | None:
    """'p = 0.012', 'p < 0.001' and no smaller; None where there is none."""
    if value is None:
        return None
    if value < 0.001:
        return "p < 0.001"
    return f"p = {value:.3f}" if value < 0.1 else f"p = {value:.2f}"


def count(value: float) -> str:
    """A count with its thousands separated: 12345 -> '12,345'."""
    return f"{value:,.0f}"


def about(value: float) -> str:
    """An estimated count with two significant digits: 347 -> '350', 1043 -> '1,000'."""
    magnitude = 10 ** max(0, len(str(int(abs(value)))) - 2)
    return f"{round(value / magnitude) * magnitude:,.0f}"


def _plain(value: float) -> str:
    """With as many decimals as three significant digits take, at most three, and no zeros at their end."""
    text = f"{value:,.{max(0, min(3, 2 - _magnitude(value)))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _places(width: float, ci95: Interval) -> int:
    """Decimals of an interval's numbers: two digits of its width, and none of its ends rounded onto zero."""
    places = max(0, min(3, 1 - _magnitude(width)))
    while places < 3 and any(end != 0 and round(end, places) == 0 for end in ci95):
        places += 1
    return places


def _magnitude(value: float) -> int:
    """The power of ten of a number: 0 of 3.5, -2 of 0.012; 0 of 0 itself."""
    return math.floor(math.log10(abs(value))) if value else 0


def _trimmed(value: float) -> str:
    return _fixed(value, 1).removesuffix(".0")


def _fixed(value: float, places: int) -> str:
    """With so many decimals, and no minus sign before a zero."""
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text
