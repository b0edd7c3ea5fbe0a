"""From data to drawing units, with ticks at round values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_ROUND = (1.0, 2.0, 5.0, 10.0)


class Scale(Protocol):
    """Places values on a stretch of the drawing."""

    def __call__(self, value: float) -> float:
        """Where the value lies, in drawing units."""

    def ticks(self, wanted: int) -> tuple[float, ...]:
        """About so many round values within the domain, ascending."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Equal steps are equal distances."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, wanted: int) -> tuple[float, ...]:
        step = _round_step((self.high - self.low) / max(1, wanted))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(place * step for place in range(first, last + 1))


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """Equal ratios are equal distances; the domain is above 0."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, wanted: int) -> tuple[float, ...]:
        """Powers of ten; 1, 2 and 5 times them, or 1 and 3 times, where the powers alone are too few or many."""
        for multiples in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
            found = self._multiples(multiples)
            if len(found) <= wanted:
                return found
        return found[:: math.ceil(len(found) / wanted)]

    def _multiples(self, multiples: Sequence[float]) -> tuple[float, ...]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = (multiple * 10.0**power for power in powers for multiple in multiples)
        return tuple(value for value in values if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9))


def padded(values: Sequence[float], *, share: float = 0.05, least: float = 0.0) -> tuple[float, float]:
    """The range of the values, a share of it wider on both sides, and no narrower than `least`."""
    low, high = min(values), max(values)
    extra = max(share * (high - low), (least - (high - low)) / 2)
    return low - extra, high + extra


def moved_apart(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Middles as near as may be to the wanted ones (least squares), so that items of these sizes don't overlap.

    With what must lie before each item taken off, this is isotonic regression, by pooling adjacent violators. The
    items stay within [low, high] if they fit there; otherwise they start at `low` and run over `high`.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    before = [0.0]
    for earlier, later in itertools.pairwise(order):
        before.append(before[-1] + (sizes[earlier] + sizes[later]) / 2)
    least = low + sizes[order[0]] / 2
    most = max(least, high - sizes[order[-1]] / 2 - before[-1])
    freed = _isotonic([wanted[i] - gap for i, gap in zip(order, before, strict=True)])
    places = [0.0] * len(wanted)
    for i, value, gap in zip(order, freed, before, strict=True):
        places[i] = min(max(value, least), most) + gap
    return places


def _isotonic(values: Sequence[float]) -> list[float]:
    """The nearest values that never fall."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            other, more = blocks.pop()
            mean, size = (mean * size + other * more) / (size + more), size + more
        blocks.append((mean, size))
    return [mean for mean, size in blocks for _ in range(size)]


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(multiple * power for multiple in _ROUND if multiple * power >= step * (1 - 1e-9))
