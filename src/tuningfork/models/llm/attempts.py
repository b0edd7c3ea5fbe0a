"""One question, asked in up to three ways: for its first tokens, in full, and in more room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuningfork.models.llm.chat import Question, Reply
from tuningfork.models.llm.deciding import decided
from tuningfork.models.llm.habits import Habits
from tuningfork.models.llm.replies import ran_out, reply_of, visible_text
from tuningfork.models.ports import JournalEntry


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of asking.

    Attributes:
        question: with the room of this attempt.
        wider: an earlier answer was all hidden reasoning, and room for more of it is given.
        short: only the tokens that are likely to decide between the choices are asked for.
    """

    question: Question
    wider: bool = False
    short: bool = False

    def body(self, habits: Habits) -> dict[str, Any]:
        """The request's JSON body for a server of these habits."""
        return habits.body(self.question, wider=self.wider)

    def settles(self, response: Mapping[str, Any]) -> bool:
        """Whether this response answers the question, so that no further attempt is needed."""
        return _meant(self, response) is not None if self.short else not ran_out(response)


def attempts(question: Question, *, deciding: int | None) -> Iterator[Attempt]:
    """In their order; each is made only where the one before did not settle it.

    Args:
        deciding: tokens that are likely to decide, where asking again is cheap; None where it is not.
    """
    if deciding is not None and deciding < question.max_tokens:
        yield Attempt(replace(question, max_tokens=deciding), short=True)
    yield Attempt(question)
    yield Attempt(question, wider=True)


def reply_to(made: Sequence[tuple[Attempt, JournalEntry]], *, replayed: bool) -> Reply:
    """The reply that the last attempt got; tokens, dollars and seconds are those of all.

    The few tokens that decided are given as the choice that they begin.
    """
    attempt, entry = made[-1]
    reply = reply_of([entry for _, entry in made], replayed=replayed)
    meant = _meant(attempt, entry.response) if attempt.short else None
    return reply if meant is None else replace(reply, text=meant, finish_reason="stop")


def _meant(attempt: Attempt, response: Mapping[str, Any]) -> str | None:
    choice = response["choices"][0]
    finished = choice.get("finish_reason") == "stop"
    return decided(visible_text(choice["message"]), attempt.question.choices or (), finished=finished)
