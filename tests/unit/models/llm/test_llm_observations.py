"""What the answers of a server show about it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from llm_servers import ScriptedServer, always, error
from tuningfork.models.llm.chat import Choices, Message, Question

ASK = Question(messages=(Message("user", "win money now"),), held_to=Choices(("spam", "ham")))


def questions(number: int) -> list[Question]:
    return [replace(ASK, messages=(Message("user", f"mail number {i}"),)) for i in range(number)]


def notes_of(model) -> dict[str, str]:
    return dict(model.notes.items)


def test_another_model_than_the_one_asked_for_is_told(open_client):
    with ScriptedServer(always("spam"), model="phi-4") as server:
        model = open_client(server, "llama-3.1-8b")
        model.answer(questions(2))
    told = f"llama-3.1-8b at {model.host} was asked for, and phi-4 answered"
    assert notes_of(model) == {"other_model": told}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"), ("openai/gpt-4.1", "gpt-4.1"), ("Llama3.1:8b", "llama-3.1-8b")],
)
def test_a_dated_version_and_a_name_without_its_owner_are_the_model(open_client, asked, answered):
    with ScriptedServer(always("spam"), model=answered) as server:
        model = open_client(server, asked)
        model.answer(questions(1))
    assert notes_of(model) == {}


def test_a_signature_that_is_new_every_time_fills_neither_ledger_nor_report(open_client, journal):
    with ScriptedServer(always("spam")) as server:
        numbers = itertools.count()

        def signed(asked):
            server.fingerprint = f"fp_{next(numbers)}"

        server.rules = (signed,)
        model = open_client(server)
        model.answer(questions(60))
    (remembered,) = [value for (topic, _), value in journal.facts.items() if topic != "pace"]
    assert len(json.loads(remembered)) == 12
    assert notes_of(model)["model_changed"].endswith("and 9 more")


def test_what_a_content_filter_says_is_no_other_model(open_client):
    def filters_some(asked):
        return error(400, "filtered", code="content_filter") if "number 2" in asked.text else None

    with ScriptedServer(always("spam"), filters_some) as server:
        model = open_client(server)
        model.answer(questions(4))
    assert notes_of(model) == {}


def test_missing_log_probabilities_are_told(open_client):
    with ScriptedServer(always("spam"), logprobs=False) as server:
        model = open_client(server)
        model.answer(questions(3))
    assert "with 3 of 3 answers" in notes_of(model)["no_logprobs"]


def test_a_refusal_is_no_sign_of_a_lost_constraint(open_client):
    with ScriptedServer(always(""), obedient=False) as server:
        model = open_client(server)
        model.answer(questions(3))
    assert notes_of(model) == {}
