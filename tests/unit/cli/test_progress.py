"""What a person sees while a study runs, where there is no terminal to draw on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tuningfork.arms.results import TrialPlan, TrialResult
from tuningfork.cli import progress as progress_module
from tuningfork.cli.progress import Progress
from tuningfork.study.events import Position

PLAN = TrialPlan(arm="linear", level=32, n_labels=32, seed=1)
POSITION = Position(
    done=3,
    total=9,
    trial=PLAN,
    rows_done=40,
    rows_total=120,
    rows_per_second=4.25,
    spent_usd=0.5,
    seconds_spent=61.0,
    seconds_left=(30.0, 200.0),
)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line is due."""
    monkeypatch.setattr(progress_module, "_LINE_EVERY_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "200")


def test_a_line_says_which_trial_how_far_how_fast_and_how_much(
    at_once: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with Progress() as progress:
        progress.position(POSITION)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.rstrip().split("  ") == [
        "[3/9 trials] linear at 32 labels, seed 1",
        "40/120 rows, 4.2 a second",
        "$0.50 spent",
        "61 s spent, 30 s to 3 min left",
    ]


def test_what_is_not_known_is_left_out(at_once: None, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = replace(POSITION, trial=replace(PLAN, n_labels=None), rows_total=0, rows_per_second=None, spent_usd=None)
    with Progress() as progress:
        progress.position(nothing)
    err = capsys.readouterr().err
    assert err.startswith("[3/9 trials] linear  61 s spent")
    assert "$" not in err


def test_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        for _ in range(50):
            progress.position(POSITION)
    assert capsys.readouterr().err == ""


def test_failures_are_told_at_once_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    failed = TrialResult(plan=PLAN, side="fine-tuned", model="x", status="failed", failure="no\x1b[31m memory\nleft")
    with Progress() as progress:
        progress.trial_ended(failed)
        progress.announce("fetching \x07 a model")
    err = capsys.readouterr().err
    assert "linear failed: no\\x1b[31m memory left" in err
    assert "fetching \\x07 a model" in err
