"""Fitting a prompt into a context window, on a stand-in whose tokens are characters, so that cases work by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompt_settings import WORDINGS, CharacterModel, form_of, label_space, shot_of, text_row
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.window import Window
from tuningfork.errors import ArmFailed

FORM = form_of(label_space("ham", "spam"))
ROOM_FOR_THE_ANSWER = FORM.answer_tokens
WORDING = WORDINGS[0]


def tokens(shots: tuple[Shot, ...], text: str) -> int:
    return CharacterModel(None).count_tokens(WORDING.messages(FORM, shots, text_row(text)))


def window(context_tokens: int | None) -> Window:
    """With so many tokens beside those that are kept for the answer."""
    return Window(CharacterModel(None if context_tokens is None else context_tokens + ROOM_FOR_THE_ANSWER), FORM)


SHOTS = tuple(shot_of("x" * 50, ("ham", "spam")[i % 2]) for i in range(6))


def test_shots_that_fit_are_all_kept() -> None:
    found = window(tokens(SHOTS, "a row"))
    assert found.fitting(WORDING, SHOTS, text_row("a row")) == SHOTS
    assert found.fewest_shots is None


def test_one_token_less_costs_the_first_shot_and_is_told() -> None:
    found = window(tokens(SHOTS, "a row") - 1)
    assert found.fitting(WORDING, SHOTS, text_row("a row")) == SHOTS[1:]
    assert found.fewest_shots == 5


def test_a_window_that_is_not_known_holds_everything() -> None:
    found = window(None)
    found.require_room(WORDING)
    assert found.fitting(WORDING, SHOTS, text_row("y" * 10**6)) == SHOTS
    assert found.cut(WORDING, SHOTS, text_row("y" * 10**4)) == text_row("y" * 10**4)


def test_a_prompt_without_room_for_a_row_fails_before_anything_is_asked() -> None:
    with pytest.raises(ArmFailed, match=r"2 labels.*larger window"):
        window(tokens((), "") + 31).require_room(WORDING)
    window(tokens((), "") + 32).require_room(WORDING)


def test_the_reserve_is_for_the_longest_row_but_not_for_an_outlier() -> None:
    assert window(None).reserve([text_row(text) for text in ("ab", "abcd", "")]) == text_row("abcd")
    assert window(None).reserve([]) == text_row("")
    assert window(100).reserve([text_row("z" * 1000)]).longest == 100


@given(length=st.integers(0, 800), room=st.integers(20, 400))
def test_a_long_row_loses_its_middle_and_no_more_than_needed(length: int, room: int) -> None:
    text = "".join(chr(97 + i % 26) for i in range(length))
    limit = tokens((), "") + room
    found = window(limit)
    ((_, cut),) = found.cut(WORDING, (), text_row(text)).texts
    assert tokens((), cut) <= limit
    if length <= room:
        assert cut == text
        assert not found.cut_texts
    else:
        head, tail = cut.split(" … ")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert tokens((), cut) == limit
        assert found.cut_texts == {text}
