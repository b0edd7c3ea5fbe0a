"""LLM servers on loopback that go wrong now and then, in the same way each time for the same seed.

    with FaultyServer(planted(gold, 0.9), faults.TRANSPORT, share=0.3, seed=1) as server:
        ...                  # ask `server.url`
    server.injected          # how often each fault was played
    server.delivered         # every answer that a client received whole, and so must count once

A fault is drawn for every request from the seed, the row and how often that row was asked before, so that it does not
depend on the order in which requests arrive. Groups: `TRANSPORT` (nothing came: ask again), `SPELLINGS` (the label in
another dress: an answer all the same), `SILENCES` (an answer, and no label).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from llm_servers import Answer, Answered, Asked, Rule, ScriptedServer, error

Body = dict[str, Any]
Play = Callable[[Asked, Body, str], Answered]
"""From a request, the whole right response and the label in it to what is sent."""


@dataclass(frozen=True)
class Fault:
    """One way to go wrong.

    Attributes:
        play: what is sent.
        delivers: whether the client receives an answer, which it then keeps and counts.
    """

    name: str
    play: Play
    delivers: bool


class FaultyServer(ScriptedServer):
    """A server that plays a fault on a share of its requests. See `ScriptedServer` for the rest.

    Args:
        answer: what the model says to a request.
        faults: those that may be drawn.
        share: of the requests, 0 to 1.
        most: faults that one row meets, so that a client which asks this often and once more has its answer.
        rules: habits that come before any fault.
    """

    def __init__(
        self,
        answer: Answer,
        faults: Sequence[Fault],
        *,
        share: float = 0.3,
        seed: int = 0,
        most: int = 5,
        rules: Sequence[Rule] = (),
        **habits: Any,
    ) -> None:
        super().__init__(answer, *rules, self._play, **habits)
        self._faults, self._share, self._seed, self._most = tuple(faults), share, seed, most
        self._asked_before: Counter[str] = Counter()
        self.injected: Counter[str] = Counter()
        self.delivered: list[Body] = []

    def completion(self, asked: Asked) -> Body:
        """A whole response, which can be told by its number of prompt tokens from every other."""
        usage = {"prompt_tokens": 1000 + asked.number, "completion_tokens": 3}
        return super().completion(asked) | {"usage": usage}

    @property
    def prompt_tokens(self) -> int:
        """Prompt tokens of all answers that were delivered."""
        return sum(body.get("usage", {}).get("prompt_tokens", 0) for body in self.delivered)

    def _play(self, asked: Asked) -> Answered:
        with self._guard:
            attempt = self._asked_before[asked.text]
            self._asked_before[asked.text] += 1
        draw = random.Random(f"{self._seed}/{attempt}/{asked.text}")
        body = self.completion(asked)
        goes_wrong = self._faults and attempt < self._most and draw.random() < self._share
        fault = draw.choice(self._faults) if goes_wrong else None
        answered = Answered(body=json.dumps(body)) if fault is None else fault.play(asked, body, self.answer(asked))
        with self._guard:
            if fault is not None:
                self.injected[fault.name] += 1
            if fault is None or fault.delivers:
                self.delivered.append(_or_nothing(answered.body))
        return answered


def named(faults: Sequence[Fault], *names: str) -> tuple[Fault, ...]:
    """Those of the faults that have these names."""
    found = tuple(fault for fault in faults if fault.name in names)
    assert len(found) == len(names), names
    return found


def _or_nothing(text: str) -> Body:
    body = json.loads(text)
    return body if "choices" in body else {}


# Nothing came ---------------------------------------------------------------------------------------------------


def _too_many(**headers: str) -> Play:
    return lambda asked, body, label: error(429, "Rate limit reached", code="rate_limit_exceeded", **headers)


def _too_many_until_now(asked: Asked, body: Body, label: str) -> Answered:
    return _too_many(retry_after=format_datetime(datetime.now(UTC), usegmt=True))(asked, body, label)


def _status(status: int, text: str = '{"error": {"message": "something broke"}}') -> Play:
    return lambda asked, body, label: Answered(status, text)


def _says(text: str, **headers: str) -> Play:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked, body, label: Answered(200, text, given)


def _half(asked: Asked, body: Body, label: str) -> str:
    whole = json.dumps(body)
    return whole[: len(whole) // 2]


TRANSPORT = tuple(
    Fault(name, play, delivers=False)
    for name, play in (
        ("429", _too_many()),
        ("429, Retry-After in seconds", _too_many(retry_after="0")),
        ("429, Retry-After as a date", _too_many_until_now),
        ("429, Retry-After in milliseconds", _too_many(retry_after_ms="15", retry_after="1")),
        ("429, allowance", _too_many(x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="15ms")),
        ("500", _status(500)),
        ("502 from a gateway", _status(502, "<html><h1>Bad Gateway</h1></html>")),
        ("503", _status(503)),
        ("408", _status(408)),
        ("reset before the answer", lambda asked, body, label: Answered(cut_after=0)),
        ("reset in the middle", lambda asked, body, label: Answered(body=json.dumps(body), cut_after=40)),
        (
            "closed in the middle",
            lambda asked, body, label: Answered(body=json.dumps(body), cut_after=40, resets=False),
        ),
        ("half of the JSON", lambda asked, body, label: Answered(body=_half(asked, body, label))),
        ("no JSON", _says("<html>please log in</html>")),
        ("not as compressed as it says", _says("{}", content_encoding="gzip")),
        ("no choices", lambda asked, body, label: Answered(body=json.dumps(body | {"choices": []}))),
        ("an error in a 200", _says('{"error": {"message": "upstream timed out", "code": 504}}')),
        ("an error in a choice", _says('{"choices": [{"finish_reason": "error", "error": {"message": "provider"}}]}')),
        ("no message", _says('{"choices": [{"index": 0, "finish_reason": "stop"}]}')),
        ("a message that is a number", _says('{"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}')),
        ("nested beyond all measure", _says("[" * 100_000)),
    )
)
"""Each is asked again; what it holds is never an answer."""

STALL = Fault(
    "a body that never ends",
    lambda asked, body, label: Answered(body=json.dumps(body) + " " * 10_000, trickle=0.02),
    delivers=False,
)
"""Takes minutes; costs a client its longest wait for an answer."""


# The label in another dress -------------------------------------------------------------------------------------


def _written(dress: Callable[[str], str]) -> Play:
    def play(asked: Asked, body: Body, label: str) -> Answered:
        return Answered(body=json.dumps(_with_content(body, dress(label))))

    return play


def _with_content(body: Body, content: Any, **choice: Any) -> Body:
    message = {"role": "assistant", "content": content}
    return body | {"choices": [{"index": 0, "message": message, "finish_reason": "stop"} | choice]}


def _in_parts(label: str) -> Any:
    return [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": label}]


SPELLINGS = tuple(
    Fault(name, play, delivers=True)
    for name, play in (
        ("upper case", _written(str.upper)),
        ("bold", _written("**{}**".format)),
        ("fenced", _written('```json\n{{"label": "{}"}}\n```'.format)),
        ("quoted", _written(' "{}".\n'.format)),
        ("a short sentence", _written("The label is `{}`.".format)),
        ("leaked reasoning", _written("<think>\nIs it {0}? Rather not.\n</think>\n\n{0}".format)),
        ("parts", _written(_in_parts)),
        ("null logprobs", lambda asked, body, label: Answered(body=json.dumps(_without_logprobs(body)))),
        ("odd logprobs", lambda asked, body, label: Answered(body=json.dumps(_with_odd_logprobs(body)))),
        ("trickling", lambda asked, body, label: Answered(body=json.dumps(body), trickle=0.002)),
        ("another name", lambda asked, body, label: Answered(body=json.dumps(body | {"model": "cheaper-model"}))),
        ("no usage", lambda asked, body, label: Answered(body=json.dumps(_without(body, "usage")))),
        ("odd usage", lambda asked, body, label: Answered(body=json.dumps(body | {"usage": _ODD_USAGE}))),
        ("halves of characters", lambda asked, body, label: Answered(body=json.dumps(body | {"id": "\ud83d"}))),
    )
)
"""Each is a right answer."""

_ODD_USAGE = {"prompt_tokens": -5, "completion_tokens": 10**40, "prompt_tokens_details": "none"}


def _without(body: Body, name: str) -> Body:
    return {key: value for key, value in body.items() if key != name}


def _without_logprobs(body: Body) -> Body:
    return _with_content(body, body["choices"][0]["message"]["content"], logprobs=None)


def _with_odd_logprobs(body: Body) -> Body:
    tokens = [None, {"token": None, "logprob": "-0.1", "top_logprobs": [None, {"logprob": 10**400}, {"token": "x"}]}]
    return _with_content(body, body["choices"][0]["message"]["content"], logprobs={"content": tokens})


# No label ---------------------------------------------------------------------------------------------------


def _refusal(asked: Asked, body: Body, label: str) -> Answered:
    refused = _with_content(body, None)
    refused["choices"][0]["message"]["refusal"] = "I cannot help with that."
    return Answered(body=json.dumps(refused))


SILENCES = tuple(
    Fault(name, play, delivers=True)
    for name, play in (
        ("refusal field", _refusal),
        ("refusal in words", _written(lambda label: "I'm sorry, but I cannot help with that.")),
        ("content filter, 400", lambda asked, body, label: error(400, "filtered", code="content_filter")),
        ("content filter, 403", lambda asked, body, label: error(403, "m requires moderation; your input was flagged")),
        (
            "content filter, 200",
            lambda asked, body, label: Answered(
                body=json.dumps(_with_content(body, "", finish_reason="content_filter"))
            ),
        ),
        ("two labels", _written(lambda label: "either billing or praise, who can say")),
        ("nothing at all", _written(lambda label: "")),
    )
)
"""Each is an answer that is no label: an error of the arm, counted."""


def ran_out(asked: Asked, body: Body, label: str) -> Answered:
    """All room was used up by hidden reasoning."""
    spent = {"completion_tokens": asked.body.get("max_tokens", 0)}
    return Answered(body=json.dumps(_with_content(body, "", finish_reason="length") | {"usage": body["usage"] | spent}))


RAN_OUT = Fault("ran out of room", ran_out, delivers=True)
"""Asked once more in more room; then an answer that is no label."""
