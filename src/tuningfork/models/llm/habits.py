"""What one server takes of us for one model: its row of the table, less what it has refused so far.

Everything that a reader must know of a lost parameter is derived from here, so a resumed study says it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuningfork.models.llm.chat import Question
from tuningfork.models.llm.constraints import JSON_TOKENS, PARAMETERS, parameters_for
from tuningfork.models.llm.providers import Constraint, Provider

MOST_REFUSALS = 6
"""Refused parameters after which a server is given up."""

WIDER = 4
"""An answer that was all hidden reasoning is asked again with this many times the room."""

SEED = 1
UNBOUNDED_TOKENS = 32_768
"""Worst case of an answer whose length the server lets nobody bound."""

_REASONING_ROOM = {"none": 0, "minimal": 512, "low": 1024, "medium": 2048, "high": 8192, "xhigh": 16_384}
EFFORTS = tuple(_REASONING_ROOM)
_LIMITS = ("max_tokens", "max_completion_tokens")
_CANDIDATES = "top_logprobs="


@dataclass(frozen=True, slots=True)
class Habits:
    """How this model is asked.

    Attributes:
        provider: the server's row of the table.
        model: the model as the server names it.
        effort: reasoning effort that the user asked for, or None.
        refused: parameters that were refused with 400, in order; 'top_logprobs=5' is a refusal of more than 5.
    """

    provider: Provider
    model: str
    effort: str | None = None
    refused: tuple[str, ...] = ()

    @property
    def constraint(self) -> Constraint | None:
        """The strongest constraint that is left."""
        for constraint in self.provider.constraints:
            if not set(PARAMETERS[constraint]) & set(self.refused):
                return constraint
        return None

    @property
    def limit(self) -> str | None:
        """Name of the parameter that bounds the answer, or None where both names were refused."""
        names = (self.provider.limit, *(name for name in _LIMITS if name != self.provider.limit))
        return next((name for name in names if name not in self.refused), None)

    @property
    def temperature(self) -> bool:
        """Whether a temperature of 0 is kept."""
        return self.provider.takes_temperature(self.model) and "temperature" not in self.refused

    @property
    def seed(self) -> str | None:
        """Name of the seed parameter, where it is taken."""
        return None if self.provider.seed in self.refused else self.provider.seed

    @property
    def candidates(self) -> int:
        """How many candidates a token the server gives log-probabilities for; 0: none."""
        if "logprobs" in self.refused or "top_logprobs" in self.refused:
            return 0
        caps = [int(name.removeprefix(_CANDIDATES)) for name in self.refused if name.startswith(_CANDIDATES)]
        return min([self.provider.candidates(self.model), *caps])

    @property
    def repeatable(self) -> bool:
        """Whether the same question gets the same answer: temperature 0, or a seed that is worth its name."""
        return self.temperature or (self.seed is not None and self.provider.seed_repeats)

    def room(self, question: Question, *, wider: bool) -> int:
        """Most tokens that the answer may have, hidden reasoning included; `wider`: the second time it is asked."""
        visible = question.max_tokens
        if question.choices and self.constraint == "json_schema":
            visible += JSON_TOKENS
        hidden = _REASONING_ROOM[self.effort or "medium"] if self.effort or self.provider.reasons(self.model) else 0
        return (visible + hidden) * (WIDER if wider else 1)

    def worst_completion(self, question: Question, *, wider: bool) -> int:
        """Most completion tokens that can be billed for the answer."""
        return self.room(question, wider=wider) if self.limit else UNBOUNDED_TOKENS

    def body(self, question: Question, *, wider: bool) -> dict[str, Any]:
        """The request's JSON body."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in question.messages],
        }
        if self.limit:
            body[self.limit] = self.room(question, wider=wider)
        if self.temperature:
            body["temperature"] = 0
        if self.seed:
            body[self.seed] = SEED
        if question.want_logprobs and self.candidates:
            body |= {"logprobs": True, "top_logprobs": self.candidates}
        if question.choices and self.constraint:
            body |= parameters_for(self.constraint, question.choices)
        if self.effort:
            body["reasoning_effort"] = self.effort
        return body | {name: value for name, value in self.provider.extra.items() if name not in self.refused}

    def without(self, parameter: str, *, at_most: int | None = None) -> Habits | None:
        """The habits after a refusal, or None where nothing can be changed any more.

        Args:
            parameter: the body's parameter that was refused.
            at_most: for `top_logprobs`, the number that the server allows, where it said one.
        """
        smaller = at_most is not None and parameter == "top_logprobs" and 0 < at_most < self.candidates
        name = f"{_CANDIDATES}{at_most}" if smaller else parameter
        given_up = len(self.refused) >= MOST_REFUSALS or name in self.refused
        if given_up or parameter in ("model", "messages", "reasoning_effort"):
            return None
        return replace(self, refused=(*self.refused, name))

    def back_in_time(self) -> Iterator[Habits]:
        """These habits, then those before each refusal, the last one first."""
        for known in range(len(self.refused), -1, -1):
            yield replace(self, refused=self.refused[:known])

    def notes(self, host: str) -> list[tuple[str, str]]:
        """What the reader must know of how the answers were asked for, as (code, message)."""
        who = f"{self.model} at {host}"
        notes = [("dropped_parameter", f"{who} refused {name}") for name in self.refused if self._is_minor(name)]
        if self.constraint is None:
            notes.append(("lost_constraint", f"{who} cannot be held to the labels; its answers are only read strictly"))
        if not self.temperature:
            notes.append(("no_temperature", f"{who} takes no temperature; its answers may differ from run to run"))
        if not self.candidates:
            notes.append(("no_logprobs", f"{who} gives no log-probabilities, so this arm has no probabilities"))
        return notes

    def to_text(self) -> str:
        """The refusals, as they are remembered."""
        return json.dumps(self.refused)

    def recalled(self, text: str | None) -> Habits:
        """The habits with refusals that were remembered."""
        return self if text is None else replace(self, refused=tuple(json.loads(text)))

    def _is_minor(self, name: str) -> bool:
        """Whether the loss has no note of its own."""
        constraints = {parameter for names in PARAMETERS.values() for parameter in names}
        if name in constraints:
            return self.constraint is not None
        return name not in ("temperature", "logprobs", "top_logprobs")


def recall_key(host: str, model: str) -> str:
    """Under which name the refusals of a server and model are remembered."""
    return f"{host} {model}"


def sent_parameters(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Parameters of a body that can be refused."""
    return tuple(name for name in body if name not in ("model", "messages"))
