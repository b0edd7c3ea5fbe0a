"""One file format of a model at work on this machine: how fast it reads a prompt, and what it expects next.

The text is a few-shot prompt, for that is what arms send. It is read once, token by token in steps, to see which
continuation the model expects at many places; then it is read as a whole, to see how fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from tuningfork.errors import ModelUnavailable

if TYPE_CHECKING:
    from tuningfork.models.llm.local_server import LocalServer

TEXT = """Say what each message to the library is about: loan, fee, event, room or other.

Message: I still have two books from March at home, can I keep them until the holidays?
About: loan
Message: Why was I charged four euros when I returned everything on the day it was due?
About: fee
Message: My daughter would like to join the reading club on Thursday. Is there a list where I can put her name?
About: event
Message: We are five students and need a quiet place with a screen on Monday from ten to twelve.
About: room
Message: There is a leak above the shelf with the travel guides, somebody should look at it soon.
About: other
Message: The machine took my card but gave no receipt, and my account still shows that I owe you money.
About: fee
Message: Is the talk about old maps still happening tonight even though it is snowing?
About: event
Message: I could not extend the film I borrowed because another reader is waiting for it. Until when do I have to
bring it back, and may I put it in the box at night?
About: loan
Message: Could somebody open the door of the study upstairs? We booked it for three o'clock and it is locked.
About: room
Message: Do you take old magazines? I have about forty of them, all about gardens.
About:"""
"""About 310 tokens; the line breaks inside a message are on purpose, real rows have them too."""

STEP = 6
"""Tokens between two places at which the model is asked what comes next; about 50 places."""

CANDIDATES = 64
"""Most probable continuations that are compared at a place."""

SECONDS_PER_READING = 300.0

Expectation = Mapping[int, float]
"""Log-probability by token, for the most probable continuations at one place."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far two formats of one model agree.

    Attributes:
        same_first: share of places, 0 to 1, at which both hold the same continuation for the most probable.
        divergence: mean Kullback-Leibler divergence from the first to the second, in nats, over the first's most
            probable continuations.
    """

    same_first: float
    divergence: float


def expectations(server: LocalServer) -> list[Expectation]:
    """What the model expects after every `STEP` tokens of the text.

    Raises:
        ModelUnavailable: the server does not answer.
    """
    with _client(server) as client:
        tokens = (
            client.post("/tokenize", json={"content": TEXT, "add_special": True}).raise_for_status().json()["tokens"]
        )
        return [_expected(client, tokens[:end]) for end in range(STEP, len(tokens), STEP)]


def tokens_per_second(server: LocalServer) -> float:
    """Speed of reading the text as a whole, nothing of it known before.

    Raises:
        ModelUnavailable: the server does not answer.
    """
    with _client(server) as client:
        return float(_completion(client, {"prompt": TEXT, "cache_prompt": False})["timings"]["prompt_per_second"])


def compare(first: Sequence[Expectation], second: Sequence[Expectation]) -> Likeness:
    """How far the second's expectations agree with the first's, place by place.

    Raises:
        ValueError: there are no places, or not as many in both.
    """
    if not first or len(first) != len(second):
        raise ValueError(f"expectations at as many places, one at least: {len(first)} and {len(second)}")
    pairs = list(zip(first, second, strict=True))
    same = fmean(max(a, key=a.__getitem__) == max(b, key=b.__getitem__) for a, b in pairs)
    return Likeness(same, fmean(_divergence(a, b) for a, b in pairs))


def _divergence(first: Expectation, second: Expectation) -> float:
    """A continuation that is not among the second's is taken to be as probable as the least of those: a lower bound."""
    least = min(second.values())
    return math.fsum(math.exp(p) * (p - second.get(token, least)) for token, p in first.items())


def _expected(client: Any, tokens: Sequence[int]) -> Expectation:
    answer = _completion(client, {"prompt": list(tokens), "cache_prompt": True, "n_probs": CANDIDATES})
    candidates = answer["completion_probabilities"][0]["top_logprobs"]
    return {int(candidate["id"]): float(candidate["logprob"]) for candidate in candidates}


def _completion(client: Any, request: Mapping[str, object]) -> Any:
    answer = client.post("/completion", json={**request, "n_predict": 1, "temperature": 0})
    return answer.raise_for_status().json()


@contextmanager
def _client(server: LocalServer) -> Iterator[Any]:
    import httpx

    headers = {"Authorization": f"Bearer {server.key}"}
    try:
        with httpx.Client(
            base_url=server.root, headers=headers, timeout=SECONDS_PER_READING, trust_env=False
        ) as client:
            yield client
    except httpx.HTTPError as error:
        raise ModelUnavailable(f"{server.model} did not answer: {error}") from error
