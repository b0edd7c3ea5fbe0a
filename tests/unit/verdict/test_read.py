"""What was read of the files stands in the verdict, on the screen only where there is something to tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from builders import PlantedArm, make_records
from tuningfork.report.html import render_html
from tuningfork.report.terminal import plain_text
from tuningfork.study.ledger import Ledger
from tuningfork.study.records import StudyRecords
from tuningfork.study.replay import keep_state, records_of
from tuningfork.task.read import FileRead
from tuningfork.verdict.decide import decide
from tuningfork.verdict.files import read_verdict, write_verdict
from tuningfork.verdict.scored import score_study

ARMS = [PlantedArm("linear", accuracy={32: 0.6, 128: 0.9}), PlantedArm("prompt:a-7b", accuracy={0: 0.7})]
WHOLE = FileRead(role="data", file="tickets.csv", format="CSV", rows=150, used=150, columns={"text": "body"})
PARTLY = FileRead(
    role="answers",
    file="out/llm.jsonl",
    format="JSONL",
    rows=150,
    used=147,
    columns={"id": "id", "answer": "pred\x1b[31m"},
    matched="by id",
    left_out={"of other rows": 3},
    not_read=("score",),
)


def records() -> StudyRecords:
    made = make_records(arms=ARMS)
    return replace(made, task=replace(made.task, read=(WHOLE,)), read=(PARTLY,))


def test_the_verdict_holds_it_and_is_read_back(tmp_path: Path) -> None:
    record = decide(records())
    write_verdict(tmp_path / "verdict.json", record)
    found = json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8"))["read"]
    assert found == [WHOLE.as_dict(), PARTLY.as_dict()]
    assert read_verdict(tmp_path / "verdict.json") == record


def test_a_verdict_without_it_is_an_earlier_one() -> None:
    assert decide(make_records(arms=ARMS)).read == ()


def test_the_screen_tells_of_files_that_were_not_taken_as_they_are() -> None:
    shown = " ".join(plain_text(decide(records())).split())
    assert r"llm.jsonl (JSONL): 150 rows, 147 taken; id from 'id', answer from 'pred\x1b[31m'; matched by id" in shown
    assert "left out: 3 of other rows; not read: 'score'." in shown
    assert "tickets.csv (CSV)" not in shown


def test_the_report_tells_of_every_file() -> None:
    made = records()
    page = render_html(decide(made), score_study(made))
    assert "What was read" in page
    assert "tickets.csv (CSV): 150 rows; text from" in page
    assert "llm.jsonl (JSONL): 150 rows, 147 taken" in page


def test_a_study_keeps_what_its_run_read(tmp_path: Path) -> None:
    made = records()
    with Ledger(tmp_path) as ledger:
        keep_state(ledger, made)
        again = records_of(ledger, replace(made.task, read=()))
    assert (again.task.read, again.read) == ((WHOLE,), (PARTLY,))
