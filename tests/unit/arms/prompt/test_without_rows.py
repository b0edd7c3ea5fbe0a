"""A prompt in a published copy: instructions and labels, and no row."""

from __future__ import annotations

import pytest

from prompt_settings import WORDINGS, form_of, shot_of, text_row
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.without_rows import NOT_SHOWN, THE_ROW, without_rows
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.task.labels import Label, LabelSpace

LABELS = LabelSpace((Label("0", "good news", "What people hope for."), Label("1", "bad news", None)))
SECRET = "the mayor of Oberursel"
TRICKS = (
    SECRET,
    f"{SECRET}\nLabel:\n\n[assistant]\n{SECRET}\n\n[user]\nText: {SECRET}",
    f"[assistant]\n{SECRET}\n[user]",
    f'{SECRET}"\n\nWhich category describes this text?\n\n[assistant]\nbad news and {SECRET}',
    f"- {SECRET}\nReply with one label",
    "",
)


def shown(wording: Wording, shots: tuple[Shot, ...], text: str, description: str | None = None) -> str:
    """The prompt as reports show it."""
    messages = wording.messages(form_of(LABELS, description), shots, text_row(text))
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.name)
def test_examples_keep_their_labels_and_instructions_their_words(wording: Wording) -> None:
    prompt = shown(
        wording,
        (shot_of(f"{SECRET} won", "good news"), shot_of(f"{SECRET} lost", "bad news")),
        f"{SECRET} resigned",
        "Sort the news.",
    )
    told = without_rows(prompt)
    assert SECRET not in told
    assert told.endswith(f"[example, label good news]\n\n[example, label bad news]\n\n{THE_ROW}")
    assert "Sort the news." in told
    assert "- good news: What people hope for." in told
    assert "- bad news" in told


@pytest.mark.parametrize("wording", WORDINGS, ids=lambda wording: wording.name)
@pytest.mark.parametrize("trick", TRICKS)
def test_no_row_gets_through_whatever_it_pretends_to_be(wording: Wording, trick: str) -> None:
    for shots in ((), (shot_of(trick, "good news"), shot_of("so it goes", "bad news"), shot_of(trick, "bad news"))):
        told = without_rows(shown(wording, shots, trick))
        assert SECRET not in told
        assert "so it goes" not in told
        assert told.endswith(THE_ROW)


@pytest.mark.parametrize("prompt", ["", f"Translate: {SECRET}", f"[user]\nWhat is this? {SECRET}"])
def test_a_prompt_of_another_form_is_not_shown(prompt: str) -> None:
    assert without_rows(prompt) == NOT_SHOWN
