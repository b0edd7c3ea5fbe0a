"""One question, asked in several ways: for its first tokens, in full, and in more and more room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuningfork.models.llm.chat import Question, Reply
from tuningfork.models.llm.deciding import decided
from tuningfork.models.llm.habits import Habits, room_in
from tuningfork.models.llm.replies import TOO_LONG, finish_of, ran_out, reply_of, shows_thinking
from tuningfork.models.llm.spoken import visible_text
from tuningfork.models.ports import JournalEntry


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of asking.

    Attributes:
        question: with the room of this attempt.
        step: how often the room has been made wider, see `Habits.room`.
        short: only the tokens that are likely to decide between the choices are asked for.
    """

    question: Question
    step: int = 0
    short: bool = False

    def body(self, habits: Habits) -> dict[str, Any]:
        """The request's JSON body for a server of these habits."""
        return habits.body(self.question, step=self.step)

    def settles(self, response: Mapping[str, Any], *, room: int | None = None) -> bool:
        """Whether this response answers the question, so that no further attempt is needed."""
        if self.short:
            return _meant(self, response) is not None
        question = self.question
        return not ran_out(response, question.choices, room=room, reads=question.reads)


Made = tuple[tuple[Attempt, JournalEntry], ...]
"""Attempts that were answered, in their order."""


def next_attempt(question: Question, made: Made, habits: Habits, *, deciding: int | None) -> Attempt | None:
    """What to ask next, given what was asked and answered; None where the question is settled.

    Room grows from where this server was last found to need it, for as long as answers show that it went into
    thought. Where the room itself is too much for the server's context, less is asked for.

    Args:
        deciding: tokens that are likely to decide, where asking again is cheap; None where it is not.
    """
    whole = Attempt(question, step=habits.first_step(question))
    if not made:
        if deciding is None or deciding >= question.max_tokens:
            return whole
        return Attempt(replace(question, max_tokens=deciding), short=True)
    attempt, entry = made[-1]
    room, is_refused = room_in(attempt.body(habits)), finish_of(entry.response) == TOO_LONG
    if attempt.settles(entry.response, room=room) and not is_refused:
        return None
    if attempt.short:
        return whole
    if is_refused:
        nothing_taken = all(finish_of(its.response) == TOO_LONG for _, its in made)
        return Attempt(question, step=attempt.step - 1) if nothing_taken and attempt.step else None
    refused = {one.step for one, its in made if finish_of(its.response) == TOO_LONG}
    step = attempt.step + 1
    may_grow = attempt.step == 0 or shows_thinking(entry.response, room)
    return (
        Attempt(question, step=step)
        if may_grow and step not in refused and step <= habits.last_step(question)
        else None
    )


def learned_step(made: Made) -> int:
    """The step at which this server gave its answer, or the last that was tried."""
    return max((attempt.step for attempt, entry in made if finish_of(entry.response) != TOO_LONG), default=0)


def reply_to(made: Sequence[tuple[Attempt, JournalEntry]], *, replayed: bool) -> Reply:
    """The reply that the last answered attempt got; tokens, dollars and seconds are those of all.

    The few tokens that decided are given as the choice that they begin.
    """
    answered = [one for one in made if finish_of(one[1].response) != TOO_LONG] or made
    attempt, entry = answered[-1]
    reply = reply_of([entry for _, entry in answered], replayed=replayed, choices=attempt.question.choices)
    meant = _meant(attempt, entry.response) if attempt.short else None
    return reply if meant is None else replace(reply, text=meant, finish_reason="stop")


def _meant(attempt: Attempt, response: Mapping[str, Any]) -> str | None:
    choice = response["choices"][0]
    finished = choice.get("finish_reason") == "stop"
    return decided(visible_text(choice["message"]), attempt.question.choices or (), finished=finished)
