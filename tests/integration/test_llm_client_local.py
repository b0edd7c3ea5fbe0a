"""The client and the real small local LLM: constraint, prefix, counting, a crash, and a second server with a key."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ports import MemoryJournal, MemoryMeter
from tuningfork.arms.prompt.forms.probabilities import label_probabilities
from tuningfork.errors import ProviderError
from tuningfork.models.llm.chat import ChatModel, Choices, Grammar, JsonSchema, Message, Question
from tuningfork.models.llm.gguf_format import fastest_format
from tuningfork.models.llm.local_server import LocalServer
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.store import ModelStore

LABELS = ("positive", "negative")
REVIEWS = (
    "a gorgeous, witty, seductive movie",
    "dreadful, boring and far too long",
    "i loved every minute of it",
    "a waste of time and money",
    "the cast is wonderful",
    "it fails on every level",
)


def question(review: str, **given: Any) -> Question:
    task = "You are given a sentence from a film review. Say whether it is positive or negative. Answer with one word."
    return Question(messages=(Message("system", task), Message("user", review)), held_to=Choices(LABELS), **given)


def opened(journal: MemoryJournal, **given: Any) -> Any:
    arguments = {"store": ModelStore(), "journal": journal, "meter": MemoryMeter(), "prices": {}} | given
    return open_chat_model(
        arguments.pop("model", "smollm2-135m"), arguments.pop("url", None), arguments.pop("options", {}), **arguments
    )


@pytest.fixture(scope="module")
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture(scope="module")
def local(journal: MemoryJournal) -> Iterator[ChatModel]:
    with opened(journal) as model:
        yield model


@pytest.fixture(scope="module")
def gguf() -> Path:
    store = ModelStore()
    return fastest_format(store.locate("smollm2-135m", "llm"), store.cache).path


def test_every_answer_is_a_label_and_the_shared_prefix_is_computed_once(local):
    replies = local.answer([question(review) for review in REVIEWS])
    assert all(reply.text in LABELS for reply in replies)
    assert {reply.usd for reply in replies} == {None}
    assert all(reply.cached_tokens > 20 for reply in replies[1:])
    assert all(reply.model == local.name for reply in replies)
    assert local.name.startswith("smollm2-135m ") and local.host == "this machine" and local.repeatable


def test_candidates_are_there_before_the_grammar_is_applied(local):
    (reply,) = local.answer([question(REVIEWS[0])])
    first = reply.tokens[0].candidates
    assert len(first) > 50 and max(first.values()) < 0
    assert all(any(token and label.startswith(token) for token in first) for label in LABELS)
    assert any(token and not any(label.startswith(token) for label in LABELS) for token in first)


def test_tokens_are_counted_as_the_model_sees_them(local):
    replies = local.answer([question(review) for review in REVIEWS])
    counted = [local.count_tokens(question(review).messages) for review in REVIEWS]
    assert counted == [reply.prompt_tokens for reply in replies]


def test_asked_again_on_purpose_it_answers_the_same(local):
    first = local.answer([question(review) for review in REVIEWS])
    again = local.answer([question(review, repeat=1) for review in REVIEWS])
    assert not any(reply.replayed for reply in again)
    assert [reply.text for reply in again] == [reply.text for reply in first]


def test_another_process_of_the_server_replays_the_journal(journal, local):
    """The port is no part of what makes two requests the same."""
    first = local.answer([question(review) for review in REVIEWS])
    with opened(journal) as later:
        replayed = later.answer([question(review) for review in REVIEWS])
    assert all(reply.replayed for reply in replayed)
    assert [reply.text for reply in replayed] == [reply.text for reply in first]


def test_a_second_server_with_a_key_gives_the_same_answers(local, gguf, monkeypatch):
    expected = [reply.text for reply in local.answer([question(review) for review in REVIEWS])]
    with LocalServer(gguf, name="elsewhere") as server:
        monkeypatch.setenv("TUNINGFORK_API_KEY", server.key)
        given = {"model": "smollm2", "url": server.url}
        with opened(MemoryJournal(), **given, options={"server": "llama.cpp"}) as model:
            assert [reply.text for reply in model.answer([question(review) for review in REVIEWS])] == expected
            assert model.notes.items == ()
        with opened(MemoryJournal(), **given) as model:
            replies = model.answer([question(review) for review in REVIEWS])
            assert all(reply.text.strip().startswith("{") for reply in replies), "held by JSON schema"
            assert [code for code, _ in model.notes.items] == ["other_model"], (
                "it answers to any name, and says its own"
            )
        monkeypatch.setenv("TUNINGFORK_API_KEY", "wrong")
        with (
            opened(MemoryJournal(), **given) as model,
            pytest.raises(ProviderError, match="TUNINGFORK_API_KEY is wrong"),
        ):
            model.answer([question("another")])


def test_a_crash_is_survived_once_and_said(monkeypatch):
    announced: list[str] = []
    journal = MemoryJournal()
    with opened(journal, announce=announced.append) as model:
        server = model._connection.server
        model.answer([question(REVIEWS[0])])
        os.kill(server.process_id, signal.SIGKILL)
        replies = model.answer([question(review) for review in REVIEWS])
        assert all(reply.text in LABELS for reply in replies)
        assert "server_restarted" in [code for code, _ in model.notes.items]
        assert any("crashed" in line for line in announced)
        os.kill(server.process_id, signal.SIGKILL)
        with pytest.raises(ProviderError, match="crashed twice"):
            model.answer([question("one more")])
    assert len(journal.entries) == len(REVIEWS)


INTENTS = ("card_arrival", "card_linking", "card_not_working", "cash_withdrawal", "top_up_failed", "exchange_rate")
QUERIES = (
    "Where is my new card?",
    "My card does not work in the shop",
    "How do I add a card to the app?",
    "The machine gave me no money",
    "What do I get for a dollar?",
    "My transfer to the account was refused",
)


def test_an_answer_cut_where_it_decides_is_the_whole_answer(gguf, monkeypatch):
    """Same label and same probabilities as with every token written, in fewer tokens."""
    task = "Sort the message of a bank's customer. Answer with one of: " + ", ".join(INTENTS)
    asked = [
        Question(messages=(Message("system", task), Message("user", query)), held_to=Choices(INTENTS))
        for query in QUERIES
    ]
    with opened(MemoryJournal()) as model:
        short = model.answer(asked)
    monkeypatch.setattr("tuningfork.models.llm.deciding.deciding_tokens", lambda _: None)
    with opened(MemoryJournal()) as model:
        whole = model.answer(asked)
    assert [reply.text for reply in short] == [reply.text for reply in whole]
    assert sum(reply.completion_tokens for reply in short) < 0.7 * sum(reply.completion_tokens for reply in whole)
    for few, all_ in zip(short, whole, strict=True):
        answered = INTENTS.index(few.text)
        some = label_probabilities(few.tokens, INTENTS, answered)
        assert np.allclose(some, label_probabilities(all_.tokens, INTENTS, answered), atol=0.02)


def test_a_cut_answer_is_replayed_without_a_server(gguf):
    journal = MemoryJournal()
    with opened(journal) as model:
        first = model.answer([question(REVIEWS[0])])
        kept = len(journal.entries)
        again = model.answer([question(REVIEWS[0])])
    assert again[0].replayed and not first[0].replayed
    assert (again[0].text, len(journal.entries)) == (first[0].text, kept)


def test_answers_are_held_to_a_schema_and_to_a_grammar() -> None:
    texts = ("how good is it?", "a waste of two hours", "12")
    number = JsonSchema(json.dumps({"type": "integer", "minimum": 0, "maximum": 9}))
    day = Grammar('root ::= [0-9] [0-9] " " ("May" | "June")')
    with opened(MemoryJournal()) as model:
        asked = [Question(messages=(Message("user", text),), held_to=to) for to in (number, day) for text in texts]
        said = [reply.text for reply in model.answer(asked)]
    assert all(re.fullmatch(r"\s*\d\s*", text) for text in said[:3]), said
    assert all(re.fullmatch(r"\d\d (May|June)", text) for text in said[3:]), said


def test_draws_differ_and_come_from_the_journal_again() -> None:
    journal = MemoryJournal()
    colour = Question(messages=(Message("user", "Name a colour."),), max_tokens=8)
    with opened(journal) as model:
        likeliest = {model.answer([replace(colour, repeat=again)])[0].text for again in range(3)}
        drawn = [reply.text for reply in model.answer(colour.drawn(6, temperature=1.2))]
        kept = len(journal.entries)
        assert [reply.text for reply in model.answer(colour.drawn(6, temperature=1.2))] == drawn
        assert len(journal.entries) == kept
        other = [reply.text for reply in model.answer(colour.drawn(6, temperature=1.2, seed=50))]
    assert len(likeliest) == 1
    assert len(set(drawn)) > 2
    assert drawn != other
