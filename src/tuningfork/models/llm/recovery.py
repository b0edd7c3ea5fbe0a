"""What is done before a request that failed may be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tuningfork.errors import ModelUnavailable, ProviderError
from tuningfork.models.llm.connection import Connection
from tuningfork.models.llm.faults import Fault, RowRefused
from tuningfork.models.llm.pacing import Pacer, Patience

_WORTH_SAYING = 10.0


@dataclass(slots=True)
class Tries:
    """How often one request has failed so far.

    A refusal for too many requests says nothing about the request itself. It counts only while the server answers
    nobody else either, so that no request is given up for being the unlucky one among many.
    """

    _failed: int = 0
    _refused_in_a_row: int = 0
    _answers_then: int = 0
    _broke: int = 0

    @property
    def all_broke(self) -> bool:
        """Whether something broke in the server each time, so that it may hang on what it was asked."""
        return self._broke == self.failed

    @property
    def failed(self) -> int:
        """Failures that count."""
        return self._failed + self._refused_in_a_row

    def count(self, fault: Fault, *, answers: int) -> None:
        """One more failure.

        Args:
            answers: how many requests the server has answered.
        """
        self._broke += fault.broke
        if not fault.throttled:
            self._failed += 1
            return
        served_others = answers > self._answers_then
        self._refused_in_a_row = 1 if served_others else self._refused_in_a_row + 1
        self._answers_then = answers


class Recovery:
    """Waits, and starts a crashed local server again, for all requests of one client.

    Attributes:
        restarts: how often the local server was started again.
    """

    def __init__(
        self, connection: Connection, pacer: Pacer, patience: Patience, announce: Callable[[str], None]
    ) -> None:
        self._connection, self._pacer, self._patience, self._announce = connection, pacer, patience, announce
        self.restarts = 0

    async def wait(self, fault: Fault, tries: Tries, sent_at: float) -> None:
        """Return when the request may be sent again; whom the server told how long to wait is held back by the gate.

        Args:
            sent_at: `time.monotonic()` when the request left.

        Raises:
            ProviderError: it has failed too often, nobody is at the address, or the server asks for too long a wait.
            RowRefused: it has failed too often, each time with something that broke in the server.
        """
        if fault.unreachable and await self._restarted(fault):
            return
        tries.count(fault, answers=self._pacer.answers)
        self._give_up_if_hopeless(fault, tries)
        asked, wait = fault.retry_after, self._patience.wait(tries.failed - 1)
        if not fault.throttled:
            wait, worth_saying = max(wait, asked or 0.0), True
        else:
            worth_saying = self._pacer.throttled(sent_at, asked, self._patience)
            wait = wait if asked is None else 0.0
        longest = max(wait, self._pacer.pause)
        if worth_saying and longest > _WORTH_SAYING:
            self._announce(f"Waiting {longest:.0f} seconds for {self._connection.host} ({fault})")
        await asyncio.sleep(wait)

    def _give_up_if_hopeless(self, fault: Fault, tries: Tries) -> None:
        connection, patience = self._connection, self._patience
        nobody_there = fault.unreachable and not fault.billed and not self._pacer.answered
        if nobody_there and connection.address.loopback:
            raise ProviderError(f"{fault}. Is the server running?")
        if tries.failed > patience.retries:
            final = ProviderError(
                f"{connection.model} at {connection.host} failed {tries.failed} times, last with: {fault}. "
                "Answers so far are kept; run again to go on."
            )
            if tries.all_broke:
                raise RowRefused(str(fault), final, broke=True)
            raise final
        if (fault.retry_after or 0.0) > patience.longest_ban:
            raise ProviderError(
                f"{connection.host} asks to wait {fault.retry_after:.0f} seconds ({fault}). "
                "Answers so far are kept; run again later to go on."
            )

    async def _restarted(self, fault: Fault) -> bool:
        """Start a crashed local server again, once."""
        server, name = self._connection.server, self._connection.name
        if server is None or server.alive():
            return False
        if self.restarts:
            raise ProviderError(f"the local server of {name} crashed twice, last with: {fault}")
        self.restarts += 1
        self._announce(f"The local server of {name} crashed; starting it again")
        try:
            await asyncio.to_thread(server.restart)
        except ModelUnavailable as error:
            raise ProviderError(f"the local server of {name} crashed and does not start again: {error}") from error
        return True
