"""Where in a message the answer is: its content, a tool call, parsed JSON, or a field that was meant for thought."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from tuningfork.models.llm.constraints import ANSWER_FIELD
from tuningfork.models.llm.thoughts import without_thought
from tuningfork.task.written_alike import WrittenAlike

_TEXT_PARTS = ("text", "output_text")
_THOUGHT_FIELDS = ("reasoning_content", "reasoning", "thinking", "thought")
_MOST_CHARACTERS = 10_000
"""A longer text is no choice, however it is written."""

Place = Literal["content", "tool call", "parsed", "reasoning", "refusal", "nowhere"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a message says.

    Attributes:
        text: the answer; '' where there is none.
        place: where it stood.
        thought: hidden reasoning that came in a field of its own; '' where there was none.
    """

    text: str
    place: Place
    thought: str = ""


def spoken(message: Mapping[str, Any], choices: Sequence[str] | None = None, *, cut: bool = False) -> Spoken:
    """The answer of a message.

    A field for thought, and a tool call beside some text, are read as the answer only where they hold a choice and
    nothing else: servers whose parser of thought meets a constrained answer put it there. A mention inside a thought
    is none.

    Args:
        choices: what the answer had to be, where it had to be one of these.
        cut: the room was used up, so that a choice may be the beginning of another.
    """
    given = _content(message.get("content"))
    thought = "\n".join(_thoughts(message))
    content = given if _is_choice(given, choices) else without_thought(given)
    called = _called(message)
    if called and not cut and holds_choice(called, choices) and not holds_choice(content, choices):
        return Spoken(called, "tool call", thought)
    found: tuple[tuple[str, Place], ...] = (
        (content, "content"),
        (_parsed(message.get("parsed")), "parsed"),
        (called, "tool call"),
        ("" if cut else _answer_among_thoughts(thought, choices), "reasoning"),
        (_content(message.get("refusal")), "refusal"),
    )
    for text, place in found:
        if text.strip():
            return Spoken(text, place, "" if place == "reasoning" else thought)
    return Spoken("", "nowhere", thought)


def visible_text(message: Mapping[str, Any], choices: Sequence[str] | None = None) -> str:
    """The answer without hidden reasoning; '' where there is none."""
    return spoken(message, choices).text


def holds_choice(text: str, choices: Sequence[str] | None) -> bool:
    """Whether a text is a choice, or JSON with one in the field that was asked for: proof that it is the answer."""
    if _is_choice(text, choices):
        return True
    answer = text.strip()
    if not answer.startswith("{"):
        return False
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return False
    held = value.get(ANSWER_FIELD) if isinstance(value, dict) else None
    return isinstance(held, str) and _is_choice(held, choices)


def _is_choice(text: str, choices: Sequence[str] | None) -> bool:
    return bool(choices) and len(text) <= _MOST_CHARACTERS and _alike(tuple(choices or ())).find(text) is not None


@lru_cache(maxsize=16)
def _alike(choices: tuple[str, ...]) -> WrittenAlike:
    return WrittenAlike(choices)


def _content(content: Any) -> str:
    """Text, parts of a text, or a value that was not written as text."""
    if isinstance(content, list):
        return "".join(_part(part) for part in content)
    return _parsed(content)


def _part(part: Any) -> str:
    if isinstance(part, Mapping):
        return str(part.get("text") or "") if part.get("type", "text") in _TEXT_PARTS else ""
    return part if isinstance(part, str) else ""


def _parsed(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _called(message: Mapping[str, Any]) -> str:
    """The arguments of the one function that was called; of different calls all, which is no answer."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, Mapping)] if isinstance(calls, list) else []
    functions.append(message.get("function_call"))
    found = {_arguments(function): None for function in functions if isinstance(function, Mapping)}
    return "; ".join(text for text in found if text)


def _arguments(function: Mapping[str, Any]) -> str:
    arguments = _parsed(function.get("arguments", function.get("parameters")))
    return arguments if arguments.strip() not in ("", "{}", "null") else f"{function.get('name', 'function')}()"


def _thoughts(message: Mapping[str, Any]) -> Iterator[str]:
    """Reasoning in fields of its own, each text once."""
    parts = [part for part in _list(message.get("content")) if isinstance(part, Mapping)]
    hidden = [part.get("thinking") for part in parts if part.get("type") not in _TEXT_PARTS]
    given = [message.get(name) for name in _THOUGHT_FIELDS]
    details = [part.get("text") for part in _list(message.get("reasoning_details")) if isinstance(part, Mapping)]
    texts = (_content(value) for value in (*given, *details, *hidden))
    yield from dict.fromkeys(text for text in texts if text.strip())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _answer_among_thoughts(thought: str, choices: Sequence[str] | None) -> str:
    """What a field for thought holds if it is the answer: a choice and nothing else, or what stands behind the mark
    that ends a thought."""
    if holds_choice(thought, choices):
        return thought
    answer = without_thought(thought)
    return answer if answer != thought.lstrip("\n") and holds_choice(answer, choices) else ""
