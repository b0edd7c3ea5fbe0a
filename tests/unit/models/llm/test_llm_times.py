"""What an answer takes is the same whether it is fresh, from the journal, or a copy: a real server, the real client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_servers import Answered, Asked, Rule, ScriptedServer, always, runs_out_below
from ports import MemoryJournal, MemoryMeter
from study_runs import slowdown
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.llm.chat import Choices, Message, Question
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.llm.under_way import seconds_under_way
from tuningfork.models.ports import JournalEntry
from tuningfork.models.store import ModelStore

CLOSE = 0.2
"""Share of the time by which a resumed cost may differ."""


def works_on(most: int, seconds: float) -> Rule:
    """A server that works on so many requests at once, while the others wait."""
    working = threading.Semaphore(most)

    def rule(_: Asked) -> Answered | None:
        with working:
            time.sleep(seconds)
        return None

    return rule


@contextmanager
def asking(server: ScriptedServer, journal: MemoryJournal) -> Iterator[Callable[[list[Question]], Frozen]]:
    """Asks questions, and gives the lap that they took."""
    watch = Stopwatch()
    with open_chat_model(
        "m",
        server.url,
        {},
        store=ModelStore(),
        journal=journal,
        meter=MemoryMeter(),
        prices={},
        stopwatch=watch,
    ) as model:

        def ask(questions: list[Question]) -> Frozen:
            lap = watch.start()
            replies = model.answer(questions)
            assert len(replies) == len(questions)
            return Frozen(lap.seconds, lap.clock_seconds, lap.has_replays)

        yield ask


class Frozen:
    """A lap as it stood at its end."""

    def __init__(self, seconds: float | None, clock_seconds: float, has_replays: bool) -> None:
        self.seconds, self.clock_seconds, self.has_replays = seconds, clock_seconds, has_replays


def questions(*rows: int) -> list[Question]:
    return [Question(messages=(Message("user", f"row {row}"),), held_to=Choices(("spam", "ham"))) for row in rows]


SERVERS = {
    "one at a time": lambda: ScriptedServer(always("spam"), works_on(1, 0.03)),
    "several at once": lambda: ScriptedServer(always("spam"), works_on(8, 0.2)),
    "asked twice": lambda: ScriptedServer(always("spam"), works_on(1, 0.02), runs_out_below(100)),
}


@pytest.mark.parametrize("name", list(SERVERS))
def test_replayed_answers_take_what_they_took(name: str) -> None:
    with SERVERS[name]() as server:
        journal = MemoryJournal()
        with asking(server, journal) as ask:
            ask(questions(100))
            fresh = ask(questions(*range(24)))
        sent = len(server.requests)
        with asking(server, journal) as ask:
            replayed = ask(questions(*range(24)))
        assert len(server.requests) == sent
    assert fresh.seconds == pytest.approx(fresh.clock_seconds, rel=0.1)
    assert not fresh.has_replays
    assert replayed.has_replays
    assert replayed.clock_seconds < 0.2 * fresh.clock_seconds * slowdown()
    assert replayed.seconds == pytest.approx(fresh.seconds, rel=CLOSE)


@pytest.mark.parametrize("name", list(SERVERS))
def test_a_block_that_is_half_replayed_takes_what_was_kept_and_what_is_sent_now(name: str) -> None:
    """All of it by the clock of one run each, so that a busy machine changes nothing."""
    with SERVERS[name]() as server:
        journal = MemoryJournal()
        with asking(server, journal) as ask:
            kept = ask(questions(*range(12)))
        with asking(server, journal) as ask:
            mixed = ask(questions(*range(24)))
    assert mixed.has_replays
    assert kept.seconds is not None
    assert mixed.seconds == pytest.approx(kept.seconds + mixed.clock_seconds, rel=CLOSE)


def test_a_repeated_text_costs_what_a_text_costs() -> None:
    """It is sent once; who sends such rows one by one waits for each."""
    with ScriptedServer(always("spam"), works_on(1, 0.03)) as server, asking(server, MemoryJournal()) as ask:
        ask(questions(100))
        repeated = ask(questions(*range(10), *range(10)))
        assert len(server.requests) == 11
        again = ask(questions(*range(10), *range(10)))
    assert repeated.seconds == pytest.approx(2 * repeated.clock_seconds, rel=0.1)
    assert again.seconds == pytest.approx(repeated.seconds, rel=CLOSE)


def test_an_answer_whose_time_is_not_known_makes_the_block_unknown() -> None:
    with ScriptedServer(always("spam")) as server:
        journal = MemoryJournal()
        with asking(server, journal) as ask:
            ask(questions(0, 1, 2))
        name, entry = next(iter(journal.entries.items()))
        journal.entries[name] = replace(entry, received=None)
        with asking(server, journal) as ask:
            assert ask(questions(0, 1, 2)).seconds is None
            assert ask(questions(7, 8)).seconds is not None


def test_a_wider_second_request_is_not_counted_twice_where_it_is_repeated() -> None:
    """A first try that was answered and a second one that failed: trying again finds the first in the journal."""
    failures = iter([True])

    def fails_once_when_wide(asked: Asked) -> Answered | None:
        room = asked.body.get("max_completion_tokens", asked.body.get("max_tokens"))
        return Answered(status=500, body="{}") if room >= 100 and next(failures, False) else None

    with ScriptedServer(always("spam"), fails_once_when_wide, runs_out_below(100), seconds=0.0) as server:
        journal = MemoryJournal()
        with asking(server, journal) as ask:
            lap = ask(questions(0))
    assert not lap.has_replays
    assert lap.seconds == pytest.approx(lap.clock_seconds, rel=0.1)


def entries(spans: list[tuple[float, float]]) -> list[JournalEntry]:
    return [JournalEntry(response={}, usd=None, seconds=b - a, received=b) for a, b in spans]


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=20
    )
)
def test_the_union_counts_each_second_once(spans: list[tuple[int, int]]) -> None:
    """Oracle: the whole seconds that any span covers."""
    covered = {second for began, ended in spans for second in range(began, ended)}
    found = seconds_under_way(entries([(float(a), float(b)) for a, b in spans]))
    assert found == pytest.approx(len(covered))


@pytest.mark.parametrize(
    "entry",
    [
        JournalEntry(response={}, usd=None, seconds=1.0),
        JournalEntry(response={}, usd=None, seconds=-1.0, received=10.0),
        JournalEntry(response={}, usd=None, seconds=float("nan"), received=10.0),
        JournalEntry(response={}, usd=None, seconds=1.0, received=float("inf")),
    ],
)
def test_one_unknown_time_is_no_time(entry: JournalEntry) -> None:
    assert seconds_under_way([*entries([(0.0, 1.0)]), entry]) is None
    assert seconds_under_way([]) == 0.0
