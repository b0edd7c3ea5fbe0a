"""Responses as real servers write them, read."""

from __future__ import annotations

import math

import pytest

from tuningfork.models.llm.faults import Fault
from tuningfork.models.llm.replies import billed, checked, ran_out, reply_of
from tuningfork.models.llm.spoken import spoken, visible_text
from tuningfork.models.ports import JournalEntry


def response(content, *, finish="stop", **more):
    return {"choices": [{"message": {"content": content}, "finish_reason": finish, **more}]}


def reply(body, usd=None):
    return reply_of([JournalEntry(response=body, usd=usd, seconds=1.0)], replayed=False)


def test_hidden_reasoning_that_leaks_is_no_part_of_the_answer():
    assert visible_text({"content": "<think>\nspam? ham?\n</think>\n\nspam"}) == "spam"
    assert visible_text({"content": "<think> spam? no, "}) == ""
    assert visible_text({"content": "spam <think>"}) == "spam <think>"
    assert visible_text({"content": None, "reasoning_content": "hm"}) == ""
    assert visible_text({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "spam"}]}) == "spam"


LABELS = ("card", "card_arrival", "<think>")


@pytest.mark.parametrize(
    ("message", "text", "place"),
    [
        ({"content": None, "reasoning_content": "card"}, "card", "reasoning"),
        ({"content": "", "reasoning": '{"label": "card"}'}, '{"label": "card"}', "reasoning"),
        ({"content": None, "reasoning": "Hm. It is card"}, "", "nowhere"),
        ({"content": None, "reasoning": "Hm. Not card.</think>card_arrival"}, "card_arrival", "reasoning"),
        ({"content": "<think>"}, "<think>", "content"),
        ({"content": "card", "reasoning_content": "card_arrival"}, "card", "content"),
        ({"content": None, "refusal": "No."}, "No.", "refusal"),
        ({"content": None, "parsed": {"label": "card"}}, '{"label": "card"}', "parsed"),
        ({"content": None, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}, "f()", "tool call"),
        ({"content": [{"type": "output_text", "text": "ca"}, "rd"]}, "card", "content"),
    ],
)
def test_the_answer_is_found_where_it_stands_and_only_there(message, text, place):
    found = spoken(message, LABELS)
    assert (found.text, found.place) == (text, place)


def test_two_different_calls_are_no_answer():
    calls = [{"function": {"name": "f", "arguments": f'{{"label": "{label}"}}'}} for label in LABELS[:2]]
    assert spoken({"content": None, "tool_calls": calls}, LABELS).text.count("label") == 2
    assert spoken({"content": None, "tool_calls": calls[:1] * 2}, LABELS).text == '{"label": "card"}'


def test_a_choice_in_a_thought_that_was_cut_is_no_answer():
    body = response(None, finish="length")
    body["choices"][0]["message"]["reasoning_content"] = "card"
    assert reply_of([JournalEntry(response=body, usd=None, seconds=1.0)], replayed=False, choices=LABELS).text == ""


def test_only_an_empty_answer_at_the_limit_ran_out():
    assert ran_out(response("", finish="length"))
    assert ran_out(response("<think> so ", finish="length"))
    assert not ran_out(response("sp", finish="length"))
    assert not ran_out(response("", finish="stop"))
    assert not ran_out(response(None, finish="content_filter"))
    assert ran_out(response("", finish="MAX_TOKENS")) and ran_out(response("", finish="max_output_tokens"))
    assert ran_out(response("", finish="stop") | {"usage": {"completion_tokens": 60}}, room=60)
    assert ran_out(response("Let me see", finish="length"), reads=lambda text: text == "spam")
    assert not ran_out(response("spam", finish="length"), reads=lambda text: text == "spam")


def test_tokens_as_billed():
    usage = {"prompt_tokens": 100, "completion_tokens": 5, "total_tokens": 405, "prompt_cache_hit_tokens": 64}
    found = billed({"usage": usage})
    assert (found.prompt, found.cached, found.completion) == (100, 64, 305), "reasoning left out of the completion"
    assert billed({}).prompt is None and billed({"usage": None}).completion is None
    both = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12, "prompt_tokens_details": None}
    assert (billed({"usage": both}).completion, billed({"usage": both}).cached) == (9, None)


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"choices": []}, {"choices": [{}]}, {"choices": None}, {"error": "x"}, "x"]
)
def test_a_response_without_an_answer_is_a_fault(payload):
    with pytest.raises(Fault):
        checked(payload)


def test_candidates_of_each_token_are_read():
    content = [
        {
            "token": "sp",
            "logprob": -0.2,
            "top_logprobs": [
                {"token": "sp", "logprob": -0.2},
                {"token": "ha", "logprob": -2.0},
                {"token": "\ufffd", "logprob": math.log(0.01)},
                {"token": "\ufffd", "logprob": math.log(0.02)},
            ],
        },
        {
            "token": "am",
            "logprob": None,
            "top_logprobs": [{"token": "it", "logprob": -5.0}, {"token": "x", "logprob": None}],
        },
        {"token": "", "logprob": -0.01, "top_logprobs": []},
    ]
    tokens = reply(response("spam", logprobs={"content": content})).tokens
    assert tokens is not None and [token.text for token in tokens] == ["sp", "am", ""]
    assert tokens[0].candidates["ha"] == -2.0
    assert tokens[0].candidates["\ufffd"] == pytest.approx(math.log(0.03))
    assert dict(tokens[1].candidates) == {"it": -5.0}
    assert dict(tokens[2].candidates) == {"": -0.01}


def test_tokens_of_leaked_reasoning_are_left_out():
    content = [{"token": t, "logprob": -1.0} for t in ("<think>", "hm", "</", "think>", "spam")]
    tokens = reply(response("<think>hm</think>spam", logprobs={"content": content})).tokens
    assert tokens is not None and [token.text for token in tokens] == ["spam"]


@pytest.mark.parametrize(
    "logprobs", [None, {}, {"content": None}, {"content": []}, {"tokens": ["a"], "token_logprobs": [-1]}]
)
def test_where_there_are_no_candidates_there_are_none(logprobs):
    assert reply(response("spam", logprobs=logprobs)).tokens is None


def test_what_two_responses_took_is_added_and_unknown_stays_unknown():
    first = JournalEntry(
        response=response("", finish="length") | {"usage": {"prompt_tokens": 5, "completion_tokens": 8}},
        usd=0.5,
        seconds=1,
    )
    second = JournalEntry(
        response=response("spam") | {"usage": {"prompt_tokens": 5, "completion_tokens": 2}}, usd=0.25, seconds=2
    )
    added = reply_of([first, second], replayed=False)
    assert (added.text, added.prompt_tokens, added.completion_tokens, added.usd, added.seconds) == (
        "spam",
        10,
        10,
        0.75,
        3,
    )
    unknown = reply_of([first, JournalEntry(response=response("spam"), usd=None, seconds=2)], replayed=True)
    assert (unknown.usd, unknown.prompt_tokens, unknown.replayed) == (None, None, True)
