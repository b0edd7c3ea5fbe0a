"""The most dollars that requests can cost, before they leave."""

from __future__ import annotations

from tuningfork.atlas.prices import cost
from tuningfork.models.llm.chat import Question
from tuningfork.models.llm.connection import Connection, estimated_tokens
from tuningfork.models.llm.habits import Habits


def worst_usd(connection: Connection, habits: Habits, question: Question, *, step: int) -> float | None:
    """Most dollars that one request can cost; None where the price is not known, 0 where nothing is billed.

    Args:
        step: how often the room has been made wider.
    """
    if not connection.billed:
        return 0.0
    return cost(
        connection.price,
        prompt_tokens=estimated_tokens(question.messages),
        cached_tokens=0,
        completion_tokens=habits.worst_completion(question, step=step),
    )


def worst_of_both(connection: Connection, habits: Habits, question: Question) -> float | None:
    """Most dollars that asking, and asking again in more room, can cost.

    Room that grows further is set aside when it turns out to be needed.
    """
    first, last = habits.first_step(question), habits.last_step(question)
    if habits.grown and first == last:
        return worst_usd(connection, habits, question, step=first)
    once, again = (worst_usd(connection, habits, question, step=step) for step in (first, first + 1))
    return None if once is None or again is None else once + again
