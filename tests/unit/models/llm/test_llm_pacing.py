"""The pace: one first, then additive up, halved down."""

from __future__ import annotations

import asyncio
import time

import pytest

from tuningfork.models.llm.pacing import Gate, Pacer, Patience, allowance_back, seconds_of

SOON = Patience(first_wait=0.0)


def test_it_starts_with_one_and_doubles_every_round_until_it_is_refused():
    pacer = Pacer(most=64)
    assert pacer.limit == 1
    pacer.succeeded()
    assert pacer.limit == 4
    for _ in range(4):
        pacer.succeeded()
    assert pacer.limit == 8
    for _ in range(500):
        pacer.succeeded()
    assert pacer.limit == 64


def test_it_goes_on_at_the_pace_of_an_earlier_run_after_one_request_alone():
    pacer = Pacer(most=64, known=23)
    assert pacer.limit == 1
    pacer.succeeded()
    assert pacer.limit == 23
    pacer.succeeded()
    assert pacer.limit == 24
    more_than_may_be = Pacer(most=8, known=23)
    more_than_may_be.succeeded()
    assert more_than_may_be.limit == 8


def test_after_a_refusal_it_grows_by_one_a_round():
    pacer = Pacer(most=64)
    for _ in range(20):
        pacer.succeeded()
    pacer.throttled(time.monotonic(), None, SOON)
    halved = pacer.limit
    assert halved == 11
    for _ in range(halved + 1):
        pacer.succeeded()
    assert pacer.limit == halved + 1


def test_one_burst_of_refusals_halves_once():
    pacer = Pacer(most=64)
    for _ in range(1000):
        pacer.succeeded()
    before, sent_at = pacer.limit, time.monotonic()
    told = [pacer.throttled(sent_at, None, SOON) for _ in range(10)]
    assert told == [True] + 9 * [False]
    assert pacer.limit == before // 2
    pacer.throttled(time.monotonic(), None, SOON)
    assert pacer.limit == before // 4
    for _ in range(20):
        pacer.throttled(time.monotonic(), None, SOON)
    assert pacer.limit == 1


def test_all_are_silent_as_long_as_the_server_says_or_while_it_answers_nobody():
    pacer, patience = Pacer(most=8), Patience(first_wait=10.0, longest_wait=1000.0)
    pacer.succeeded()
    pacer.throttled(time.monotonic(), None, patience)
    assert pacer.pause == 0, "one refusal among answers, and no word of how long: the others go on"
    pacer.throttled(time.monotonic(), 3.0, patience)
    assert 5 - 0.1 < pacer.pause <= 10, "it answered nobody since"
    pacer.succeeded()
    before = pacer.pause
    pacer.throttled(time.monotonic(), None, patience)
    assert pacer.pause <= before
    quiet = Pacer(most=8)
    quiet.throttled(time.monotonic(), 3.0, patience)
    assert 2.9 < quiet.pause <= 3.0


def test_a_local_server_is_never_asked_two_things_at_once():
    pacer = Pacer(most=1)
    for _ in range(10):
        pacer.succeeded()
    assert pacer.limit == 1


def test_an_empty_allowance_is_waited_out():
    pacer = Pacer(most=8)
    pacer.observe({"x-ratelimit-remaining-requests": "12", "x-ratelimit-reset-requests": "50s"})
    assert pacer.pause == 0
    pacer.observe({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"})
    assert 50 < pacer.pause <= 60, "never longer than a minute at a time"


def test_of_two_allowances_that_are_used_up_the_later_one_counts():
    used_up = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-remaining-tokens": "0"}
    times = {"x-ratelimit-reset-requests": "2s", "x-ratelimit-reset-tokens": "7s"}
    assert allowance_back(used_up | times) == 7.0
    assert allowance_back(times) is None
    assert allowance_back(used_up | {"x-ratelimit-reset-requests": "tomorrow"}) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20ms", 0.02),
        ("1s", 1.0),
        ("6m0s", 360.0),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723.0),
        ("5", 5.0),
        ("", None),
        ("soon", None),
        ("3x", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_durations_are_read_as_servers_write_them(text, seconds):
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


def test_waits_double_with_jitter_up_to_a_limit():
    patience = Patience(first_wait=1.0, longest_wait=10.0)
    for attempt, whole in enumerate([1, 2, 4, 8, 10, 10]):
        waits = [patience.wait(attempt) for _ in range(50)]
        assert whole / 2 <= min(waits) and max(waits) <= whole
        assert len(set(waits)) > 1


def test_the_gate_lets_through_in_the_order_of_coming() -> None:
    """Whoever has been answered and comes again stands behind those who wait."""
    passed: list[int] = []

    async def ask() -> None:
        gate, rows = Gate(Pacer(most=3)), iter(range(12))

        async def work() -> None:
            for row in rows:
                async with gate.passage():
                    passed.append(row)
                    await asyncio.sleep(0)

        await asyncio.gather(*(work() for _ in range(4)))

    asyncio.run(ask())
    assert passed == list(range(12))
