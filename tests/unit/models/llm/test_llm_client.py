"""The client against real HTTP servers on loopback that misbehave on purpose."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from llm_servers import (
    ScriptedServer,
    always,
    answers,
    cuts,
    error,
    fails,
    in_prose,
    no_choices,
    planted,
    refuses,
    resets,
    runs_out_below,
    says,
    silent,
    throttles,
    wants_key,
)
from ports import MemoryJournal, MemoryMeter
from tuningfork.errors import BudgetExceeded, ProviderError
from tuningfork.models.llm.chat import ChatModel, Choices, Message, Question

LABELS = ("spam", "ham")


def ask(text: str = "win money now", **given: object) -> Question:
    messages = (Message("system", "Is it spam or ham?"), Message("user", text))
    return Question(messages=messages, held_to=Choices(LABELS), **given)  # type: ignore[arg-type]


def many(number: int) -> list[Question]:
    return [ask(f"mail number {i}") for i in range(number)]


def codes(model: ChatModel) -> list[str]:
    return [code for code, _ in model.notes.items]


def test_an_ordinary_server_gets_one_request_and_its_answer_is_read(open_client, journal, meter):
    with ScriptedServer(always("spam")) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
    assert json.loads(reply.text) == {"label": "spam"}
    assert (reply.prompt_tokens, reply.completion_tokens, reply.usd) == (10, 2, None)
    assert (reply.model, reply.fingerprint, reply.finish_reason) == ("tiny", "fp_1", "stop")
    assert reply.tokens is not None and reply.tokens[0].candidates["other"] == -3.0
    (asked,) = server.requests
    assert asked.path == "/v1/chat/completions"
    assert asked.body["temperature"] == 0 and asked.body["top_logprobs"] == 20
    assert asked.body["response_format"]["json_schema"]["schema"]["properties"]["label"]["enum"] == list(LABELS)
    assert model.repeatable and model.notes.items == ()
    assert model.host == f"{urlsplit(server.url).netloc} on this machine"
    assert len(journal.entries) == 1 and meter.all_settled


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("parameter", "note"),
    [
        ("temperature", "no_temperature"),
        ("max_tokens", "dropped_parameter"),
        ("logprobs", "no_logprobs"),
        ("top_logprobs", "no_logprobs"),
        ("response_format", "lost_constraint"),
        ("seed", "dropped_parameter"),
    ],
)
def test_a_refused_parameter_is_dropped_once_said_and_remembered(open_client, journal, meter, parameter, note, named):
    with ScriptedServer(always("spam"), refuses(parameter, named=named)) as server:
        model = open_client(server)
        replies = model.answer(many(5))
        assert len(server.sent(parameter)) == 1, "sent once, alone, and never again"
        again = open_client(server)
        again.answer([ask("another mail")])
        assert len(server.sent(parameter)) == 1, "a resumed study knows it"
    assert all("spam" in reply.text for reply in replies)
    assert codes(model) == codes(again) == [note]
    assert meter.all_settled
    if parameter == "max_tokens":
        assert server.sent("max_completion_tokens") == [64 + 24] * 6


def test_a_server_that_refuses_everything_is_asked_with_nothing(open_client):
    refused = ("max_tokens", "max_completion_tokens", "temperature", "seed", "logprobs", "response_format")
    with ScriptedServer(always("spam"), *map(refuses, refused)) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
    assert reply.text == "spam"
    assert set(server.requests[-1].body) == {"model", "messages"}
    assert len(server.requests) == 7
    assert not model.repeatable
    assert {"no_temperature", "no_logprobs", "lost_constraint", "dropped_parameter"} == set(codes(model))


def test_a_server_that_is_never_content_is_given_up(open_client, meter):
    with ScriptedServer(always("spam"), lambda asked: error(400, "bad 'temperature'", param="temperature")) as server:
        with pytest.raises(ProviderError, match="temperature"):
            open_client(server).answer([ask()])
        assert len(server.requests) == 2
    assert meter.all_settled


def test_fewer_candidates_are_asked_for_where_the_server_says_how_many(open_client):
    def at_most_five(asked):
        if asked.body.get("top_logprobs", 0) > 5:
            return error(400, "top_logprobs must be less than or equal to 5", param="top_logprobs")
        return None

    with ScriptedServer(always("spam"), at_most_five) as server:
        model = open_client(server)
        model.answer([ask()])
    assert server.sent("top_logprobs") == [20, 5]
    assert codes(model) == ["dropped_parameter"]


def test_a_validator_that_forbids_unknown_fields_is_understood(open_client):
    detail = [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]

    def strict(asked):
        body = json.dumps({"object": "error", "message": {"detail": detail}, "param": None})
        return answers(body, 422)(asked) if "seed" in asked.body else None

    with ScriptedServer(always("spam"), strict) as server:
        model = open_client(server)
        model.answer([ask()])
    assert len(server.requests) == 2 and codes(model) == ["dropped_parameter"]


def test_a_server_that_ignores_the_constraint_is_found_out(open_client):
    with ScriptedServer(in_prose(always("spam")), obedient=False) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
    assert reply.text.startswith("Well, that is a difficult one.")
    assert codes(model) == ["lost_constraint"]


@pytest.mark.parametrize(
    ("server_kind", "parameters"),
    [("vllm", {"structured_outputs", "guided_choice"}), ("sglang", {"regex"}), ("llama.cpp", {"grammar"})],
)
def test_each_kind_of_server_is_held_to_the_labels_in_its_own_words(open_client, server_kind, parameters):
    with ScriptedServer(always("spam")) as server:
        model = open_client(server, options={"server": server_kind})
        model.answer([ask()])
    body = server.requests[0].body
    assert parameters <= set(body) and "response_format" not in body
    assert ("cache_prompt" in body) == (server_kind == "llama.cpp")


@pytest.mark.parametrize(
    "fault",
    [
        fails(500, times=2),
        fails(503, times=2),
        fails(408, times=2),
        throttles(times=2),
        throttles(times=2, retry_after=0.02),
        resets(times=2),
        cuts(times=2),
        says('{"choices": [{"mess', times=2),
        says("<html>gateway</html>", times=2),
        no_choices(times=2),
        says('{"error": {"message": "upstream", "code": 502}}', times=2),
    ],
)
def test_a_fault_of_the_transport_is_never_an_answer(open_client, journal, meter, fault):
    with ScriptedServer(always("spam"), fault) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
    assert json.loads(reply.text) == {"label": "spam"}
    assert len(server.requests) == 3 == len(meter.tickets), "every attempt was reserved"
    assert len(journal.entries) == 1 and meter.all_settled and model.notes.items == ()


def test_retries_end_and_what_was_answered_is_kept(open_client, journal, meter):
    def breaks_later(asked):
        return error(500, "overloaded") if asked.number >= 3 else None

    with ScriptedServer(always("spam"), breaks_later) as server:
        with pytest.raises(ProviderError, match=r"failed 6 times.*500 overloaded"):
            open_client(server).answer(many(4))
        assert len(server.requests) == 3 + 6
    assert len(journal.entries) == 3 and meter.all_settled


def test_a_silent_server_is_given_up_after_the_time_out(open_client):
    with ScriptedServer(always("spam"), silent(0.5, times=1)) as server:
        model = open_client(server)
        model._connection = replace(model._connection, answer_seconds=0.1)
        (reply,) = model.answer([ask()])
    assert "spam" in reply.text and len(server.requests) == 2


def test_retry_after_is_obeyed_and_a_long_ban_is_an_error(open_client):
    with ScriptedServer(always("spam"), throttles(times=1, retry_after=0.4)) as server:
        open_client(server).answer([ask()])
        first, second = (asked.at for asked in server.requests)
    assert second - first >= 0.4
    with ScriptedServer(always("spam"), throttles(retry_after=86_400)) as server:
        with pytest.raises(ProviderError, match="asks to wait 86400 seconds"):
            open_client(server).answer([ask("tomorrow")])
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("response", "remedy"),
    [
        (error(401, "no such key"), "TUNINGFORK_API_KEY"),
        (error(403, "not allowed"), "TUNINGFORK_API_KEY"),
        (error(402, "payment required"), "Add credit"),
        (error(404, "model not found"), "Check the model's name"),
        (error(429, "You exceeded your current quota", code="insufficient_quota"), "no credit left"),
        (error(400, "model 'tiny' does not exist"), "does not exist"),
        (error(418, "teapot"), "teapot"),
    ],
)
def test_a_refusal_for_good_is_one_request_and_a_remedy(open_client, meter, response, remedy):
    with ScriptedServer(always("spam"), lambda asked: response) as server:
        with pytest.raises(ProviderError, match=remedy):
            open_client(server).answer(many(20))
        assert len(server.requests) == 1
    assert meter.all_settled


def test_a_prompt_that_is_too_long_is_an_empty_answer_and_what_the_server_takes_is_remembered(open_client):
    too_long = error(400, "maximum context length is 4096 tokens", code="context_length_exceeded")
    with ScriptedServer(always("spam"), lambda asked: too_long if "3" in asked.text else None) as server:
        replies = open_client(server).answer(many(5))
        again = open_client(server)
        assert [reply.text for reply in again.answer(many(5))] == [reply.text for reply in replies]
        assert len(server.requests) == 6, "a refusal costs nothing, and the server's context may be larger by then"
    assert [reply.finish_reason for reply in replies] == ["stop", "stop", "stop", "too_long", "stop"]
    assert "4096" in (replies[3].refused_because or "")
    limit = again.lengths.limit
    assert limit is not None and (limit.tokens, limit.cuts) == (4096, False)


def test_a_content_filter_costs_one_answer_not_the_study(open_client):
    def filters(asked):
        return error(400, "The response was filtered", code="content_filter") if "3" in asked.text else None

    with ScriptedServer(always("spam"), filters) as server:
        replies = open_client(server).answer(many(5))
    assert [bool(reply.text) for reply in replies] == [True, True, True, False, True]
    assert replies[3].finish_reason == "content_filter"


@pytest.mark.parametrize("share", [0.95, 0.55])
def test_a_planted_server_is_right_on_exactly_that_share(open_client, share):
    gold = {f"mail number {i} end": LABELS[i % 2] for i in range(100)}
    with ScriptedServer(planted(gold, share)) as server:
        replies = open_client(server).answer([ask(text) for text in gold])
    given = [json.loads(reply.text)["label"] for reply in replies]
    assert sum(a == b for a, b in zip(given, gold.values(), strict=True)) == round(100 * share)


# The journal ------------------------------------------------------------------------------------------------


def test_what_is_in_the_journal_is_never_sent_again(open_client, meter):
    with ScriptedServer(always("spam"), refuses("temperature"), refuses("max_tokens")) as server:
        first = open_client(server).answer(many(6))
        sent = len(server.requests)
        replayed = open_client(server).answer(many(6))
    assert len(server.requests) == sent == 6 + 2
    assert all(reply.replayed for reply in replayed) and not any(reply.replayed for reply in first)
    assert [r.text for r in replayed] == [r.text for r in first]
    assert [r.seconds for r in replayed] == [r.seconds for r in first]


def test_what_was_answered_before_a_refusal_is_not_paid_again(open_client):
    def refuses_from_the_fourth_on(asked):
        return refuses("temperature")(asked) if asked.number >= 3 else None

    with ScriptedServer(always("spam"), refuses_from_the_fourth_on) as server:
        model = open_client(server)
        model.answer(many(3))
        model.answer(many(6))
        sent = len(server.requests)
        again = open_client(server).answer(many(6))
        assert len(server.requests) == sent
    assert all(reply.replayed for reply in again)


def test_the_same_question_twice_is_one_request_and_a_repeat_is_another(open_client, journal):
    seen = []
    with ScriptedServer(always("spam")) as server:
        model = open_client(server)
        replies = model.answer([ask(), ask(), ask("b"), ask()], progress=lambda done, total: seen.append((done, total)))
        assert len(server.requests) == 2 and len(replies) == 4
        model.answer([ask(repeat=1)])
        assert len(server.requests) == 3
    assert sorted(key.repeat for key in journal.keys) == [0, 0, 1]
    assert seen[-1] == (4, 4)


def test_a_journal_key_has_no_secret_in_it(open_client, journal, monkeypatch):
    monkeypatch.setenv("TUNINGFORK_API_KEY", "sesame-4711")
    with ScriptedServer(always("Bearer sesame-4711"), wants_key("sesame-4711"), obedient=False) as server:
        model = open_client(server)
        model.answer([ask()])
    kept = repr(journal.entries) + repr(journal.keys) + repr(journal.facts) + repr(model._connection)
    assert "sesame" not in kept and "[key]" in kept


def test_an_error_that_echoes_the_key_does_not_show_it(open_client, monkeypatch):
    monkeypatch.setenv("TUNINGFORK_API_KEY", "sesame-4711")
    with ScriptedServer(always("spam"), wants_key("another")) as server, pytest.raises(ProviderError) as caught:
        open_client(server).answer([ask()])
    assert "TUNINGFORK_API_KEY" in str(caught.value) and "sesame" not in str(caught.value)


def test_a_redirect_is_not_followed(open_client, monkeypatch):
    monkeypatch.setenv("TUNINGFORK_API_KEY", "sesame-4711")
    with ScriptedServer(always("spam")) as thief:
        moved = answers("", 307, location=f"{thief.url}/chat/completions")
        with ScriptedServer(always("spam"), moved) as server, pytest.raises(ProviderError, match="follows no redirect"):
            open_client(server).answer([ask()])
        assert thief.requests == []


# Hidden reasoning ---------------------------------------------------------------------------------------------


def test_an_empty_answer_at_the_limit_is_asked_once_more_with_four_times_the_room(open_client, meter):
    prices = {"tiny": (1.0, 10.0)}
    with ScriptedServer(always("spam"), runs_out_below(200)) as server:
        model = open_client(server, prices=prices)
        (reply,) = model.answer([ask()])
        assert server.sent("max_tokens") == [88, 352]
        (replayed,) = open_client(server, prices=prices).answer([ask()])
        assert len(server.requests) == 2
    assert json.loads(reply.text) == {"label": "spam"}
    assert reply.usd == pytest.approx((10 * 1 + 88 * 10 + 10 * 1 + 2 * 10) / 1e6), "both were paid"
    assert (replayed.text, replayed.usd, replayed.replayed) == (reply.text, reply.usd, True)
    first, second = meter.tickets
    prompt = model.count_tokens(ask().messages)
    assert first.reserved == pytest.approx((2 * prompt * 1 + (88 + 352) * 10) / 1e6), "both were set aside"
    assert second.reserved == pytest.approx((prompt * 1 + 352 * 10) / 1e6)
    assert meter.all_settled


def test_an_answer_that_stays_empty_is_an_invalid_answer_not_a_loop(open_client):
    """Room grows up to a bound while all of it goes into thought, and later questions begin there."""
    with ScriptedServer(always("spam"), runs_out_below(10**9)) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
        assert server.sent("max_tokens") == [88, 352, 1408, 5632, 8192]
        model.answer([ask("another")])
        assert server.sent("max_tokens")[5:] == [8192]
    assert (reply.text, reply.finish_reason) == ("", "length")


def test_an_empty_answer_that_took_few_tokens_is_asked_once_more_and_no_oftener(open_client):
    with ScriptedServer(always("spam"), runs_out_below(10**9, usage={"completion_tokens": 3})) as server:
        open_client(server).answer([ask()])
        assert server.sent("max_tokens") == [88, 352]


def test_room_that_the_server_does_not_have_is_not_asked_for_again(open_client):
    too_large = "max_tokens is too large: 1408. This model supports at most 1000 completion tokens"

    def refuses_more(asked):
        return error(400, too_large, param="max_tokens") if asked.body["max_tokens"] > 1000 else None

    with ScriptedServer(always("spam"), refuses_more, runs_out_below(900)) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
        assert server.sent("max_tokens") == [88, 352, 1408, 1000]
        model.answer([ask("another")])
        assert server.sent("max_tokens")[4:] == [1000]
    assert json.loads(reply.text) == {"label": "spam"} and model.notes.items == ()


def test_room_that_does_not_fit_the_context_is_no_row_that_is_too_long(open_client):
    def too_much(asked):
        told = (
            "This model's maximum context length is 2048 tokens. However, you requested 5660 tokens (28 in the messages"
        )
        return error(400, f"{told}, 5632 in the completion).") if asked.body["max_tokens"] > 2000 else None

    with ScriptedServer(always("spam"), too_much, runs_out_below(10**9)) as server:
        model = open_client(server)
        (reply,) = model.answer([ask()])
        assert server.sent("max_tokens") == [88, 352, 1408, 5632]
    assert (reply.text, reply.finish_reason) == ("", "length")


def test_room_and_effort_of_a_reasoning_model(open_client, monkeypatch):
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 500,
        "completion_tokens_details": {"reasoning_tokens": 498},
        "prompt_tokens_details": {"cached_tokens": 8},
    }
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with ScriptedServer(always("spam"), refuses("max_tokens"), refuses("temperature"), usage=usage) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        model = open_client(None, "openai/gpt-5-mini", options={"effort": "low"})
        (reply,) = model.answer([ask()])
    (asked,) = server.requests
    assert asked.headers["authorization"] == "Bearer sk-test"
    assert asked.body["reasoning_effort"] == "low" and asked.body["max_completion_tokens"] == 64 + 24 + 1024
    assert "logprobs" not in asked.body
    assert (reply.reasoning_tokens, reply.cached_tokens) == (498, 8)
    assert not model.repeatable and codes(model) == ["no_temperature", "no_logprobs"]


def test_an_effort_that_the_server_refuses_is_an_error_not_another_measurement(open_client):
    with ScriptedServer(always("spam"), refuses("reasoning_effort")) as server:
        with pytest.raises(ProviderError, match="Leave \\?effort= out"):
            open_client(server, options={"effort": "high"}).answer([ask()])
        assert len(server.requests) == 1


# Money ----------------------------------------------------------------------------------------------------------


def test_the_budget_is_never_passed_and_everything_paid_is_kept(open_client, journal):
    meter = MemoryMeter(budget=0.02)
    usage = {"prompt_tokens": 20, "completion_tokens": 40}
    with ScriptedServer(always("spam"), usage=usage, seconds=0.005) as server:
        model = open_client(server, meter=meter, prices={"tiny": (1.0, 10.0)})
        with pytest.raises(BudgetExceeded):
            model.answer(many(200))
        sent = len(server.requests)
    assert meter.highest <= 0.02 and meter.all_settled
    assert len(journal.entries) == sent
    assert meter.committed == pytest.approx(sent * (20 * 1 + 40 * 10) / 1e6)
    assert meter.committed > 0.01, "requests under way were waited for, not counted as spent for ever"


def test_room_that_grows_never_passes_the_budget(open_client, journal):
    meter = MemoryMeter(budget=0.2)
    with ScriptedServer(always("spam"), runs_out_below(3000)) as server:
        model = open_client(server, meter=meter, prices={"tiny": (1.0, 10.0)})
        with pytest.raises(BudgetExceeded):
            model.answer(many(2000))
        assert max(server.sent("max_tokens")) == 5632
    assert meter.highest <= 0.2 and meter.all_settled
    assert meter.committed > 0.05


def test_without_a_price_a_dollar_budget_lets_nothing_leave(open_client):
    with ScriptedServer(always("spam")) as server:
        with pytest.raises(BudgetExceeded):
            open_client(server, meter=MemoryMeter(budget=5.0)).answer([ask()])
        assert server.requests == []


def test_what_may_have_been_billed_stays_on_the_bill(open_client):
    meter = MemoryMeter()
    with ScriptedServer(always("spam"), fails(times=1), cuts(times=1)) as server:
        open_client(server, meter=meter, prices={"tiny": (1.0, 10.0)}).answer([ask()])
    refused, cut, answered = meter.tickets
    assert refused.usd == 0.0
    assert cut.usd is not None and cut.usd > 0
    assert answered.usd == pytest.approx((10 * 1 + 2 * 10) / 1e6)


# Pace -----------------------------------------------------------------------------------------------------------


def test_one_request_goes_first_then_several_at_a_time(open_client):
    with ScriptedServer(always("spam"), seconds=0.03) as server:
        open_client(server).answer(many(40))
        first, second = server.requests[0].at, server.requests[1].at
    assert second - first >= 0.03
    assert 4 <= server.most_under_way <= 16


def test_a_server_that_bears_little_is_asked_little(open_client):
    under_way = []

    def bears_two(asked):
        under_way.append(server.under_way)
        return error(429, "slow down") if server.under_way > 2 else None

    with ScriptedServer(always("spam"), bears_two, seconds=0.02) as server:
        replies = open_client(server).answer(many(60))
    assert all("spam" in reply.text for reply in replies)
    refused = sum(number > 2 for number in under_way)
    assert refused < 30


def test_another_model_in_mid_study_is_noted(open_client):
    with ScriptedServer(always("spam"), model="tiny-2026-01", fingerprint=None) as server:
        open_client(server).answer([ask("a")])
        url = server.url
        server.model = "tiny-2026-02"
        model = open_client(server)
        model.answer([ask("b")])
        assert url == server.url
    assert codes(model) == ["model_changed"]
    assert "tiny-2026-01, then tiny-2026-02" in model.notes.items[0][1]


# Stopping -------------------------------------------------------------------------------------------------------


def test_it_works_where_an_event_loop_already_runs(open_client):
    async def notebook_cell():
        return open_client(server).answer(many(3))

    with ScriptedServer(always("spam")) as server:
        assert len(asyncio.run(notebook_cell())) == 3


@pytest.fixture
def ctrl_c_interrupts():
    """SIGINT raises KeyboardInterrupt, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c_interrupts")
def test_ctrl_c_stops_at_once_and_keeps_what_was_answered(open_client, journal, meter):
    def presses_ctrl_c():
        while len(journal.entries) < 3:
            time.sleep(0.005)
        os.kill(os.getpid(), signal.SIGINT)

    with ScriptedServer(always("spam"), seconds=0.05) as server:
        model = open_client(server)
        threading.Thread(target=presses_ctrl_c, daemon=True).start()
        started = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            model.answer(many(500))
        assert time.monotonic() - started < 3
        assert 3 <= len(journal.entries) < 500
        assert meter.all_settled


def test_nobody_at_the_address_is_said_at_once(open_client, meter):
    with ScriptedServer(always("spam")) as server:
        pass
    with pytest.raises(ProviderError, match="Is the server running"):
        open_client(server).answer([ask()])
    assert meter.all_settled


def test_tokens_are_estimated_upward(open_client):
    with ScriptedServer(always("spam")) as server:
        model = open_client(server)
        latin = model.count_tokens([Message("user", "The quick brown fox jumps over the lazy dog.")])
        chinese = model.count_tokens([Message("user", "敏捷的棕色狐狸跳过懒狗")])
        assert server.requests == []
    assert 10 < latin < 30 and chinese > 11


def test_a_journal_that_is_full_needs_no_server(open_client, journal: MemoryJournal):
    with ScriptedServer(always("spam")) as server:
        first = open_client(server)
        first.answer(many(3))
    replies = open_client(server).answer(many(3))
    assert all(reply.replayed for reply in replies) and len(journal.keys) == 3
