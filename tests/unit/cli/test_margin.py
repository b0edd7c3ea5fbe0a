"""`--margin`: points, and never a fraction by mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tuningfork.cli.app import run_app


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    labels = ["yes", "no"] * 40
    rows = "".join(f"text {place},{label}\n" for place, label in enumerate(labels))
    (tmp_path / "rows.csv").write_text(f"text,label\n{rows}")
    monkeypatch.setenv("TUNINGFORK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


COMMANDS = {
    "plan": ("plan", "rows.csv", "--arm", "linear"),
    "run": ("run", "rows.csv", "--arm", "linear", "--yes", "--out", "study"),
    "compare": ("compare", "rows.csv", "rows.csv", "rows.csv"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("0.05", "0.05 points, or 5? write 5, or 0.05pt"),
        ("0.03", "0.03 points, or 3? write 3, or 0.03pt"),
        ("0.49", "0.49 points, or 49? write 49, or 0.49pt"),
    ],
)
def test_a_fraction_is_asked_about(
    here: Path, capsys: pytest.CaptureFixture[str], command: str, typed: str, readings: str
) -> None:
    assert run_app([*COMMANDS[command], "--margin", typed]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert readings in err
    assert "--margin" in err
    assert not (here / "study").exists()


@pytest.mark.parametrize(
    ("typed", "fraction"),
    [("5", 0.05), ("5pt", 0.05), ("0.05pt", 0.0005), ("0.5", 0.005), ("2.5", 0.025), ("3 pt", 0.03), ("3PT", 0.03)],
)
def test_what_is_points_beyond_doubt_is_taken(
    here: Path, capsys: pytest.CaptureFixture[str], typed: str, fraction: float
) -> None:
    assert run_app([*COMMANDS["compare"], "--margin", typed, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["margin"] == pytest.approx(fraction)
    assert run_app([*COMMANDS["plan"], "--margin", typed]) == 0


def test_left_out_it_is_three_points(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app([*COMMANDS["compare"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["margin"] == 0.03


@pytest.mark.parametrize("typed", ["0", "-3", "100", "nan", "inf", "0pt", "5points", "pt", "", "five", "5%"])
def test_what_is_no_number_of_points_is_refused(here: Path, capsys: pytest.CaptureFixture[str], typed: str) -> None:
    assert run_app([*COMMANDS["plan"], "--margin", typed]) == 2
    assert "number of points" in capsys.readouterr().err


def test_a_task_file_says_it_as_a_fraction(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "task.yaml").write_text("data: rows.csv\nmargin: 0.05\n")
    assert run_app(["plan", "task.yaml", "--arm", "linear", "--json"]) == 0
