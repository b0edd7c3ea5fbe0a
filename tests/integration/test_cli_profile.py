"""`tuningfork profile` as it is typed: one screen, JSON, a page, and errors that say what to do."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tuningfork.cli.app import run_app


@pytest.fixture
def rows(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 requests to a bank in columns of other names, and 60 tweets."""
    monkeypatch.chdir(tmp_path)
    for source, name in (("banking77", "requests.csv"), ("tweet_emotion", "tweets.csv")):
        with (shared_data / source / "train.csv").open(encoding="utf-8", newline="") as file:
            found = [(row["text"], row["label"]) for row in csv.DictReader(file)][:120]
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("said", "meant"), *found])
    return tmp_path


_COLUMNS = ("--text", "said", "--label", "meant")


def test_json_alone_is_on_stdout(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["profile", "requests.csv", *_COLUMNS, "--shifted", "tweets.csv", "--json", "--out", "page.html"]
    assert run_app(command) == 0
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["rows"] == sum(told["labels"].values()) == 120
    assert told["shift"]["shifted"]["detected"] is True
    assert told["answers"]["out_of_distribution"]["answer"] == "yes"
    assert told["files"][1]["name"] == "tweets.csv"
    assert "page.html" in err
    assert (rows / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_text_says_what_to_do_next(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["profile", "requests.csv", "--text", "said"]) == 0
    out, _ = capsys.readouterr()
    assert out.startswith("What the rows of requests say")
    assert "none labelled" in out
    assert "No labels were looked at" in out
    assert "tuningfork run requests.csv --text said" in " ".join(out.split())


def test_a_task_file_will_do(rows: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rows / "task.yaml").write_text("data: requests.csv\ntext: said\nlabel: meant\nname: bank\n")
    assert run_app(["profile", "task.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 120


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["none.csv"], "no such file"),
        (["requests.csv", "--text", "sad"], "did you mean 'said'"),
        (["requests.csv", *_COLUMNS, "--test", "requests.csv"], "is given twice"),
        (["requests.csv"], "Say which with --text COLUMN"),
    ],
)
def test_what_is_wrong_is_told(rows: Path, typed: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["profile", *typed]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
