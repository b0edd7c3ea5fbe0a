"""The money of the requests that one call makes: earlier rows come first, so that what is paid for is a prefix."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from tuningfork.errors import BudgetExceeded
from tuningfork.models.ports import Meter


class NotYet(Exception):
    """No money now; there may be some when `change` is set: earlier rows are not paid for, or answers under way may
    turn out cheaper than their worst case."""

    def __init__(self, change: asyncio.Event) -> None:
        super().__init__()
        self.change = change


class Purse:
    """Sets the worst case of each request aside before it leaves. Belongs to one event loop.

    Rows are numbered in the order asked. A row is given money only if that leaves enough for every earlier row that was
    begun and has no answer yet, one that waits to be sent again included.
    """

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._begun: dict[int, float] = {}
        self._rows_of_open: dict[int, int] = {}
        self._last_given = -1
        self._change = asyncio.Event()

    @contextmanager
    def row(self, row: int, *, worst: float | None) -> Iterator[None]:
        """While this row is being answered, which can cost `worst` dollars; None where the price is not known."""
        self._begun[row] = worst or 0.0
        try:
            yield
        finally:
            del self._begun[row]
            self._changed()

    def needs(self, row: int, worst: float | None) -> None:
        """This row, which is being answered, can cost so much more than was thought."""
        self._begun[row] = worst or 0.0

    def has_given_to(self, row: int) -> bool:
        """Whether this row or a later one has been given money, which counted on what this row was said to need."""
        return self._last_given >= row

    def reserve(self, row: int, worst: float | None, *, set_aside: bool = False) -> int:
        """A ticket for one request of this row.

        Args:
            worst: dollars, or None where the price is not known.
            set_aside: an earlier ticket of this row covered this request too, and was settled a moment ago.

        Raises:
            NotYet: wait for the change that it carries, then ask again.
            BudgetExceeded: nothing is under way, no earlier row waits, and still this could pass a limit.
        """
        before = [other for other in self._begun if other < row and other not in self._rows_of_open.values()]
        earlier = 0.0 if set_aside else sum(self._begun[other] for other in before)
        try:
            ticket = self._meter.reserve(usd=worst, kept_free=earlier)
        except BudgetExceeded as limit:
            if before or self._rows_of_open:
                raise NotYet(self._change) from limit
            raise
        self._rows_of_open[ticket] = row
        self._last_given = max(self._last_given, row)
        return ticket

    def settle(self, ticket: int, *, usd: float | None, prompt_tokens: int, completion_tokens: int) -> None:
        """What the request of this ticket really cost."""
        del self._rows_of_open[ticket]
        self._meter.settle(ticket, usd=usd, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)
        self._changed()

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()
