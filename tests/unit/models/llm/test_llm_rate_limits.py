"""Whatever a server's rate limit is like, it is used to the full and nobody is given up. Minutes of virtual time."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from llm_servers import ScriptedServer, always
from tuningfork.models.llm import pacing
from tuningfork.models.llm.faults import Fault, raise_for
from tuningfork.models.llm.pacing import Gate, Pacer, Patience
from tuningfork.models.llm.recovery import Recovery, Tries
from virtual_time import VirtualLoop, virtual_time

MINUTE = 60.0


@dataclass
class Limit:
    """A bucket of requests that fills at `rate` a second, or all at once every `window` seconds."""

    loop: VirtualLoop
    rate: float
    burst: float
    window: float | None = None

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, 0.0

    def take(self) -> float:
        """Seconds until a request may come; 0: it may."""
        now = self.loop.time()
        if self.window is None:
            self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        elif now // self.window > self._at // self.window:
            self._left = self.burst
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.rate if self.window is None else self.window - now % self.window


def told(hint: str, wait: float) -> dict[str, str]:
    """The headers of a 429."""
    milliseconds = str(math.ceil(wait * 1000))
    return {
        "milliseconds": {"retry-after-ms": milliseconds, "retry-after": str(math.ceil(wait))},
        "seconds": {"retry-after": str(math.ceil(wait))},
        "allowance": {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": f"{milliseconds}ms"},
        "nothing": {},
    }[hint]


def fault_of(headers: Mapping[str, str], connection: object) -> Fault:
    try:
        raise_for(
            429,
            headers,
            "{}",
            sent=(),
            address=connection.address,  # type: ignore[attr-defined]
            provider=connection.provider,  # type: ignore[attr-defined]
            model="m",
        )
    except Fault as fault:
        return fault
    raise AssertionError("429 is a fault")


class Client:
    """Sends requests to a limit, at the pace and with the patience of the real client, without its sockets."""

    def __init__(self, limit: Limit, connection: object, hint: str, seconds: float) -> None:
        self.limit, self.hint, self.seconds = limit, hint, seconds
        self.connection, self.pacer = connection, Pacer(16)
        self.recovery = Recovery(connection, self.pacer, Patience(), lambda _: None)  # type: ignore[arg-type]
        self.refused = 0

    async def answer(self, number: int) -> None:
        gate, rows = Gate(self.pacer), iter(range(number))
        await asyncio.gather(*(self._work(gate, rows) for _ in range(16)))

    async def _work(self, gate: Gate, rows: Iterator[int]) -> None:
        for _ in rows:
            tries = Tries()
            while not await self._answered(gate, tries):
                pass

    async def _answered(self, gate: Gate, tries: Tries) -> bool:
        async with gate.passage():
            sent_at = self.limit.loop.time()
            wait = self.limit.take()
            if wait == 0:
                await asyncio.sleep(self.seconds * random.uniform(0.6, 1.4))
                self.pacer.succeeded()
                return True
        self.refused += 1
        await self.recovery.wait(fault_of(told(self.hint, wait), self.connection), tries, sent_at)
        return False


@pytest.fixture
def connection(open_client):
    with ScriptedServer(always("spam")) as server:
        return open_client(server)._connection


@pytest.mark.parametrize("hint", ["milliseconds", "seconds", "allowance", "nothing"])
@pytest.mark.parametrize(("rate", "seconds", "minutes"), [(20.0, 0.05, 1), (30.0, 0.2, 1), (4.0, 2.0, 6)])
def test_a_rate_limit_is_used_to_the_full(monkeypatch, connection, hint, rate, seconds, minutes):
    """Goal: 0.95 of it. The bucket holds what comes in two seconds."""
    random.seed(1)
    burst = 2 * rate
    with virtual_time(monkeypatch, pacing) as loop:
        client = Client(Limit(loop, rate, burst), connection, hint, seconds)
        number = int(rate * minutes * MINUTE + burst)
        loop.run_until_complete(client.answer(number))
        share = number / (rate * loop.time() + burst)
    assert share >= 0.95
    assert client.refused <= 1.1 * number


@pytest.mark.parametrize("hint", ["seconds", "allowance", "nothing"])
def test_a_limit_a_minute_is_waited_out_and_nobody_is_given_up(monkeypatch, connection, hint):
    """60 requests a minute, all of them at once, then none until the minute is over."""
    random.seed(1)
    with virtual_time(monkeypatch, pacing) as loop:
        client = Client(Limit(loop, 1.0, 60, window=MINUTE), connection, hint, 0.5)
        loop.run_until_complete(client.answer(300))
        took = loop.time()
    assert took <= 5 * MINUTE, "five windows: the last one as soon as it opens"
    assert client.refused < 100
