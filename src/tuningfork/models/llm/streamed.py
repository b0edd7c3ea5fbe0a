"""Servers that stream whether they were asked to or not: their events put together into one response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_END = "[DONE]"
_BEGINNINGS = ("data:", "event:", "id:", ":")
_GROWING = ("content", "reasoning_content", "reasoning")
"""Parts of a message that come piece by piece."""


def assembled(text: str) -> dict[str, Any] | None:
    """The response that a stream of server-sent events amounts to: its first choice, who answered, and the bill.

    Returns:
        None where the text is no such stream, or breaks off before its end, for then an answer may be cut.
    """
    if not text.lstrip().startswith(_BEGINNINGS):
        return None
    response: dict[str, Any] = {"object": "chat.completion"}
    message: dict[str, Any] = {"role": "assistant", "content": None}
    finished, reason = False, None
    for event in _events(text):
        if event is None:
            return None
        if event == _END:
            finished = True
            continue
        response |= {name: event[name] for name in ("id", "model", "system_fingerprint", "usage") if event.get(name)}
        choice = _first_choice(event)
        _grow(message, choice)
        reason = choice.get("finish_reason") or reason
    if not finished and reason is None:
        return None
    return response | {"choices": [{"index": 0, "message": message, "finish_reason": reason}]}


def _events(text: str) -> Iterator[Any]:
    """What each event holds: an object, the mark of the end, or None where it is neither."""
    for line in text.splitlines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == _END:
            yield _END
            continue
        try:
            event = json.loads(data)
        except (ValueError, RecursionError):
            event = None
        yield event if isinstance(event, dict) else None


def _first_choice(event: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = event.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _grow(message: dict[str, Any], choice: Mapping[str, Any]) -> None:
    """Add the pieces of one event; of tool calls the first, whose arguments come in pieces as well."""
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        delta = {"content": choice["text"]} if isinstance(choice.get("text"), str) else {}
    for part in _GROWING:
        if isinstance(delta.get(part), str):
            message[part] = (message.get(part) or "") + delta[part]
    calls = delta.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls and isinstance(calls[0], dict) else {}
    function = call.get("function")
    if isinstance(function, dict):
        known = message.setdefault("tool_calls", [{"type": "function", "function": {"name": "", "arguments": ""}}])
        for part in ("name", "arguments"):
            piece = function.get(part)
            known[0]["function"][part] += piece if isinstance(piece, str) else ""
