"""Hundreds of hostile and odd inputs through the command line: exit 2 and one message that says what, where and what
to do, or a study that works; never a traceback, never a study half made."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from hostile import (
    fields_answers,
    fields_misshapen,
    fields_missing,
    fields_named,
    other_commands,
    row_contents,
    row_files,
    row_formats,
    task_files,
    typed_options,
)
from hostile.case import GOOD, Case, make_files
from study_runs import own_cache, verdict_of
from tuningfork.api import Task
from tuningfork.cli.app import run_app

TABLES = (
    fields_answers,
    fields_misshapen,
    fields_missing,
    fields_named,
    row_files,
    row_formats,
    row_contents,
    typed_options,
    task_files,
    other_commands,
)
CASES = {f"{table.__name__.partition('.')[2]}: {case.name}": case for table in TABLES for case in table.CASES}

MOST_SECONDS = 10.0
"""Of the processor: other programs may slow a clock on the wall."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def here(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder; no key in the environment."""
    for variable in [name for name in os.environ if name.endswith("_API_KEY")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TUNINGFORK_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything_in(folder: Path) -> set[str]:
    """All that is there, the lock of a study that was there before aside."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.name != ".lock"}


def message_of(err: str) -> str:
    """The one message, which is the last line; a run may have shown its plan above it."""
    before, opening, told = err.rpartition("tuningfork: ")
    assert opening and "tuningfork: " not in before, err
    assert told.endswith("\n") and told.count("\n") == 1, err
    assert "Traceback" not in before
    return told


def missing(words: tuple[str, ...], text: str) -> list[str]:
    return [word for word in words if word.casefold() not in text.casefold()]


def ending(*, well: bool) -> list[object]:
    """The cases that end well, or the others."""
    return [
        pytest.param(case, id=name.encode("ascii", "backslashreplace").decode())
        for name, case in CASES.items()
        if well == (case.code == 0)
    ]


def test_the_cases_are_many_and_none_hides_another() -> None:
    assert len(CASES) >= 300
    assert len(CASES) == sum(len(table.CASES) for table in TABLES)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", ending(well=False))
def test_what_cannot_be_used_is_told_in_one_message(here: Path, capsys: pytest.CaptureFixture[str], case: Case) -> None:
    make_files(here, {"good.csv": GOOD, **case.files})
    before, began = everything_in(here), time.process_time()
    code = run_app(case.arguments)
    seconds = time.process_time() - began
    out, err = capsys.readouterr()
    assert (code, out) == (case.code, ""), err
    told = message_of(err)
    assert not missing(case.says, told), told
    to_fill_in = {"to_label.csv"} if "to_label.csv" in told else set()
    assert everything_in(here) - before == to_fill_in
    assert seconds < MOST_SECONDS


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", ending(well=True))
def test_what_is_odd_and_can_be_used_works(here: Path, capsys: pytest.CaptureFixture[str], case: Case) -> None:
    make_files(here, {"good.csv": GOOD, **case.files})
    before, began = everything_in(here), time.process_time()
    code = run_app(case.arguments)
    seconds = time.process_time() - began
    out, err = capsys.readouterr()
    assert code == 0, err
    assert not missing(case.says, out), out
    assert seconds < MOST_SECONDS
    if case.arguments[0] == "run":
        require_sound_study(here / "study", case.labels)
    else:
        assert everything_in(here) == before


def require_sound_study(study: Path, labels: tuple[str, ...]) -> None:
    """Its one arm has finished, its report can be made anew from what it kept, and its labels are as they were."""
    (arm,) = verdict_of(study)["arms"]
    assert (arm["status"], arm["failure"]) == ("done", None), arm
    assert 0 <= arm["accuracy"] <= 1
    assert run_app(["report", str(study)]) == 0
    assert set(labels) <= set(Task.from_yaml(study / "task.yaml").prepare().labels.values)
