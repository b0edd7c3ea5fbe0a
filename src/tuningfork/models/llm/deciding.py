"""Asking for no more of an answer than decides between the choices.

A server that is held to the choices writes a label token by token, each a pass through the model; most labels are
known after the first. So the answer is asked for as far as it is likely to decide, and, where it has not, asked for
again in full: the prompt is still in the server's memory then, so that asking again costs little more than the tokens.
What is read is the same either way, because the tokens before the cut are the same.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence

from tuningfork.foundation.hashing import hash_of
from tuningfork.models.llm.chat import Question
from tuningfork.models.llm.connection import Connection
from tuningfork.models.llm.habits import Habits, recall_key
from tuningfork.models.llm.llama_cpp import tokens_of
from tuningfork.models.ports import Journal

_COST_OF_ASKING_AGAIN = 1.0
"""In tokens: the round trip, and the last token of the prompt once more."""


class DecidingTokens:
    """How many tokens of an answer are likely to decide, for the questions of one model.

    Args:
        journal: remembers it, because an answer is found again by what was asked.
    """

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal
        self._fact = recall_key(connection.identity, connection.model)
        self._known: dict[tuple[str, ...], int | None] = {}

    def of(self, question: Question, habits: Habits) -> int | None:
        """None unless the server is held to the choices letter by letter and has no bill for asking again."""
        provider, choices = self._connection.provider, question.choices
        thinks = self._connection.effort is not None or provider.reasons(self._connection.model)
        is_drawn = question.sampling is not None
        if not (choices and provider.asks_again_cheaply and habits.constraint == "grammar") or thinks or is_drawn:
            return None
        if choices not in self._known:
            self._known[choices] = self._recalled_or_counted(choices)
        return self._known[choices]

    def _recalled_or_counted(self, choices: tuple[str, ...]) -> int | None:
        fact = f"{self._fact} {hash_of(list(choices))}"
        known = self._journal.recall("deciding_tokens", fact)
        if known is None:
            tokens = tokens_of(self._connection, choices)
            known = json.dumps(None if tokens is None else deciding_tokens(tokens))
            self._journal.remember("deciding_tokens", fact, known)
        found = json.loads(known)
        return None if found is None else int(found)


def deciding_tokens(choices: Sequence[Sequence[str]]) -> int | None:
    """After how many tokens to stop at first, so that all answers together take the fewest, choices equally likely.

    Args:
        choices: every choice as its tokens.

    Returns:
        None where asking for the whole answer at once is as good.
    """
    whole = sum(map(len, choices)) / len(choices) + 1
    names = sorted("".join(choice) for choice in choices)
    best, fewest = None, whole
    for stop in range(1, max(map(len, choices)) + 1):
        beginnings = ["".join(choice[:stop]) for choice in choices]
        open_share = sum(_is_open(beginning, names) for beginning in beginnings) / len(choices)
        taken = stop + open_share * (_COST_OF_ASKING_AGAIN + whole)
        if taken < fewest:
            best, fewest = stop, taken
    return best


def decided(text: str, choices: Sequence[str], *, finished: bool) -> str | None:
    """The choice that the text is the beginning of, where it is the only one.

    Args:
        text: the answer as far as it was written.
        finished: the model ended it there, so that a choice of exactly this text is meant.
    """
    if finished and text in choices:
        return text
    possible = [choice for choice in choices if choice.startswith(text)] if text else []
    return possible[0] if len(possible) == 1 else None


def _is_open(beginning: str, names: Sequence[str]) -> bool:
    """Whether more than one of the sorted names begins like this: they stand side by side."""
    first = bisect_left(names, beginning)
    return len(names) > first + 1 and names[first + 1].startswith(beginning)
