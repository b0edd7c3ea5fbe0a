"""Reading responses: the visible answer, its tokens, what was billed and who answered."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tuningfork.models.llm.chat import Reply, TokenChoice
from tuningfork.models.llm.faults import Fault, message_of
from tuningfork.models.ports import JournalEntry

_THOUGHT = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)
_Number = TypeVar("_Number", int, float)
_MOST_TOKENS = 10**9
_LARGEST_LOGPROB = 1e9
"""Either sign; what lies beyond, NaN and infinity included, is no log-probability."""

_ENDS_OF_ROOM = ("length", "max_tokens", "MAX_TOKENS")


@dataclass(frozen=True, slots=True)
class Billed:
    """Tokens as billed; None where the server does not say."""

    prompt: int | None
    cached: int | None
    completion: int | None
    reasoning: int | None


def checked(payload: Any) -> Mapping[str, Any]:
    """A response that has an answer in it, or a refusal to give one.

    Raises:
        Fault: it has none; the server answered 200 all the same.
    """
    if not isinstance(payload, Mapping):
        raise Fault("200, but without an answer in it", billed=True)
    choices = payload.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    for place in (payload, first):
        if isinstance(place, Mapping) and place.get("error"):
            raise Fault(f"200, but with an error in it: {message_of({'error': place['error']}, '')}", billed=True)
    if not isinstance(first, Mapping) or not _is_message(first.get("message")):
        raise Fault("200, but without an answer in it", billed=True)
    return payload


def _is_message(message: Any) -> bool:
    """Whether it has a text, parts of a text, or nothing where the text belongs (a refusal, all hidden reasoning)."""
    if not isinstance(message, Mapping):
        return False
    content = message.get("content")
    is_parts = isinstance(content, list) and all(isinstance(part, Mapping) for part in content)
    return content is None or isinstance(content, str) or is_parts


def blocked_response(message: str) -> dict[str, Any]:
    """What a content filter's refusal is kept as: an empty answer, by nobody."""
    choice = {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "content_filter"}
    return {"choices": [choice], "refused_because": message}


def ran_out(response: Mapping[str, Any]) -> bool:
    """Whether the room was used up before anything visible was written."""
    choice = response["choices"][0]
    return not visible_text(choice["message"]) and choice.get("finish_reason") in _ENDS_OF_ROOM


def visible_text(message: Mapping[str, Any]) -> str:
    """The answer without hidden reasoning; '' where there is none."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
    text = _THOUGHT.sub("", content or "")
    return "" if text.lstrip().startswith("<think>") else text


def billed(response: Mapping[str, Any]) -> Billed:
    """Tokens as billed. Where the total is more than its parts, hidden reasoning was left out of the completion."""
    usage = response.get("usage")
    if not isinstance(usage, Mapping):
        return Billed(None, None, None, None)
    prompt, completion, total = (
        _count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    if prompt is not None and completion is not None and total is not None:
        completion = max(completion, total - prompt)
    cached = _count(_details(usage, "prompt_tokens_details").get("cached_tokens"))
    reasoning = _count(_details(usage, "completion_tokens_details").get("reasoning_tokens"))
    if cached is None:
        cached = _count(usage.get("prompt_cache_hit_tokens"))
    return Billed(prompt, cached, completion, reasoning)


def reply_of(entries: Sequence[JournalEntry], *, replayed: bool) -> Reply:
    """The reply that the last response holds; tokens, dollars and seconds are those of all responses it took."""
    response = entries[-1].response
    choice = response["choices"][0]
    bills = [billed(entry.response) for entry in entries]
    return Reply(
        text=visible_text(choice["message"]),
        tokens=_tokens(choice.get("logprobs")),
        prompt_tokens=_sum(bill.prompt for bill in bills),
        cached_tokens=_sum(bill.cached for bill in bills),
        completion_tokens=_sum(bill.completion for bill in bills),
        reasoning_tokens=_sum(bill.reasoning for bill in bills),
        usd=_sum(entry.usd for entry in entries),
        seconds=sum(entry.seconds for entry in entries),
        model=_text_or_none(response.get("model")),
        fingerprint=_text_or_none(response.get("system_fingerprint")),
        finish_reason=_text_or_none(choice.get("finish_reason")),
        replayed=replayed,
    )


def _tokens(logprobs: Any) -> tuple[TokenChoice, ...] | None:
    """The generated tokens with their candidates, hidden reasoning left out."""
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(content, list) or not content:
        return None
    tokens = [
        TokenChoice(str(item.get("token", "")), _candidates(item)) for item in content if isinstance(item, Mapping)
    ]
    return tuple(_after_thought(tokens)) or None


def _candidates(item: Mapping[str, Any]) -> dict[str, float]:
    """Log-probabilities at one place; where two tokens read alike, as bytes of a character do, they are added."""
    found: dict[str, float] = {}
    others = item.get("top_logprobs")
    for other in others if isinstance(others, list) else ():
        if isinstance(other, Mapping) and _is_number(other.get("logprob")):
            text = str(other.get("token", ""))
            found[text] = _log_sum(found.get(text), float(other["logprob"]))
    if _is_number(item.get("logprob")):
        found.setdefault(str(item.get("token", "")), float(item["logprob"]))
    return found


def _is_number(value: Any) -> bool:
    """Whether it can be a log-probability."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST_LOGPROB


def _log_sum(a: float | None, b: float) -> float:
    return b if a is None else max(a, b) + math.log1p(math.exp(-abs(a - b)))


def _after_thought(tokens: list[TokenChoice]) -> Iterable[TokenChoice]:
    """What comes after '</think>', or everything where there is no such thing."""
    text = ""
    for place, token in enumerate(tokens):
        text += token.text
        if "</think>" in text:
            return tokens[place + 1 :]
    return tokens


def _details(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = usage.get(name)
    return found if isinstance(found, Mapping) else {}


def _sum(parts: Iterable[_Number | None]) -> _Number | None:
    total: _Number | None = None
    for place, part in enumerate(parts):
        if part is None:
            return None
        total = part if place == 0 or total is None else total + part
    return total


def _count(value: Any) -> int | None:
    """A number of tokens that can be meant, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST_TOKENS:
        return None
    return int(value)


def _text_or_none(value: Any) -> str | None:
    return value if isinstance(value, str) else None
