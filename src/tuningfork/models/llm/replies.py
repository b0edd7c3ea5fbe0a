"""Reading responses: the visible answer, its tokens, what was billed and who answered."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tuningfork.models.llm.chat import Reply, TokenChoice
from tuningfork.models.llm.faults import Fault, RowTooLong, message_of
from tuningfork.models.llm.refused_rows import is_too_long
from tuningfork.models.llm.spoken import Spoken, spoken
from tuningfork.models.llm.thoughts import is_marked
from tuningfork.models.ports import JournalEntry

_Number = TypeVar("_Number", int, float)
_MOST_TOKENS = 10**9
_NEARLY_ALL = 0.9
_LONGEST_THOUGHT = 500
_LARGEST_LOGPROB = 1e9
"""Either sign; what lies beyond, NaN and infinity included, is no log-probability."""

_ENDS_OF_ROOM = ("length", "max_tokens", "max_output_tokens", "token_limit", "model_length")
"""In small letters; servers write them as they like."""

_NOTHING_BILLED = {
    "prompt_tokens": 0,
    "completion_tokens": 0,
    "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}

TOO_LONG, ROW_REFUSED, BLOCKED = "too_long", "row_refused", "content_filter"
"""What ended a question without an answer: the server does not take the row, for its length or for its content."""


@dataclass(frozen=True, slots=True)
class Billed:
    """Tokens as billed; None where the server does not say."""

    prompt: int | None
    cached: int | None
    completion: int | None
    reasoning: int | None


def checked(payload: Any) -> Mapping[str, Any]:
    """A response that has an answer in it, or a refusal to give one, with the answer where chat servers put it.

    Raises:
        Fault: it has none; the server answered 200 all the same.
        RowTooLong: an error in it says that the prompt does not fit.
    """
    if not isinstance(payload, Mapping):
        raise Fault("200, but without an answer in it", billed=True, broke=True)
    first = _first_choice(payload)
    for place in (payload, first):
        if isinstance(place, Mapping) and place.get("error"):
            said = message_of({"error": place["error"]}, "")
            if is_too_long(said):
                raise RowTooLong(said)
            raise Fault(f"200, but with an error in it: {said}", billed=True)
    if first is None or not _is_message(first.get("message")):
        raise Fault("200, but without an answer in it", billed=True, broke=True)
    return payload if payload.get("choices") and payload["choices"][0] is first else {**payload, "choices": [first]}


def _first_choice(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first choice, with a message in it; servers of completions, of streams and of other interfaces have the text
    elsewhere. None where there is no answer."""
    choices = payload.get("choices")
    if not isinstance(choices, list):
        text = payload.get("output_text")
        other: Any = {"content": text} if isinstance(text, str) else payload.get("message")
        finish = payload.get("finish_reason", payload.get("done_reason"))
        return {"message": other, "finish_reason": finish} if isinstance(other, Mapping) and other else None
    first = choices[0] if choices else None
    if not isinstance(first, Mapping):
        return None
    if isinstance(first.get("message"), Mapping) or first.get("error"):
        return first
    if isinstance(first.get("text"), str):
        return {**first, "message": {"role": "assistant", "content": first["text"]}}
    return {**first, "message": first["delta"]} if isinstance(first.get("delta"), Mapping) else None


def _is_message(message: Any) -> bool:
    """Whether it has a text, parts of a text, JSON, or nothing where text belongs (a refusal, a call, a thought)."""
    if not isinstance(message, Mapping):
        return False
    content = message.get("content")
    is_parts = isinstance(content, list) and all(isinstance(part, Mapping | str) for part in content)
    return content is None or isinstance(content, str | Mapping) or is_parts


def refused_response(message: str, *, ended: str) -> dict[str, Any]:
    """What a refusal of one row is kept as: an empty answer, by nobody.

    Args:
        ended: `BLOCKED`, `TOO_LONG` or `ROW_REFUSED`.
    """
    choice = {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": ended}
    response = {"choices": [choice], "refused_because": message}
    # A filter may have read the row, and billed it; what was refused as it came was not.
    return response if ended == BLOCKED else {**response, "usage": _NOTHING_BILLED}


def finish_of(response: Mapping[str, Any]) -> str | None:
    """Why the answer ended, as the server says."""
    return _text_or_none(response["choices"][0].get("finish_reason"))


def said_in(response: Mapping[str, Any], choices: Sequence[str] | None) -> Spoken:
    """The answer in a response."""
    return spoken(response["choices"][0]["message"], choices, cut=is_cut(finish_of(response)))


def ran_out(
    response: Mapping[str, Any],
    choices: Sequence[str] | None = None,
    *,
    room: int | None = None,
    reads: Callable[[str], bool] | None = None,
) -> bool:
    """Whether the room was used up before an answer was written.

    Args:
        room: tokens that were allowed; an empty answer that took all of them ran out, whatever else the server says.
        reads: whether a text is an answer; without it every text is.
    """
    text = said_in(response, choices).text
    if text.strip():
        return is_cut(finish_of(response)) and reads is not None and not reads(text)
    if finish_of(response) in (TOO_LONG, ROW_REFUSED, BLOCKED):
        return False
    taken = billed(response).completion
    return is_cut(finish_of(response)) or (room is not None and taken is not None and taken >= room)


def shows_thinking(response: Mapping[str, Any], room: int | None) -> bool:
    """Whether the tokens went into thought: by a field or marks of it, by the bill, or because all were used."""
    message, bill = response["choices"][0]["message"], billed(response)
    content = message.get("content")
    return bool(
        spoken(message).thought
        or bill.reasoning
        or (isinstance(content, str) and is_marked(content))
        or bill.completion is None
        or (room is not None and bill.completion >= _NEARLY_ALL * room)
    )


def is_cut(finish_reason: str | None) -> bool:
    """Whether an answer ended because its room was used up."""
    return (finish_reason or "").lower() in _ENDS_OF_ROOM


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


def reply_of(entries: Sequence[JournalEntry], *, replayed: bool, choices: Sequence[str] | None = None) -> Reply:
    """The reply that the last response holds; tokens, dollars and seconds are those of all responses it took."""
    response = entries[-1].response
    choice = response["choices"][0]
    said = said_in(response, choices)
    bills = [billed(entry.response) for entry in entries]
    return Reply(
        text=said.text,
        tokens=_tokens(choice.get("logprobs"), said, choice["message"].get("content")),
        prompt_tokens=_sum(bill.prompt for bill in bills),
        cached_tokens=_sum(bill.cached for bill in bills),
        completion_tokens=_sum(bill.completion for bill in bills),
        reasoning_tokens=_sum(bill.reasoning for bill in bills),
        usd=_sum(entry.usd for entry in entries),
        seconds=sum(entry.seconds for entry in entries),
        model=_text_or_none(response.get("model")),
        fingerprint=_text_or_none(response.get("system_fingerprint")),
        finish_reason=finish_of(response),
        replayed=replayed,
        place=said.place,
        thought=said.thought[:_LONGEST_THOUGHT],
        refused_because=_text_or_none(response.get("refused_because")),
        last_prompt_tokens=bills[-1].prompt,
    )


def _tokens(logprobs: Any, said: Spoken, content: Any) -> tuple[TokenChoice, ...] | None:
    """The tokens that write the answer, with their candidates; what came before, thought above all, is left out.

    None where the answer is not among them: tokens of something else would give it wrong probabilities.
    """
    given = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    if not isinstance(given, list) or not given:
        return None
    tokens = [TokenChoice(str(item.get("token", "")), _candidates(item)) for item in given if isinstance(item, Mapping)]
    written, answer = "".join(token.text for token in tokens), said.text.strip()
    start = written.rfind(answer) if answer else -1
    if start < 0:
        as_it_came = said.place == "content" and content == said.text
        return (tuple(tokens) or None) if as_it_came else None
    return tuple(_from(tokens, start)) or None


def _from(tokens: Sequence[TokenChoice], start: int) -> Iterable[TokenChoice]:
    """The tokens from the one in which a place of the text lies."""
    place = 0
    for number, token in enumerate(tokens):
        place += len(token.text)
        if place > start:
            return tokens[number:]
    return ()


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
