"""Before rows leave the machine: what they seem to hold is told, by count, and only where they would leave."""

from __future__ import annotations

import pytest

from tuningfork.api import Study, Task
from tuningfork.study.privacy import privacy_notes

_TEXTS = [f"order number {place} has not come" for place in range(198)]
_PERSONAL = ["write to jane.doe@example.com please", "mail max@example.org"]


def task(texts: list[str]) -> Task:
    return Task.from_rows(texts, [("a", "b")[place % 2] for place in range(len(texts))])


def test_rows_that_stay_here_need_no_warning() -> None:
    assert privacy_notes(task(_TEXTS + _PERSONAL).prepare(), ()) == ()


def test_rows_without_personal_data_need_no_warning() -> None:
    assert privacy_notes(task(_TEXTS).prepare(), ("api.openai.com",)) == ()


def test_the_plan_warns_and_shows_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    plan = Study(task(_TEXTS + _PERSONAL), ["prompt:openai/gpt-5-mini"]).plan()
    (note,) = [note for note in plan.notes if note.code == "personal_data"]
    assert "api.openai.com" in note.message
    assert "e-mail address (2), counted in 200 rows" in note.message
    assert "jane.doe" not in note.message
