"""Where a curve over label counts passes 0 for good, between observed counts and never beyond them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Bound = Literal["above", "at_or_below"]
Ends = tuple[float | None, float | None]
"""Ends of an interval of label counts; None: open on that side, for the observed counts do not reach it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The trained arm's lead over the LLM arm at ascending counts, with pointwise 95 % limits; some may be infinite."""

    counts: list[int]
    lead: list[float]
    lower: list[float]
    upper: list[float]


@dataclass(frozen=True, slots=True)
class Crossing:
    """The count from which the lead stays at 0 or above.

    Attributes:
        at: between observed counts; None where the curve lies on one side of 0, or nothing is known.
        ends: 95 % interval by inverting the pointwise limits; None where there is no interval.
        bound: 'above': the curve ends below 0; 'at_or_below': it never is. None where `at` is known, or nothing.
        bound_at: the largest (above) or smallest (at_or_below) count observed.
        reason: in plain words what is missing or open.
    """

    at: float | None = None
    ends: Ends | None = None
    bound: Bound | None = None
    bound_at: float | None = None
    reason: str | None = None


def crossing(curve: Curve, tried: str = "tried") -> Crossing:
    """Where the lead becomes 0 for good, with the interval that inverts the pointwise limits.

    Between counts the limits are interpolated as the lead is. That is never too narrow: the deviation of a weighted
    mean is at most the weighted mean of the deviations. A single count bounds as several do: behind there, the
    crossing for good lies above it; ahead there, at or below it, as far as was tried.

    Args:
        tried: how the counts were tried, for the reasons.
    """
    counts, lead = curve.counts, curve.lead
    smallest, largest, only = counts[0], counts[-1], len(counts) == 1
    if lead[-1] < 0:
        which = "only" if only else "largest"
        reason = f"not reached by {largest} labels, the {which} count {tried}"
        return Crossing(ends=_ends(curve), bound="above", bound_at=float(largest), reason=reason)
    if min(lead) >= 0:
        which = "only" if only else "smallest"
        reason = f"at or below {smallest} labels, the {which} count {tried}"
        return Crossing(ends=_ends(curve), bound="at_or_below", bound_at=float(smallest), reason=reason)
    ends = _ends(curve)
    open_ends = [f"below {smallest}"] * (ends[0] is None) + [f"above {largest}"] * (ends[1] is None)
    reason_open = f"may as well lie {' or '.join(open_ends)} labels" if open_ends else None
    return Crossing(at=_zero_for_good(counts, lead), ends=ends, reason=reason_open)


def without_interval(found: Crossing, why: str) -> Crossing:
    """The same crossing where its limits mean nothing."""
    known = None if found.at is not None else found.reason
    return replace(found, ends=None, reason=f"{known}, and {why}" if known else why)


def _ends(curve: Curve) -> Ends:
    """From the first count at which the upper limit reaches 0, to that from which the lower one stays there.

    A limit that is at 0 or above from the start leaves the lower end open, one that ends below 0 the upper end. An
    upper limit below 0 at the largest count puts the crossing for good above that count, a lower one at 0 or above
    everywhere puts it at or below the smallest.
    """
    counts, lower, upper = curve.counts, curve.lower, curve.upper
    low: float | None
    if upper[-1] < 0:
        low = float(counts[-1])
    else:
        low = None if upper[0] >= 0 else _first_zero(counts, upper)
    if lower[-1] < 0:
        return low, None
    return low, float(counts[0]) if min(lower) >= 0 else _zero_for_good(counts, lower)


def _zero_for_good(counts: list[int], values: list[float]) -> float:
    """The count from which interpolated values stay at 0 or above; the last value is, and an earlier one is not."""
    below = max(place for place, value in enumerate(values) if value < 0)
    return _between(counts, values, below)


def _first_zero(counts: list[int], values: list[float]) -> float:
    """The first count at which interpolated values reach 0; the first value is below it, and a later one is not."""
    reached = min(place for place, value in enumerate(values) if value >= 0)
    return _between(counts, values, reached - 1)


def _between(counts: list[int], values: list[float], place: int) -> float:
    """The zero between a value below 0 at `place` and the next one, linear in log count; next to the finite one."""
    below, above = values[place], values[place + 1]
    share = below / (below - above) if math.isfinite(below) else 1.0
    return float(counts[place] * (counts[place + 1] / counts[place]) ** share)
