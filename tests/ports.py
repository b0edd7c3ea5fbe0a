"""In-memory stand-ins for what `study/` injects into `models/`: a journal and a meter that keep everything."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field

from tuningfork.errors import BudgetExceeded
from tuningfork.models.ports import JournalEntry, JournalKey


def name_of(key: JournalKey) -> str:
    """A journal key as one text."""
    return json.dumps([key.provider, key.model, dict(key.body), key.repeat], sort_keys=True)


@dataclass
class MemoryJournal:
    """A `Journal` in a dictionary."""

    entries: dict[str, JournalEntry] = field(default_factory=dict)
    keys: list[JournalKey] = field(default_factory=list)
    facts: dict[tuple[str, str], str] = field(default_factory=dict)

    def get(self, key: JournalKey) -> JournalEntry | None:
        return self.entries.get(name_of(key))

    def put(self, key: JournalKey, entry: JournalEntry) -> None:
        self.keys.append(key)
        self.entries[name_of(key)] = entry

    def recall(self, topic: str, key: str) -> str | None:
        return self.facts.get((topic, key))

    def remember(self, topic: str, key: str, value: str) -> None:
        self.facts[topic, key] = value


@dataclass
class Ticket:
    """One reservation and how it was settled."""

    reserved: float | None
    open: bool = True
    usd: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass
class MemoryMeter:
    """A `Meter` in a list.

    Attributes:
        budget: dollars, or None for no limit.
        seconds: what it says when asked for the time left.
        highest: most dollars that were spent and reserved at any time.
    """

    budget: float | None = None
    seconds: float | None = None
    tickets: list[Ticket] = field(default_factory=list)
    highest: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def committed(self) -> float:
        """Dollars spent plus dollars reserved."""
        return sum((ticket.reserved if ticket.open else ticket.usd) or 0.0 for ticket in self.tickets)

    @property
    def all_settled(self) -> bool:
        """Whether no reservation was forgotten."""
        return not any(ticket.open for ticket in self.tickets)

    def reserve(self, *, usd: float | None, requests: int = 1, kept_free: float = 0.0) -> int:
        with self._guard:
            if self.budget is not None:
                if usd is None:
                    raise BudgetExceeded("the price is not known")
                if self.committed + usd + kept_free > self.budget:
                    raise BudgetExceeded(f"{self.committed} + {usd} passes {self.budget}")
            self.tickets.append(Ticket(usd))
            self.highest = max(self.highest, self.committed)
            return len(self.tickets) - 1

    def seconds_left(self) -> float | None:
        return self.seconds

    def settle(self, ticket: int, *, usd: float | None, prompt_tokens: int = 0, completion_tokens: int = 0) -> None:
        with self._guard:
            assert self.tickets[ticket].open, "settled twice"
            self.tickets[ticket] = Ticket(self.tickets[ticket].reserved, False, usd, prompt_tokens, completion_tokens)
            self.highest = max(self.highest, self.committed)
