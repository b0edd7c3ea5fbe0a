"""What each provider is sent, and what a refusal changes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tuningfork.errors import InputError
from tuningfork.models.llm.chat import Choices, Grammar, JsonSchema, Message, Question
from tuningfork.models.llm.habits import MOST_REFUSALS, Habits, room_of
from tuningfork.models.llm.providers import providers, server

QUESTION = Question(
    messages=(Message("system", "Spam or ham?"), Message("user", "win")), held_to=Choices(("spam", "ham"))
)
ALWAYS = {"model", "messages"}
FULL = {"temperature", "seed", "logprobs", "top_logprobs", "response_format"}


@pytest.mark.parametrize(
    ("provider", "model", "sent"),
    [
        ("openai", "gpt-4o-mini", {"max_completion_tokens"} | FULL),
        ("openai", "gpt-5-mini", {"max_completion_tokens", "seed", "response_format"}),
        ("anthropic", "claude-haiku-4-5", {"max_tokens", "temperature"}),
        ("anthropic", "claude-opus-4-8", {"max_tokens"}),
        ("google", "gemini-2.5-flash", {"max_tokens", "temperature", "response_format"}),
        ("mistral", "mistral-small-latest", {"max_tokens", "temperature", "random_seed", "response_format"}),
        ("deepseek", "deepseek-v4-flash", {"max_tokens"}),
        ("groq", "llama-3.1-8b-instant", {"max_completion_tokens", "temperature", "seed", "response_format"}),
        (
            "together",
            "meta-llama/Llama-3.3-70B-Instruct-Turbo",
            {"max_tokens", "temperature", "seed", "response_format"},
        ),
        ("ollama", "llama3.2", {"max_tokens"} | FULL),
        ("lmstudio", "qwen2.5", {"max_tokens", "temperature", "seed", "response_format"}),
    ],
)
def test_nothing_is_sent_that_a_provider_ignores_or_refuses(provider, model, sent):
    assert set(Habits(providers()[provider], model).body(QUESTION)) == ALWAYS | sent


def test_hidden_reasoning_gets_room_and_the_second_time_four_times_as_much():
    plain, reasoning = (Habits(providers()["openai"], model) for model in ("gpt-4o-mini", "gpt-5-mini"))
    assert reasoning.room(QUESTION) - plain.room(QUESTION) == 2048
    efforts = [
        Habits(providers()["openai"], "gpt-5-mini", effort).room(QUESTION)
        for effort in ("none", "minimal", "low", "medium", "high", "xhigh")
    ]
    assert efforts == sorted(set(efforts))
    assert reasoning.room(QUESTION, step=1) == 4 * reasoning.room(QUESTION)


def test_a_refused_constraint_gives_way_to_the_next_weaker_one():
    strongest = Habits(server("llama.cpp"), "m")
    weaker = strongest.without("grammar")
    assert weaker is not None and weaker.constraint == "json_schema"
    assert [code for code, _ in weaker.notes("h")] == ["dropped_parameter"]
    none = weaker.without("response_format")
    assert none is not None and none.constraint is None
    assert "lost_constraint" in [code for code, _ in none.notes("h")]
    assert ALWAYS | {"grammar"} <= set(strongest.body(QUESTION))


def test_refusals_survive_being_written_down():
    habits = Habits(server("openai-compatible"), "m")
    dropped = habits.without("temperature")
    assert dropped is not None and habits.recalled(dropped.to_text()) == dropped
    assert habits.recalled(None) == habits


def test_there_is_an_end_to_dropping():
    habits: Habits | None = Habits(server("openai-compatible"), "m")
    for number in range(MOST_REFUSALS):
        assert habits is not None
        habits = habits.without(f"parameter_{number}")
    assert habits is not None and habits.without("temperature") is None
    fresh = Habits(server("openai-compatible"), "m")
    assert fresh.without("messages") is None and fresh.without("model") is None
    once = fresh.without("temperature")
    assert once is not None and once.without("temperature") is None, "once for each parameter"


def test_only_a_seed_worth_its_name_makes_up_for_a_lost_temperature():
    for row, repeatable in ((server("llama.cpp"), True), (server("openai-compatible"), False)):
        habits = Habits(row, "m").without("temperature")
        assert habits is not None and habits.repeatable is repeatable


def test_a_length_that_nobody_bounds_is_reserved_at_its_worst():
    habits = Habits(server("openai-compatible"), "m", refused=("max_tokens", "max_completion_tokens"))
    assert habits.limit is None
    assert habits.worst_completion(QUESTION) > 100 * habits.room(QUESTION)


def test_what_is_not_wanted_is_not_asked_for():
    question = Question(messages=QUESTION.messages, want_logprobs=False)
    assert not {"logprobs", "response_format"} & set(Habits(server("openai-compatible"), "m").body(question))


def test_room_grows_fourfold_up_to_a_bound_and_begins_where_it_was_needed():
    plain = Habits(server("openai-compatible"), "m")
    first = plain.room(QUESTION)
    rooms = [plain.room(QUESTION, step=step) for step in range(plain.last_step(QUESTION) + 1)]
    assert rooms == [first, 4 * first, 16 * first, 64 * first, 8192]
    assert Habits(server("openai-compatible"), "m", grown=2).first_step(QUESTION) == 2
    reasoning = Habits(providers()["openai"], "gpt-5-mini")
    assert reasoning.last_step(QUESTION) == 1, "what is known to reason has its room from the start"
    given = Habits(server("openai-compatible"), "m", hidden=20_000)
    assert given.room(QUESTION) == first + 20_000


def test_a_room_that_the_server_names_is_kept_to():
    habits = Habits(server("openai-compatible"), "m").without("max_tokens", at_most=500)
    assert habits is not None and habits.limit == "max_tokens"
    assert habits.room(QUESTION, step=3) == 500 and habits.notes("h") == []


@pytest.mark.parametrize("given", ["", "many", "-1", "131073", "1e3", "9" * 50])
def test_a_room_that_cannot_be_is_refused(given):
    with pytest.raises(InputError, match="room="):
        room_of({"room": given})


NUMBER = JsonSchema(json.dumps({"type": "number", "minimum": 0, "maximum": 5}))


@pytest.mark.parametrize(
    ("habits", "sent"),
    [
        (Habits(providers()["openai"], "gpt-4o-mini"), True),
        (Habits(server("vllm"), "m"), True),
        (Habits(server("llama.cpp"), "m"), True),
        (Habits(providers()["anthropic"], "claude-haiku-4-5"), False),
        (Habits(server("vllm"), "m").without("response_format"), False),
    ],
)
def test_a_schema_is_sent_to_those_who_read_schemas(habits: Habits, sent: bool) -> None:
    body = habits.body(replace(QUESTION, held_to=NUMBER))
    assert ("response_format" in body) == sent
    if sent:
        assert body["response_format"]["json_schema"]["schema"] == json.loads(NUMBER.schema)
    assert not {"grammar", "guided_choice", "regex"} & body.keys()


def test_a_grammar_is_sent_to_llama_cpp_alone() -> None:
    digits = replace(QUESTION, held_to=Grammar("root ::= [0-9]"))
    assert Habits(server("llama.cpp"), "m").body(digits)["grammar"] == "root ::= [0-9]"
    for other in (server("vllm"), server("sglang"), providers()["openai"]):
        body = Habits(other, "m").body(digits)
        assert set(body) == set(Habits(other, "m").body(replace(QUESTION, held_to=None)))


def test_draws_differ_in_their_seeds_and_are_kept_apart() -> None:
    habits = Habits(server("llama.cpp"), "m")
    once, drawn = habits.body(QUESTION), QUESTION.drawn(3, temperature=0.7, seed=11)
    bodies = [habits.body(question) for question in drawn]
    assert [body["temperature"] for body in bodies] == [0.7] * 3
    assert [body["seed"] for body in bodies] == [11, 12, 13]
    assert [question.repeat for question in drawn] == [0, 1, 2], "where no seed is taken a journal keeps all the same"
    assert once["temperature"] == 0
    assert {**bodies[0], "temperature": 0, "seed": once["seed"]} == once
    with pytest.raises(ValueError, match="0 draws"):
        QUESTION.drawn(0, temperature=0.7)
    with pytest.raises(ValueError, match="temperature 0"):
        QUESTION.drawn(2, temperature=0.0)
