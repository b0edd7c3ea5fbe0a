"""How many requests are under way at once, and how long to wait: what the server says decides.

One request goes first, alone, so that refused parameters are learned once. Then as many go as the server bore in an
earlier run of the study, or four; and the number doubles with every round of answers until the server asks for fewer.
From there on it is halved each time that the server does so, and grows by one for every round of answers (slow start,
additive increase, multiplicative decrease). So a server with a rate limit is kept busy right up to it: all requests are
held back only for as long as the server says, or while it answers none.
"""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

_AFTER_FIRST = 4
_LONGEST_ALLOWANCE = 60.0
"""Seconds; beyond it the server is asked again all the same, for some write a date where a time span belongs."""

_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How failed requests are sent again.

    Attributes:
        retries: how often one request is sent again.
        first_wait: seconds before the first time; doubled each time, between half and all of it at random.
        longest_wait: seconds that no wait of our own exceeds.
        longest_ban: a server that asks to wait for more seconds than this is given up.
        answer_seconds: longest wait for one whole answer; hidden reasoning and small machines are slow.
    """

    retries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 30.0
    longest_ban: float = 300.0
    answer_seconds: float = 300.0

    def wait(self, attempt: int) -> float:
        """Seconds before sending again after failure number `attempt`, from 0."""
        return min(self.longest_wait, self.first_wait * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311


USUAL = Patience()
"""What is used where nothing else is asked for."""


class Pacer:
    """The pace that one server bears; kept over all calls of one client.

    Args:
        most: requests under way at once that are never exceeded.
        known: requests under way at once that the server bore in an earlier run; None where there was none.

    Attributes:
        answers: how many requests were answered.
    """

    def __init__(self, most: int, *, known: int | None = None) -> None:
        self._most, self._limit, self.answers = most, 1.0, 0
        self._after_first = float(_AFTER_FIRST if known is None else max(1, known))
        self._halved_at, self._quiet_until = float("-inf"), float("-inf")
        self._was_refused, self._refused_in_a_row = False, 0

    @property
    def answered(self) -> bool:
        """Whether any request was answered yet."""
        return self.answers > 0

    @property
    def limit(self) -> int:
        """Requests that may be under way at once."""
        return max(1, int(self._limit))

    @property
    def pause(self) -> float:
        """Seconds until the next request may leave."""
        return max(0.0, self._quiet_until - time.monotonic())

    def succeeded(self) -> None:
        """A request was answered."""
        step = 1 / self._limit if self._was_refused else 1.0
        grown = self._limit + step if self.answered else self._after_first
        self.answers, self._refused_in_a_row = self.answers + 1, 0
        self._limit = min(grown, float(self._most))

    def throttled(self, sent_at: float, asked: float | None, patience: Patience) -> bool:
        """The server asked for fewer. What was sent before the last halving does not halve again.

        Nobody sends for as long as the server asked for; for longer where it has refused before and answered nothing
        since.

        Args:
            sent_at: `time.monotonic()` when the request left.
            asked: seconds of silence that the server asked for, or None.

        Returns:
            Whether this was the first refusal since the last halving.
        """
        first, self._was_refused = sent_at >= self._halved_at, True
        if first:
            self._limit, self._halved_at = max(1.0, self._limit / 2), time.monotonic()
            self._refused_in_a_row += 1
        silence = asked or 0.0
        if first and self._refused_in_a_row > 1:
            silence = max(silence, patience.wait(self._refused_in_a_row - 2))
        self._quiet_until = max(self._quiet_until, time.monotonic() + silence)
        return first

    def observe(self, headers: Mapping[str, str]) -> None:
        """Obey `x-ratelimit-remaining-*` of 0: no request until the time that `x-ratelimit-reset-*` says."""
        self._quiet_until = max(self._quiet_until, time.monotonic() + (allowance_back(headers) or 0.0))


class Gate:
    """Lets the requests of one call through at the pacer's pace, in the order in which they came to it. Belongs to one
    event loop."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer, self._under_way = pacer, 0
        self._waiting: deque[object] = deque()
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Wait for one's turn; the place is free again at the end."""
        await self._come_through()
        try:
            yield
        finally:
            self._under_way -= 1
            async with self._changed:
                self._changed.notify_all()

    async def _come_through(self) -> None:
        turn = object()
        self._waiting.append(turn)
        try:
            while True:
                async with self._changed:
                    await self._changed.wait_for(
                        lambda: self._waiting[0] is turn and self._under_way < self._pacer.limit
                    )
                    pause = self._pacer.pause
                    if pause <= 0:
                        self._under_way += 1
                        self._changed.notify_all()
                        return
                await asyncio.sleep(pause)
        finally:
            self._waiting.remove(turn)


def allowance_back(headers: Mapping[str, str]) -> float | None:
    """Seconds until an allowance of requests or tokens that is used up comes back, at most a minute; None where none is
    used up."""
    waits = [
        seconds_of(headers.get(f"x-ratelimit-reset-{kind}", ""))
        for kind in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"
    ]
    return max((min(wait, _LONGEST_ALLOWANCE) for wait in waits if wait is not None), default=None)


def seconds_of(text: str) -> float | None:
    """'20ms', '1s', '6m0s', '2m59.56s' or plain seconds as seconds; None for anything else."""
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text.strip():
        return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
