"""The pace: one first, then additive up, halved down."""

from __future__ import annotations

import time

import pytest

from tuningfork.models.llm.pacing import Pacer, Patience, seconds_of


def test_it_starts_with_one_and_grows_by_one_a_round():
    pacer = Pacer(most=16)
    assert pacer.limit == 1
    pacer.succeeded()
    assert pacer.limit == 4
    for _ in range(5):
        pacer.succeeded()
    assert pacer.limit == 5
    for _ in range(500):
        pacer.succeeded()
    assert pacer.limit == 16


def test_one_burst_of_refusals_halves_once():
    pacer = Pacer(most=64)
    for _ in range(1000):
        pacer.succeeded()
    before, sent_at = pacer.limit, time.monotonic()
    for _ in range(10):
        pacer.throttled(sent_at, 0.0)
    assert pacer.limit == before // 2
    pacer.throttled(time.monotonic(), 0.0)
    assert pacer.limit == before // 4
    for _ in range(20):
        pacer.throttled(time.monotonic(), 0.0)
    assert pacer.limit == 1


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
