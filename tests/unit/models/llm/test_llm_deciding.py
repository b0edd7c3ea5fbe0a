"""How much of an answer is asked for, and what it is read as."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tuningfork.models.llm.attempts import Attempt, next_attempt, reply_to
from tuningfork.models.llm.chat import Choices, Question
from tuningfork.models.llm.deciding import decided, deciding_tokens
from tuningfork.models.llm.habits import Habits
from tuningfork.models.llm.providers import server
from tuningfork.models.ports import JournalEntry

TOKEN = st.text("abc_", min_size=1, max_size=3)
CHOICES = st.lists(st.lists(TOKEN, min_size=1, max_size=4), min_size=2, max_size=8, unique_by="".join)


def test_one_token_is_enough_where_all_labels_begin_otherwise() -> None:
    assert deciding_tokens([["Bus", "iness"], ["Sport", "s"], ["World"]]) == 1


def test_labels_with_a_common_beginning_are_asked_for_as_far_as_they_part() -> None:
    labels = [["card", "_", word, "_x", "_y"] for word in ("lost", "new", "old")]
    assert deciding_tokens(labels) == 3


def test_labels_that_part_at_their_end_are_asked_for_in_full() -> None:
    assert deciding_tokens([["a", "b"], ["a", "c"], ["a"]]) is None


def taken(stop: int | None, choices: list[list[str]]) -> float:
    """Tokens of all answers together, one by one."""
    total = 0.0
    for choice in choices:
        in_full = sum(map(len, choices)) / len(choices) + 1
        if stop is None:
            total += in_full
            continue
        written = "".join(choice[:stop])
        alone = sum("".join(other).startswith(written) for other in choices) == 1
        total += stop + (0 if alone else 1 + in_full)
    return total


@given(CHOICES)
def test_no_other_stop_takes_fewer_tokens(choices: list[list[str]]) -> None:
    best = taken(deciding_tokens(choices), choices)
    assert all(best <= taken(stop, choices) + 1e-9 for stop in (None, 1, 2, 3, 4))


@given(CHOICES, st.data())
def test_what_is_decided_is_the_one_choice_that_goes_on_like_this(
    choices: list[list[str]], data: st.DataObject
) -> None:
    names = ["".join(choice) for choice in choices]
    name = data.draw(st.sampled_from(names))
    text = name[: data.draw(st.integers(0, len(name)))]
    found = decided(text, names, finished=False)
    alone = text != "" and [other for other in names if other.startswith(text)] == [name]
    assert found == (name if alone else None)
    assert decided(name, names, finished=True) == name


def test_a_name_that_begins_another_is_open_until_the_model_ends_it() -> None:
    names = ("card", "card_lost")
    assert decided("card", names, finished=False) is None
    assert decided("card", names, finished=True) == "card"


def asked(content: str, finish: str) -> JournalEntry:
    choice = {"message": {"content": content}, "finish_reason": finish}
    return JournalEntry(response={"choices": [choice], "usage": {"completion_tokens": 1}}, usd=None, seconds=0.5)


def test_the_first_tokens_settle_it_or_the_whole_answer_does() -> None:
    question = Question(messages=(), held_to=Choices(("card_lost", "card_new")), max_tokens=40)
    habits = Habits(server("llama.cpp"), "m")
    short = next_attempt(question, (), habits, deciding=2)
    assert short is not None and (short.question.max_tokens, short.short) == (2, True)
    whole = next_attempt(question, ((short, asked("card_", "length")),), habits, deciding=2)
    assert whole == Attempt(question)
    ran_out = ((whole, asked("", "length")),)
    assert next_attempt(question, ran_out, habits, deciding=2) == Attempt(question, step=1)
    open_, clear, full = asked("card_", "length"), asked("card_l", "length"), asked("card_new", "stop")
    assert not short.settles(open_.response) and short.settles(clear.response) and whole.settles(full.response)
    assert reply_to([(short, clear)], replayed=False).text == "card_lost"
    both = reply_to([(short, open_), (whole, full)], replayed=False)
    assert (both.text, both.seconds, both.completion_tokens) == ("card_new", 1.0, 2)


def test_an_answer_without_room_for_less_is_asked_for_at_once() -> None:
    question = Question(messages=(), held_to=Choices(("a", "b")), max_tokens=2)
    habits = Habits(server("llama.cpp"), "m")
    assert next_attempt(question, (), habits, deciding=2) == Attempt(question)
    assert next_attempt(question, (), habits, deciding=None) == Attempt(question)
