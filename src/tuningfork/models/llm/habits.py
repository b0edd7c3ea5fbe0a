"""What one server takes of us for one model: its row of the table, less what it has refused so far, and its room.

Everything that a reader must know of a lost parameter is derived from here, so a resumed study says it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuningfork.errors import InputError
from tuningfork.models.llm.chat import HeldTo, Question
from tuningfork.models.llm.constraints import JSON_TOKENS, PARAMETERS, means_for, parameters_for
from tuningfork.models.llm.providers import Constraint, Provider

MOST_REFUSALS = 6
"""Refused parameters after which a server is given up."""

WIDER = 4
"""An answer that was all hidden reasoning is asked again with this many times the room."""

MOST_GROWN = 8192
"""Tokens up to which room grows for a model that shows signs of thought; it is widened once in any case."""

MOST_ROOM = 131_072
"""Tokens for hidden reasoning that may be asked for."""

SEED = 1
UNBOUNDED_TOKENS = 32_768
"""Worst case of an answer whose length the server lets nobody bound."""

_REASONING_ROOM = {"none": 0, "minimal": 512, "low": 1024, "medium": 2048, "high": 8192, "xhigh": 16_384}
EFFORTS = tuple(_REASONING_ROOM)
_LIMITS = ("max_tokens", "max_completion_tokens")
_CANDIDATES = "top_logprobs="
_LEAST_ROOM = 16
"""Tokens; a server that allows fewer has been misunderstood."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How this model is asked.

    Attributes:
        provider: the server's row of the table.
        model: the model as the server names it.
        effort: reasoning effort that the user asked for, or None.
        refused: parameters that were refused with 400, in order; 'top_logprobs=5' is a refusal of more than 5.
        hidden: tokens for hidden reasoning that the user asked for, or None.
        grown: how often room was widened until this model's answers were there; questions begin with that room.
    """

    provider: Provider
    model: str
    effort: str | None = None
    refused: tuple[str, ...] = ()
    hidden: int | None = None
    grown: int = 0

    @property
    def constraint(self) -> Constraint | None:
        """The strongest constraint that is left."""
        return next(iter(self._constraints), None)

    @property
    def _constraints(self) -> list[Constraint]:
        """Those that are left, the strongest first."""
        return [each for each in self.provider.constraints if not set(PARAMETERS[each]) & set(self.refused)]

    def held_by(self, held_to: HeldTo | None) -> Constraint | None:
        """The strongest constraint that is left and can say so much; None where there is none, or nothing to say."""
        means = frozenset[Constraint]() if held_to is None else means_for(held_to)
        return next((each for each in self._constraints if each in means), None)

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

    def room(self, question: Question, *, step: int = 0) -> int:
        """Most tokens that the answer may have, hidden reasoning included, after widening `step` times."""
        visible = question.max_tokens
        if question.choices and self.constraint == "json_schema":
            visible += JSON_TOKENS
        wanted = (visible + self._hidden) * int(WIDER**step)
        return min([wanted if step < 2 else min(wanted, MOST_GROWN), *self._caps])

    def last_step(self, question: Question) -> int:
        """How often room is widened at most."""
        step = 0
        while self.limit and self.room(question, step=step + 1) > self.room(question, step=step):
            step += 1
        return step

    def first_step(self, question: Question) -> int:
        """How wide the room is from the start."""
        return min(self.grown, self.last_step(question))

    @property
    def _hidden(self) -> int:
        if self.hidden is not None:
            return self.hidden
        reasons = self.effort or self.provider.reasons(self.model)
        return _REASONING_ROOM[self.effort or "medium"] if reasons else 0

    @property
    def _caps(self) -> list[int]:
        """Tokens beyond which the server refused to go."""
        return [int(name.partition("=")[2]) for name in self.refused if name.startswith(_LIMITS) and "=" in name]

    def worst_completion(self, question: Question, *, step: int = 0) -> int:
        """Most completion tokens that can be billed for the answer."""
        return self.room(question, step=step) if self.limit else UNBOUNDED_TOKENS

    def body(self, question: Question, *, step: int = 0) -> dict[str, Any]:
        """The request's JSON body."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": message.role, "content": message.content} for message in question.messages],
        }
        if self.limit:
            body[self.limit] = self.room(question, step=step)
        drawn = question.sampling
        if self.temperature:
            body["temperature"] = 0 if drawn is None else drawn.temperature
        if self.seed:
            body[self.seed] = SEED if drawn is None else drawn.seed
        if question.want_logprobs and self.candidates:
            body |= {"logprobs": True, "top_logprobs": self.candidates}
        held_by = self.held_by(question.held_to)
        if held_by is not None and question.held_to is not None:
            body |= parameters_for(held_by, question.held_to)
        if self.effort:
            body["reasoning_effort"] = self.effort
        return body | {name: value for name, value in self.provider.extra.items() if name not in self.refused}

    def without(self, parameter: str, *, at_most: int | None = None) -> Habits | None:
        """The habits after a refusal, or None where nothing can be changed any more.

        Args:
            parameter: the body's parameter that was refused.
            at_most: for `top_logprobs` and the room, the number that the server allows, where it said one.
        """
        fewer = at_most is not None and parameter == "top_logprobs" and 0 < at_most < self.candidates
        less = at_most is not None and parameter in _LIMITS and at_most >= _LEAST_ROOM
        name = f"{parameter}={at_most}" if fewer or less else parameter
        given_up = len(self.refused) >= MOST_REFUSALS or name in self.refused
        if given_up or parameter in ("model", "messages", "reasoning_effort"):
            return None
        return replace(self, refused=(*self.refused, name))

    def back_in_time(self) -> Iterator[Habits]:
        """These habits, then those before each refusal, the last one first; of each those before room had grown first,
        so that a question is found again with all that it took."""
        for known in range(len(self.refused), -1, -1):
            for grown in range(self.grown + 1):
                yield replace(self, refused=self.refused[:known], grown=grown)

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
        if name.startswith(_LIMITS) and "=" in name:
            return False
        return name not in ("temperature", "logprobs", "top_logprobs")


def room_of(options: Mapping[str, str]) -> int | None:
    """Tokens for hidden reasoning that `room=` asks for, or None.

    Raises:
        InputError: it is no whole number from 0 to `MOST_ROOM`.
    """
    given = options.get("room")
    if given is None:
        return None
    if not given.isdecimal() or len(given) > len(str(MOST_ROOM)) or int(given) > MOST_ROOM:
        raise InputError(f"room={given!r} is no whole number of tokens from 0 to {MOST_ROOM}")
    return int(given)


def recall_key(host: str, model: str) -> str:
    """Under which name the refusals of a server and model are remembered."""
    return f"{host} {model}"


def room_in(body: Mapping[str, Any]) -> int | None:
    """Most tokens that a request allows, or None where it does not say."""
    return next((int(body[name]) for name in _LIMITS if name in body), None)


def sent_parameters(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Parameters of a body that can be refused."""
    return tuple(name for name in body if name not in ("model", "messages"))
