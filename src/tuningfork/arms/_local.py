"""What the arms that are trained on this machine share."""

from __future__ import annotations

import time
from collections.abc import Callable

from tuningfork.task.inputs import Inputs


def seeds_of_a_cheap_arm(count: int) -> int:
    """Twenty samples where a trial takes moments, five where it takes seconds."""
    return 20 if count <= 500 else 5


def timed_one_by_one(answer: Callable[[Inputs], object], rows: Inputs) -> tuple[float, ...]:
    """Seconds of each row alone, after one unmeasured call that warms everything up."""
    if len(rows):
        answer(rows.part(0, 1))
    seconds = []
    for place in range(len(rows)):
        row = rows.part(place, place + 1)
        started = time.perf_counter()
        answer(row)
        seconds.append(time.perf_counter() - started)
    return tuple(seconds)
