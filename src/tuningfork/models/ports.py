"""What `models/` asks of whoever spends: a journal of every response, and a meter that guards the budget.

`study/` implements both and hands them in; no client is made without them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalKey:
    """What makes two requests the same request.

    Attributes:
        provider: the provider's name, or the server's address.
        model: the model as asked for; a local one with its quantisation.
        body: the request's JSON body as sent.
        repeat: 0, or 1, 2, … for rows asked again on purpose.
    """

    provider: str
    model: str
    body: Mapping[str, Any]
    repeat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One response as received, and what it took.

    Attributes:
        response: the response's JSON body.
        usd: dollars, or None where the price is not known.
        seconds: wall time of the request.
        received: when the response was here, in seconds since 1970; None where that is not known.
    """

    response: Mapping[str, Any]
    usd: float | None
    seconds: float
    received: float | None = None


class Journal(Protocol):
    """Every response ever received in this study; thread-safe."""

    def get(self, key: JournalKey) -> JournalEntry | None:
        """The response to this request, if it was ever received."""

    def put(self, key: JournalKey, entry: JournalEntry) -> None:
        """Keep a response for good, before anybody uses it."""

    def recall(self, topic: str, key: str) -> str | None:
        """A fact remembered of a server, e.g. topic 'dropped', key 'HOST MODEL' -> JSON list of parameters."""

    def remember(self, topic: str, key: str, value: str) -> None:
        """Remember such a fact for later runs of this study."""


class Meter(Protocol):
    """Guards the budget: the worst case is reserved before a request leaves, and settled when it is back."""

    def reserve(self, *, usd: float | None, requests: int = 1, kept_free: float = 0.0) -> int:
        """Set the worst case aside and return a ticket. `usd` None: the price is not known.

        Args:
            kept_free: dollars that must be left after it, for requests that come first.

        Raises:
            BudgetExceeded: spent, reserved and this would pass a limit, no time is left, or the price is unknown
                under a dollar budget.
        """

    def seconds_left(self) -> float | None:
        """Until nothing may be under way any more; None where there is no such limit."""

    def settle(self, ticket: int, *, usd: float | None, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
        """Replace the reservation by what it really cost. A request that failed settles at what was billed."""
