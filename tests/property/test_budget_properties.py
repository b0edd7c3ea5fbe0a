"""For any order, latency and cost of answers, through failures and retries, no limit is passed; rows are paid in order.

The real client, ledger and meter against a real server on loopback, which keeps its own bill.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from llm_servers import Answered, Asked, ScriptedServer, always, error
from study_runs import exchanges, slowdown, wait_until
from tuningfork.errors import BudgetExceeded
from tuningfork.models.llm.chat import ChatModel, Choices, Message, Question
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.llm.pacing import Patience
from tuningfork.models.store import ModelStore
from tuningfork.study.budget import Clock, LedgerJournal, LedgerMeter
from tuningfork.study.ledger import Ledger

PRICES = {"tiny": (100.0, 1000.0)}
"""Dollars a million tokens: an answer of two tokens after a prompt of ten costs 0.3 cents."""

QUICK = Patience(first_wait=0.002, longest_wait=0.01)
LABELS = ("spam", "ham")
MOST_LATE_SECONDS = 0.3

OUTCOMES = ("answered", "long answer", "no room", "server error", "rate limit", "answer lost")
"""What may become of a request; of the last four the row is asked again."""


@dataclass(frozen=True)
class Fate:
    """What becomes of each request for one row, and after how long; beyond the list every request is answered."""

    outcomes: tuple[str, ...]
    seconds: float


@dataclass
class Till:
    """What the server would put on its bill, and the rows that it answered for good."""

    fates: list[Fate]
    usd: float = 0.0
    answered: set[int] = field(default_factory=set)
    asked: dict[int, int] = field(default_factory=dict)
    without_room: list[int] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Answered:
        row = int(asked.text.rpartition(" ")[2])
        with self.guard:
            number = self.asked[row] = self.asked.get(row, -1) + 1
        fate = self.fates[row]
        time.sleep(fate.seconds)
        outcome = fate.outcomes[number] if number < len(fate.outcomes) else "answered"
        return self._answer(row, outcome, int(asked.body["max_tokens"]))

    def _answer(self, row: int, outcome: str, room: int) -> Answered:
        if outcome == "server error":
            return error(500, "something broke")
        if outcome == "rate limit":
            return error(429, "Rate limit reached", code="rate_limit_exceeded")
        tokens = 2 if outcome == "answered" else room
        text = "" if outcome == "no room" else '{"label": "spam"}'
        finish = "length" if outcome == "no room" else "stop"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        usage = {"prompt_tokens": 10, "completion_tokens": tokens}
        with self.guard:
            self.usd += (10 * PRICES["tiny"][0] + tokens * PRICES["tiny"][1]) / 1e6
            if outcome == "no room":
                self.without_room.append(row)
            if outcome != "answer lost" and (text or self.without_room.count(row) == 2):
                self.answered.add(row)  # what is empty in four times the room as well is an answer too: none
        body = json.dumps({"model": "tiny", "choices": [choice], "usage": usage})
        return Answered(body=body, cut_after=10 if outcome == "answer lost" else None)


@contextmanager
def asking(till: Till, usd: float | None, seconds: float) -> Iterator[tuple[ChatModel, Ledger, ScriptedServer]]:
    with tempfile.TemporaryDirectory() as name, Ledger(Path(name)) as ledger:
        meter = LedgerMeter(ledger, usd, Clock(0.0, seconds))
        given = {"store": ModelStore(), "journal": LedgerJournal(ledger), "meter": meter, "prices": PRICES}
        with (
            ScriptedServer(always("spam"), till) as server,
            open_chat_model("tiny", server.url, {}, patience=QUICK, **given) as model,  # type: ignore[arg-type]
        ):
            yield model, ledger, server


def questions(rows: int) -> list[Question]:
    system = Message("system", "Is it spam or ham?")
    return [Question(messages=(system, Message("user", f"mail {row}")), held_to=Choices(LABELS)) for row in range(rows)]


def fates(*outcomes: str, seconds: float) -> st.SearchStrategy[list[Fate]]:
    fate = st.builds(
        Fate, st.lists(st.sampled_from(outcomes), max_size=3).map(tuple), st.floats(0, seconds, allow_nan=False)
    )
    return st.lists(fate, min_size=1, max_size=25)


ordinary = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@ordinary
@given(fates=fates(*OUTCOMES, seconds=0.01), usd=st.floats(0.01, 1.5))
def test_dollars_never_pass_their_limit_whatever_becomes_of_the_requests(fates: list[Fate], usd: float) -> None:
    till = Till(fates)
    with asking(till, usd, 60.0) as (model, ledger, _):
        stopped = False
        try:
            replies = model.answer(questions(len(fates)))
        except BudgetExceeded:
            stopped = True
        committed = ledger.usd_committed()
        assert till.usd <= committed + 1e-9, "what the server bills is on our bill"
        assert committed <= usd + 1e-9
        assert ledger.usage().requests == sum(till.asked.values()) + len(till.asked)
        if not stopped:
            assert len(replies) == len(till.answered) == len(fates)


LEARNS_WHILE_ANOTHER_WAITS = [
    Fate(("long answer", "long answer", "long answer"), 0.0094),
    Fate((), 0.008),
    Fate(("rate limit", "answered"), 0.0041),
    Fate(("no room", "rate limit"), 0.0065),
    Fate(("no room", "server error", "answered"), 0.0026),
    Fate(("server error",), 0.0098),
    Fate(("no room",), 0.0099),
]
"""The fifth row teaches the room that answers need while the fourth waits to be sent again in what it began with."""


@ordinary
@given(fates=fates(*OUTCOMES[:-1], seconds=0.01), usd=st.floats(0.01, 1.5))
@example(fates=LEARNS_WHILE_ANOTHER_WAITS, usd=1.2574)
def test_what_was_paid_for_is_a_prefix_of_the_rows(fates: list[Fate], usd: float) -> None:
    """Unless an answer was lost on its way, which nobody can foresee."""
    till = Till(fates)
    with asking(till, usd, 60.0) as (model, ledger, _):
        try:
            model.answer(questions(len(fates)))
        except BudgetExceeded:
            assert till.answered == set(range(len(till.answered)))
        else:
            assert len(till.answered) == len(fates)
        bodies = [str(body) for body, _ in exchanges(ledger.path.parent)]
        assert len(bodies) == len(set(bodies))


@settings(ordinary, max_examples=12)
@given(fates=fates(*OUTCOMES, seconds=0.4), seconds=st.floats(0.02, 0.5))
def test_when_the_time_is_up_nothing_is_under_way(fates: list[Fate], seconds: float) -> None:
    till = Till(fates)
    with asking(till, None, seconds) as (model, ledger, server):
        began = time.monotonic()
        try:
            model.answer(questions(len(fates)))
        except BudgetExceeded as limit:
            assert "time" in str(limit)
        assert time.monotonic() - began <= seconds + MOST_LATE_SECONDS * slowdown()
        wait_until(lambda: server.under_way == 0)
        assert till.usd <= ledger.usd_committed() + 1e-9, "what was cut off may be billed, and is on our bill"
        asked = sum(till.asked.values())
        time.sleep(0.05)
        assert sum(till.asked.values()) == asked
