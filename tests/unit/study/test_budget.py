"""Dollars and minutes are never passed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.errors import BudgetExceeded
from tuningfork.models.ports import JournalEntry, JournalKey
from tuningfork.study.budget import Clock, LedgerJournal, LedgerMeter
from tuningfork.study.ledger import Ledger


def test_an_unknown_price_is_refused_under_a_dollar_budget(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        with pytest.raises(BudgetExceeded, match="--price"):
            LedgerMeter(ledger, 1.0).reserve(usd=None)
        LedgerMeter(ledger, None).reserve(usd=None)


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.tuples(st.floats(0.001, 0.4), st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    budget=st.floats(0.1, 2.0),
)
def test_no_order_of_answers_passes_the_budget(steps: list[tuple[float, float, bool]], budget: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        meter = LedgerMeter(ledger, budget)
        flying: list[tuple[int, float]] = []
        spent = 0.0
        for worst, share, settle_oldest in steps:
            try:
                flying.append((meter.reserve(usd=worst), worst * share))
            except BudgetExceeded:
                assert spent + sum(w for _, w in flying) <= budget + 1e-9
            if flying and settle_oldest:
                ticket, cost = flying.pop(0)
                meter.settle(ticket, usd=cost)
                spent += cost
            assert ledger.usd_committed() <= budget + 1e-9
            assert spent <= budget + 1e-9


def test_the_clock_counts_all_runs_but_no_download() -> None:
    now = [100.0]
    clock = Clock(30.0, 60.0, now=lambda: now[0])
    now[0] += 25
    clock.not_counted(20)
    assert clock.this_run == 5
    assert clock.spent == 35
    assert clock.left == 25


def test_identical_requests_are_one_whatever_the_order_of_their_keys(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        journal = LedgerJournal(ledger)
        key = JournalKey(provider="p", model="m", body={"a": 1, "b": [1, 2]})
        same = JournalKey(provider="p", model="m", body={"b": [1, 2], "a": 1})
        again = JournalKey(provider="p", model="m", body={"a": 1, "b": [1, 2]}, repeat=1)
        assert journal.get(key) is None
        journal.put(key, JournalEntry(response={"x": "é"}, usd=0.5, seconds=2.0, received=1.7e9))
        assert journal.get(same) == JournalEntry(response={"x": "é"}, usd=0.5, seconds=2.0, received=1.7e9)
        assert journal.get(again) is None
