"""Streams that nobody asked for are read as one response, and a stream that breaks off is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuningfork.models.llm.streamed import assembled


def events(*parts: Any, end: bool = True) -> str:
    lines = [f"event: message\ndata: {json.dumps(part)}\n" for part in parts]
    return "\n".join([": keep-alive\n", *lines, *(["data: [DONE]\n"] if end else [])])


def piece(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def test_pieces_make_one_message_with_its_bill() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    text = events(
        piece(role="assistant"),
        piece(reasoning_content="hm "),
        piece(reasoning_content="so"),
        piece(content="re"),
        piece("stop", content="fund"),
        {"choices": [], "usage": usage},
    )
    found = assembled(text)
    assert found is not None
    message = found["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("refund", "hm so")
    assert (found["model"], found["usage"], found["choices"][0]["finish_reason"]) == ("m", usage, "stop")


def test_arguments_of_a_call_come_in_pieces_too() -> None:
    def call(name: str | None, arguments: str) -> dict[str, Any]:
        return piece(tool_calls=[{"index": 0, "function": {"name": name, "arguments": arguments}}])

    found = assembled(events(call("answer", '{"lab'), call(None, 'el": "refund"}'), piece("tool_calls")))
    assert found is not None
    assert found["choices"][0]["message"]["tool_calls"][0]["function"] == {
        "name": "answer",
        "arguments": '{"label": "refund"}',
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        '{"choices": []}',
        events(piece(content="re"), end=False),
        events(piece(content="refund")).replace('"refund"', '"refu'),
        'data: ["a list"]\n\ndata: [DONE]\n',
    ],
)
def test_what_is_no_whole_stream_is_none(text: str) -> None:
    assert assembled(text) is None
