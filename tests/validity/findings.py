"""What a simulation found, and whether that keeps the promise: shared by the tests and by the page of results."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

Side = Literal["at least", "at most"]
Unit = Literal["share", "points", "doublings"]

LIKELY = 2.6
"""Monte-Carlo errors that are no broken promise: one in 200 of kept ones is farther out."""


@dataclass(frozen=True)
class Finding:
    """One simulated figure.

    Attributes:
        what: measured in this world, e.g. 'false winners, by units'.
        value, error: with its Monte-Carlo standard error, None where that is not known; in `unit`.
        draws: simulated data sets behind it.
        promise: what the method promises of it, if anything.
    """

    what: str
    value: float
    error: float | None
    draws: int
    promise: tuple[Side, float] | None = None
    unit: Unit = "share"

    @property
    def kept(self) -> bool:
        if self.promise is None:
            return True
        side, limit = self.promise
        # The error under the promise, not under what was seen: a share of 0 has no error of its own.
        slack = LIKELY * max(self.error or 0.0, float(np.sqrt(limit * (1 - limit) / self.draws)))
        return self.value >= limit - slack if side == "at least" else self.value <= limit + slack


def share(what: str, seen: Sequence[bool], *, at_least: float | None = None, at_most: float | None = None) -> Finding:
    """A share of data sets."""
    value = float(np.mean(seen))
    promise: tuple[Side, float] | None = None
    if at_least is not None:
        promise = ("at least", at_least)
    elif at_most is not None:
        promise = ("at most", at_most)
    return Finding(what, value, float(np.sqrt(value * (1 - value) / len(seen))), len(seen), promise)


def mean(what: str, values: Sequence[float], unit: Unit, *, at_least: float | None = None) -> Finding:
    """A mean over data sets."""
    error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
    promise: tuple[Side, float] | None = None if at_least is None else ("at least", at_least)
    return Finding(what, float(np.mean(values)), error, len(values), promise, unit)


def quantile(what: str, values: Sequence[float], q: float, unit: Unit) -> Finding:
    """A quantile over data sets."""
    return Finding(what, float(np.quantile(values, q)), None, len(values), None, unit)


@dataclass(frozen=True)
class World:
    """A simulated setting.

    Attributes:
        name: in words, as the page shows it.
        draws: data sets in a quick run.
        simulate: from a generator and a number of draws to what was found.
    """

    name: str
    draws: int
    simulate: Callable[[np.random.Generator, int], list[Finding]]

    def run(self, times: int = 1) -> list[Finding]:
        """The same numbers on every machine for the same `times`, which multiplies the draws."""
        return self.simulate(np.random.default_rng(zlib.crc32(self.name.encode())), times * self.draws)
