"""How many requests are under way at once, and how long to wait: what the server says decides.

One request goes first, alone, so that refused parameters are learned once. Then the number grows by one for every
round of successes and is halved when the server asks for fewer (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

_AFTER_FIRST = 4
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
    """

    retries: int = 5
    first_wait: float = 1.0
    longest_wait: float = 30.0
    longest_ban: float = 300.0

    def wait(self, attempt: int) -> float:
        """Seconds before sending again after failure number `attempt`, from 0."""
        return min(self.longest_wait, self.first_wait * 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311


class Pacer:
    """The pace that one server bears; kept over all calls of one client.

    Args:
        most: requests under way at once that are never exceeded.

    Attributes:
        answered: whether any request was answered yet.
    """

    def __init__(self, most: int) -> None:
        self._most, self._limit, self.answered = most, 1.0, False
        self._halved_at, self._quiet_until = float("-inf"), float("-inf")

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
        grown = self._limit + 1 / self._limit if self.answered else float(_AFTER_FIRST)
        self.answered = True
        self._limit = min(grown, float(self._most))

    def throttled(self, sent_at: float, wait: float) -> None:
        """The server asked for fewer; what was sent before the last halving does not halve again.

        Args:
            sent_at: `time.monotonic()` when the request left.
            wait: seconds of silence.
        """
        self._quiet_until = max(self._quiet_until, time.monotonic() + wait)
        if sent_at >= self._halved_at:
            self._limit, self._halved_at = max(1.0, self._limit / 2), time.monotonic()

    def observe(self, headers: Mapping[str, str]) -> None:
        """Obey `x-ratelimit-remaining-*` of 0: no request until the time that `x-ratelimit-reset-*` says."""
        for kind in ("requests", "tokens"):
            if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0":
                wait = seconds_of(headers.get(f"x-ratelimit-reset-{kind}", ""))
                self._quiet_until = max(self._quiet_until, time.monotonic() + min(wait or 0.0, 60.0))


class Gate:
    """Lets the requests of one call through at the pacer's pace. Belongs to one event loop."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer, self._under_way = pacer, 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def passage(self) -> AsyncIterator[None]:
        """Wait for one's turn; the place is free again at the end."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._under_way < self._pacer.limit)
                pause = self._pacer.pause
                if pause <= 0:
                    self._under_way += 1
                    break
            await asyncio.sleep(pause)
        try:
            yield
        finally:
            self._under_way -= 1
            async with self._changed:
                self._changed.notify_all()

    async def next_change(self) -> None:
        """Wait until some request is over."""
        async with self._changed:
            await self._changed.wait()


def seconds_of(text: str) -> float | None:
    """'20ms', '1s', '6m0s', '2m59.56s' or plain seconds as seconds; None for anything else."""
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text.strip():
        return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    try:
        return float(text)
    except ValueError:
        return None
