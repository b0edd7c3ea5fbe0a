"""Limits in dollars and minutes that a study never passes, over all its runs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from tuningfork.errors import BudgetExceeded
from tuningfork.foundation.hashing import hash_of
from tuningfork.models.ports import JournalEntry, JournalKey
from tuningfork.study.ledger import Ledger


class Clock:
    """Wall time of a study over all its runs, against its limit; downloads are taken out.

    Args:
        spent_before: seconds of earlier runs.
        limit: seconds in all.
    """

    def __init__(self, spent_before: float, limit: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._before, self.limit, self._now = spent_before, limit, now
        self._started, self._outside = now(), 0.0

    @property
    def this_run(self) -> float:
        """Seconds of this run that count."""
        return self._now() - self._started - self._outside

    @property
    def spent(self) -> float:
        """Seconds over all runs that count."""
        return self._before + self.this_run

    @property
    def left(self) -> float:
        """Seconds until the limit; negative past it."""
        return self.limit - self.spent

    def require_time(self) -> None:
        """Go on, or not.

        Raises:
            BudgetExceeded: no time is left.
        """
        if self.left <= 0:
            raise BudgetExceeded("no time is left of --budget-minutes")

    def not_counted(self, seconds: float) -> None:
        """Take time out of the count (a download)."""
        self._outside += seconds


class LedgerMeter:
    """The `Meter` of a study: every reservation is on disk before the request leaves.

    What is committed is read from the ledger once and kept up with from then on: the ledger has one writer, and adding
    it all up anew for each of 100 000 requests would cost more than sending them.
    """

    def __init__(self, ledger: Ledger, budget_usd: float | None, clock: Clock | None = None) -> None:
        self._ledger, self._budget, self._clock = ledger, budget_usd, clock
        self._guard = threading.Lock()
        self._committed = ledger.usd_committed()
        self._worst: dict[int, float] = {}

    def reserve(self, *, usd: float | None, requests: int = 1, kept_free: float = 0.0) -> int:
        """See `models.ports.Meter`; `requests` of one reservation share its ticket."""
        with self._guard:
            if self._clock is not None:
                self._clock.require_time()
            if self._budget is not None:
                self._refuse_what_could_pass(usd, kept_free, self._budget)
            ticket = self._ledger.open_spending(usd, requests)
            self._worst[ticket] = usd or 0.0
            self._committed += usd or 0.0
            return ticket

    def seconds_left(self) -> float | None:
        """See `models.ports.Meter`."""
        return None if self._clock is None else self._clock.left

    def _refuse_what_could_pass(self, usd: float | None, kept_free: float, budget: float) -> None:
        if usd is None:
            raise BudgetExceeded(
                "the price of this model is not known, so --budget-usd cannot be kept. "
                "Give it with --price 'MODEL=IN,OUT' (dollars a million tokens)."
            )
        if self._committed + usd + kept_free > budget:
            raise BudgetExceeded(
                f"the next request could cost ${usd:.4f}; ${self._committed:.4f} of ${budget:.2f} is spent or in flight"
            )

    def settle(self, ticket: int, *, usd: float | None, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
        """See `models.ports.Meter`."""
        tokens = {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens}
        with self._guard:
            self._ledger.settle_spending(ticket, usd=usd, **tokens)
            self._committed += (usd or 0.0) - self._worst.pop(ticket)


class LedgerJournal:
    """The `Journal` of a study: no identical request is ever paid twice."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def get(self, key: JournalKey) -> JournalEntry | None:
        """See `models.ports.Journal`."""
        found = self._ledger.response(_name_of(key))
        if found is None:
            return None
        response, usd, seconds, received = found
        return JournalEntry(response=response, usd=usd, seconds=seconds, received=received)

    def put(self, key: JournalKey, entry: JournalEntry) -> None:
        """See `models.ports.Journal`."""
        self._ledger.keep_response(
            _name_of(key),
            provider=key.provider,
            model=key.model,
            repeat=key.repeat,
            request=_json(key.body),
            response=_json(entry.response),
            usd=entry.usd,
            seconds=entry.seconds,
            received=entry.received,
        )

    def recall(self, topic: str, key: str) -> str | None:
        """See `models.ports.Journal`."""
        return self._ledger.fact(f"server:{topic}", key)

    def remember(self, topic: str, key: str, value: str) -> None:
        """See `models.ports.Journal`."""
        self._ledger.remember(f"server:{topic}", key, value)


def _name_of(key: JournalKey) -> str:
    return hash_of([key.provider, key.model, dict(key.body), key.repeat])


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
