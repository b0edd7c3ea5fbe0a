"""Answers that are not there, told apart from answers that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness_files import LOGS, samples
from tuningfork.task.answers.labels import Remedies, space_of
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.text_file import TextFormat

LABELS = space_of(("delivery", "refund", "other"))
REMEDIES = Remedies("tool {}", column="", label_names="", codes="", encoding="", match="")


def read(path: Path, *, several_runs: bool = False, **pick: str) -> AnswersFile:
    said = Said(pick=Pick(**pick))  # type: ignore[arg-type]
    return read_answers(path, LABELS, said=said, study=TextFormat(), remedies=REMEDIES, several_runs=several_runs)


def test_a_failed_sample_has_no_answer_and_is_no_error() -> None:
    file = read(LOGS / "epochs.eval", run="2")
    assert file.unanswered == {4: "failed"}
    assert file.errors == "1 of 12 rows has no answer (1 failed)"
    assert file.first_error is None


def test_answers_that_are_no_label_are_counted_apart(tmp_path: Path) -> None:
    log: dict[str, Any] = json.loads((LOGS / "once.json").read_text(encoding="utf-8"))
    for place, sample in enumerate(log["samples"]):
        if place in {0, 1}:
            sample["error"] = {"message": "gone"}
        if place == 2:
            sample["scores"]["pattern"]["answer"] = "nonsense"
    (tmp_path / "a.json").write_text(json.dumps(log), encoding="utf-8")
    told = read(tmp_path / "a.json").errors
    assert told == (
        "2 of 12 rows have no answer (2 failed); 1 of 10 answers are no label of this task (most often 'nonsense'); "
        "they count as errors"
    )


def test_an_empty_answer_of_a_table_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,prediction,no_answer\n1,refund,x\n2,,failed\n", encoding="utf-8")
    file = read(tmp_path / "a.csv")
    assert file.unanswered == {} and "count as errors" in file.errors


def test_runs_are_handed_on_to_who_tells_them_apart() -> None:
    with pytest.raises(Undecided, match="several runs"):
        read(samples("parcel_repeats"))
    file = read(samples("parcel_repeats"), several_runs=True)
    assert file.sheet.runs == ("1", "2", "3")
    assert file.sheet.column("run")[:3] == ["1", "2", "3"]
