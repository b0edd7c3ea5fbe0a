"""Laps: what a clock saw, what is owed, what does not count."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tuningfork.foundation import stopwatch
from tuningfork.foundation.stopwatch import Stopwatch


class Clock:
    """A clock that stands still until somebody lets time go by."""

    def __init__(self) -> None:
        self.now = 1000.0

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


def test_a_lap_is_the_clock_and_what_is_owed_since_its_start(clock: Clock) -> None:
    watch = Stopwatch()
    watch.owe(100.0)
    lap = watch.start()
    clock.passes(0.05)
    watch.owe(2.0)
    assert lap.seconds == pytest.approx(2.05)
    assert lap.clock_seconds == pytest.approx(0.05)
    assert not lap.has_replays


def test_what_does_not_count_takes_its_own_debts_with_it(clock: Clock) -> None:
    watch = Stopwatch()
    lap = watch.start()
    with watch.not_counted():
        clock.passes(0.1)
        watch.owe(5.0)
        with watch.not_counted():
            clock.passes(0.05)
            watch.owe(None)
    assert lap.seconds == pytest.approx(0.0)
    assert lap.clock_seconds == pytest.approx(0.15)


def test_a_debt_that_nobody_knows_makes_the_lap_unknown_and_only_that_one() -> None:
    watch = Stopwatch()
    lap = watch.start()
    watch.owe(None, earlier_run=True)
    after = watch.start()
    assert lap.seconds is None
    assert lap.has_replays
    assert after.seconds is not None
    assert not after.has_replays


def test_what_fails_within_does_not_count_either(clock: Clock) -> None:
    watch = Stopwatch()
    lap = watch.start()
    with pytest.raises(ValueError, match="no"), watch.not_counted():
        clock.passes(0.1)
        raise ValueError("no")
    assert lap.seconds == pytest.approx(0.0)
    assert lap.clock_seconds == pytest.approx(0.1)
