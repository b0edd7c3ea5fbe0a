"""Time as a user would spend it: by the clock, but for what was kept from before and what is nobody's to pay."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Reading:
    clock: float
    owed: float
    unknown: int
    replays: int


class Stopwatch:
    """Laps over work of which a part may have been done before.

    Whoever takes a result from a memory says what making it takes (`owe`); what belongs to no lap (opening a model,
    looking for an answer that is kept) stands in `not_counted`. So a lap takes the same whether its work is new, comes
    from another trial of this run, or from a run that was stopped. For one thread.
    """

    def __init__(self) -> None:
        self._owed, self._unknown, self._replays = 0.0, 0, 0

    def owe(self, seconds: float | None, *, earlier_run: bool = False) -> None:
        """Work was spared that takes so many wall seconds; None: it is not known how many.

        Args:
            earlier_run: what was spared may be of an earlier run, so that this lap's clock teaches nothing.
        """
        if seconds is None:
            self._unknown += 1
        else:
            self._owed += seconds
        self._replays += earlier_run

    @contextmanager
    def not_counted(self) -> Iterator[None]:
        """What happens within belongs to no lap: neither the clock's seconds nor what is owed."""
        before = self._read()
        try:
            yield
        finally:
            self._owed = before.owed - (time.perf_counter() - before.clock)
            self._unknown = before.unknown

    def start(self) -> Lap:
        """A lap that begins now."""
        return Lap(self)

    def _read(self) -> _Reading:
        return _Reading(time.perf_counter(), self._owed, self._unknown, self._replays)


class Lap:
    """What has passed since its start, up to the moment of asking."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch, self._start = stopwatch, stopwatch._read()

    @property
    def clock_seconds(self) -> float:
        """By the clock alone."""
        return time.perf_counter() - self._start.clock

    @property
    def seconds(self) -> float | None:
        """With what is owed, without what does not count; None where something is owed of which no time is known."""
        now = self._stopwatch._read()
        if now.unknown > self._start.unknown:
            return None
        return max(0.0, now.clock - self._start.clock + now.owed - self._start.owed)

    @property
    def has_replays(self) -> bool:
        """Whether anything came from an earlier run."""
        return self._stopwatch._replays > self._start.replays
