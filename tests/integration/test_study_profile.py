"""A study's profile: made after the last trial, kept, shown beside the verdict, and no burden on a budget."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tuningfork.api import Study, Task, report_again
from tuningfork.guide.flow import load_flow
from tuningfork.profile.files import PROFILE_FILE, read_profile
from tuningfork.study import profiling
from tuningfork.study.profiling import study_profile


@pytest.fixture(scope="module")
def folder(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study of film reviews, with tweets as shifted rows."""
    folder = tmp_path_factory.mktemp("study")
    for source, name, column, most in (
        ("sst2", "films.csv", "train", 260),
        ("tweet_emotion", "tweets.csv", "test", 90),
    ):
        with (shared_data / source / f"{column}.csv").open(encoding="utf-8", newline="") as file:
            found = [(row["text"], row["label"]) for row in csv.DictReader(file)][:most]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "label"), *found])
    answers = {name: "no" for name in load_flow().questions if name != "out_of_distribution"}
    files = {"shifted": folder / "tweets.csv", "text": "text", "label": "label"}
    task = Task.from_file(folder / "films.csv", answers=answers, **files)
    Study(task, ["linear"], out=folder / "study", label_counts=(8, 32), seeds=2).run()
    return folder


def test_the_shift_answers_the_flows_question(folder: Path) -> None:
    verdict = json.loads((folder / "study" / "verdict.json").read_text(encoding="utf-8"))
    step = next(step for step in verdict["guide"]["path"] if step["question"] == "out_of_distribution")
    assert (step["answer"], step["source"]) == ("yes", "shift test")


def test_the_profile_is_kept_and_shown(folder: Path) -> None:
    kept = read_profile(folder / "study" / PROFILE_FILE)
    assert kept is not None
    assert [file.name for file in kept.files] == ["films.csv", "tweets.csv"]
    report = (folder / "study" / "report.html").read_text(encoding="utf-8")
    assert "What the rows say" in report
    assert "Are the shifted rows like the labelled ones?" in report


def test_the_report_is_made_again_from_what_was_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = folder / "study" / "report.html"
    before = report.read_text(encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.delattr(profiling, "profile_rows")
        report_again(folder / "study")
    assert report.read_text(encoding="utf-8") == before


def test_an_older_study_gets_its_profile_with_the_report(folder: Path) -> None:
    path = folder / "study" / PROFILE_FILE
    before = path.read_bytes()
    path.unlink()
    report_again(folder / "study")
    assert path.read_bytes() == before


def test_no_time_no_profile(folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    task = Task.from_file(folder / "films.csv", text="text", label="label")
    assert study_profile(tmp_path, task.read, announce=told.append, seconds_left=1.0) is None
    assert "tuningfork report" in told[0]
    assert not (tmp_path / PROFILE_FILE).exists()


def test_rows_that_are_gone_cost_the_profile_and_nothing_else(tmp_path: Path) -> None:
    told: list[str] = []
    task = Task.from_file(tmp_path / "gone.csv")
    assert study_profile(tmp_path, task.read, announce=told.append) is None
    assert "no such file" in told[0]


def test_rows_in_german_warn_of_an_arm_that_knows_english(tmp_path: Path, shared_data: Path) -> None:
    with (shared_data / "stsb" / "shifted_german_test.csv").open(encoding="utf-8", newline="") as file:
        texts = list(dict.fromkeys(row["sentence1"] for row in csv.DictReader(file)))[:160]
    labels = ["a" if place % 2 else "b" for place in range(len(texts))]
    study = Study(Task.from_rows(texts, labels), ["head:wordllama"], out=tmp_path, label_counts=(16,), seeds=1)
    codes = {warning.code: warning.message for warning in study.run().record.warnings}
    assert "German" in codes["language_mismatch"]
    assert "wordllama" in codes["language_mismatch"]
