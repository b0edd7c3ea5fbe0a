"""A study asked again in its own folder: with another margin, other arms, other counts. What was seen stays told."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from study_runs import own_cache
from tuningfork.api import Study, Task, Verdict, report_again
from tuningfork.study.ledger import Ledger

ROWS, EVALUATION_ROWS = 400, 120


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)
    draw = random.Random(3)
    with Path("rows.csv").open("w", encoding="utf-8", newline="") as rows, Path("llm.csv").open("w") as answers:
        table, answered = csv.writer(rows), csv.writer(answers)
        table.writerow(("text", "label"))
        answered.writerow(("text", "prediction"))
        for number in range(ROWS):
            label = draw.choice(("good", "bad"))
            word = {"good": "lovely", "bad": "awful"}[label if draw.random() < 0.9 else draw.choice(("good", "bad"))]
            text = f"film {number} of series {number % 7} was {word}"
            table.writerow((text, label))
            answered.writerow((text, label if draw.random() < 0.88 else draw.choice(("good", "bad"))))


LLM = "predictions:llm.csv?side=llm"


def run(*arms: str, counts: tuple[int, ...] = (8, 64), **options: Any) -> Verdict:
    settings = {name: options.pop(name) for name in ("seeds",) if name in options}
    task = Task.from_csv("rows.csv", eval_rows=EVALUATION_ROWS, **options)
    return Study(task, (LLM, *arms), out="study", label_counts=counts, **settings).run()


def message(verdict: Verdict, code: str) -> str | None:
    return next((caution.message for caution in verdict.record.warnings if caution.code == code), None)


def test_a_margin_changed_after_a_verdict_was_seen_is_told_in_every_later_one() -> None:
    first = run("linear")
    assert first.record.looks == ()
    assert message(first, "changed_after_look") is None
    again = run("linear")
    assert again.record == first.record

    wider = run("linear", margin=0.3)
    told = message(wider, "changed_after_look")
    assert told is not None
    assert "the margin (3 points then, 30 points now) changed" in told
    assert [(look.margin, look.call) for look in wider.record.looks] == [(0.03, first.record.call)]
    assert "Verdicts seen before" in wider.report.read_text(encoding="utf-8")
    assert report_again("study").record == wider.record

    with Ledger(Path("study"), writable=False) as ledger:
        assert [look.margin for look in ledger.looks()] == [0.03, 0.3]


def test_an_arm_that_joins_after_a_verdict_was_seen_is_told() -> None:
    run("linear")
    joined = run("linear", "head:wordllama")
    told = message(joined, "changed_after_look")
    assert told is not None
    assert "head:wordllama joined" in told
    assert "asked 2 questions" in told


def test_the_verdict_speaks_of_the_counts_and_seeds_that_were_asked_for() -> None:
    larger = run("linear", counts=(8, 64, 128), seeds=5)
    assert _linear(larger)["n_labels"] == 128
    smaller = run("linear", counts=(8, 32), seeds=3)
    row = _linear(smaller)
    assert (row["n_labels"], row["seeds"]) == (32, 3)
    assert {point.n_labels for point in smaller.record.curve if point.arm == "linear"} == {8, 32}
    told = message(smaller, "larger_were_there")
    assert told is not None
    assert "up to 128 labels of linear" in told
    assert report_again("study").record == smaller.record

    back = run("linear", counts=(8, 64, 128), seeds=5)
    assert message(back, "larger_were_there") is None
    assert _linear(back) == _linear(larger)


def _linear(verdict: Verdict) -> dict[str, Any]:
    (row,) = [row for row in verdict.to_dict()["arms"] if row["arm"] == "linear"]
    return row
