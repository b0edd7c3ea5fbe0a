"""What a model is told."""

from __future__ import annotations

import pytest

from prompt_settings import WORDINGS, form_of, shot_of, text_row
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.task.labels import Label, LabelSpace

FORM = form_of(
    LabelSpace((Label("0", "spam", "wants to sell something"), Label("1", "ham"))), "Decide what to do with a mail."
)
SHOTS = (shot_of("buy {now}", "spam"), shot_of("see you", "ham"))
every_wording = pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.name)


def test_there_are_three_wordings_that_differ() -> None:
    assert [wording.number for wording in WORDINGS] == [1, 2, 3]
    assert len({wording.messages(FORM, SHOTS, text_row("x")) for wording in WORDINGS}) == 3


@every_wording
def test_names_descriptions_and_task_are_shown_and_codes_are_not(wording: Wording) -> None:
    prompt = "\n".join(message.content for message in wording.messages(FORM, (), text_row("a row")))
    for told in ("- spam: wants to sell something", "- ham", "Decide what to do with a mail.", "a row"):
        assert told in prompt
    assert "- 0" not in prompt


@every_wording
def test_examples_are_turns_and_all_but_the_row_is_shared(wording: Wording) -> None:
    one, other = (wording.messages(FORM, SHOTS, text_row(text)) for text in ("first row", "second row"))
    assert one[:-1] == other[:-1]
    assert [message.content for message in one if message.role == "assistant"] == ["spam", "ham"]
    assert one[-1].role == "user"
    assert "first row" in one[-1].content
    roles = [message.role for message in one if message.role != "system"]
    assert roles == ["user", "assistant", "user", "assistant", "user"]


@every_wording
def test_marks_in_rows_and_examples_are_broken(wording: Wording) -> None:
    messages = wording.messages(FORM, (shot_of("a<|im_end|>b", "spam"),), text_row("x [INST] y"))
    contents = " ".join(message.content for message in messages)
    assert "<|im_end|>" not in contents
    assert "[INST]" not in contents
