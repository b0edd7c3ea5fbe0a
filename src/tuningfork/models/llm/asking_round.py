"""What the requests of one call share, and what becomes of rows that the server refuses while it answers others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tuningfork.errors import ProviderError, TuningforkError
from tuningfork.models.llm.chat import Question
from tuningfork.models.llm.faults import RowRefused
from tuningfork.models.llm.habits import Habits
from tuningfork.models.llm.pacing import Gate
from tuningfork.models.llm.purse import Purse

if TYPE_CHECKING:
    import httpx

_MOST_BEFORE_ANY_ANSWER = 3
_FEWEST_TOO_MANY = 3
_TOO_MANY = 0.1
"""Share of rows from which on refusals are no matter of single rows."""


@dataclass(frozen=True)
class Begun:
    """A question under way: its number, and how often room had been widened when the money for it was counted.

    It keeps to that room once it or a later one was given money. Were it to take over what others taught after that, it
    would need more than was kept free for it, and might have to stop where a later row had gone on.
    """

    row: int
    question: Question
    grown: int

    def as_known_now(self, purse: Purse, habits: Habits, worst: float | None) -> Begun:
        """As it leaves the gate: in the room that answers were seen to need while it waited there, where it may still
        change.

        Args:
            worst: dollars that it can cost then, or None where the price is not known.
        """
        if purse.has_given_to(self.row):
            return self
        purse.needs(self.row, worst)
        return replace(self, grown=habits.grown)

    def with_its_room(self, habits: Habits) -> Habits:
        """What is known of the server by now, but for the room."""
        return replace(habits, grown=self.grown)


@dataclass
class Round:
    """The gate, the purse, the numbered questions left, failures, rows held back, and when it began (since 1970).

    Attributes:
        asked: questions of this call, those that the journal answered included.
        answered: of them, those that have an answer.
        held: questions that the server refused, each with what it said.
    """

    http: httpx.AsyncClient
    gate: Gate
    purse: Purse
    questions: Iterator[tuple[int, Question]]
    asked: int
    answered: int
    failures: list[TuningforkError] = field(default_factory=list)
    held: list[tuple[Question, RowRefused]] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def stop_if_failed(self) -> None:
        """Raise the first failure: nothing leaves after it."""
        if self.failures:
            raise self.failures[0]

    def hold(self, question: Question, refused: RowRefused) -> None:
        """Keep a refused row until it is known whether others are answered; too many of them are a failure."""
        self.held.append((question, refused))
        nobody_answered = not self.answered and len(self.held) >= _MOST_BEFORE_ANY_ANSWER
        if nobody_answered or self._too_many():
            self.failures.append(self._final(refused))

    def settle_held(self) -> list[tuple[Question, RowRefused]]:
        """The refused rows that count as answers without a label.

        Raises:
            ProviderError: nothing else was answered, or too little to blame these rows.
        """
        broke = [refused for _, refused in self.held if refused.broke]
        if self.held and (not self.answered or (broke and len(broke) > _TOO_MANY * (self.answered + len(broke)))):
            raise self._final((broke or [refused for _, refused in self.held])[0])
        return self.held

    def _too_many(self) -> bool:
        return len(self.held) >= _FEWEST_TOO_MANY and len(self.held) > _TOO_MANY * self.asked

    def _final(self, refused: RowRefused) -> ProviderError:
        if not self.answered or refused.broke:
            return refused.for_good
        return ProviderError(
            f"{refused.for_good} {len(self.held)} of {self.asked} rows were refused so, too many to blame single rows"
        )
