"""Steps of a command that takes seconds: quiet where there is no terminal, and never able to steer one."""

from __future__ import annotations

import pytest

from tuningfork.cli import steps
from tuningfork.cli.steps import Steps


def test_without_a_terminal_only_announcements_stay(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps() as shown:
        shown.tell("lengths of a.csv")
        shown.announce("wordllama: fetching \x1b[31m")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "wordllama: fetching \\x1b[31m\n"


def test_a_step_that_comes_late_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "_LINE_EVERY_SECONDS", 0.0)
    with Steps() as shown:
        shown.tell("repeats of a\nb.csv")
    assert capsys.readouterr().err == "repeats of a b.csv\n"
