"""How long a prompt may be, learned from what a server does: some cut longer ones without a word, some refuse them.

A prompt that was cut has lost the instruction or its examples, and its answer is an answer to something else. It shows
in the bill: prompts of different lengths that all count the same number of tokens, and none more, were cut at it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from tuningfork.models.llm.chat import Limit, Message, Question, Reply
from tuningfork.models.llm.connection import Connection
from tuningfork.models.llm.habits import recall_key
from tuningfork.models.llm.refused_rows import tokens_allowed
from tuningfork.models.llm.replies import TOO_LONG
from tuningfork.models.ports import Journal

_FEWEST_TOKENS = 64
_FEWEST_TOKENS_ALONE = 256
"""Below it, and with nothing to compare with, a number that never changes is taken for one that nobody counted."""

_FEWEST_ALIKE, _FEWEST_ALIKE_ALONE, _FEWEST_TO_COMPARE = 4, 6, 2
_FEWEST_ALIKE_AMONG_MANY, _MANY = 2, 8
"""Beside many prompts that were counted in full, two that are longer and count the same tell enough."""

_SPREAD = 16
"""Characters, about four tokens: many prompts whose lengths differ by so much do not count the same by chance."""

_CLEARLY = 1.03
_MORE_THAN_CLEARLY = 1.15
_TOPIC = "context"


class ContextWatch:
    """Learns, from the replies of one model, how long prompts may be; remembers it for later runs of the study.

    Attributes:
        limit: what was learned, None while nothing was.
        said: what the server said when it refused a prompt, '' where it cuts them without a word.
    """

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._journal, self._fact = journal, recall_key(connection.identity, connection.model)
        known = journal.recall(_TOPIC, self._fact)
        kept = json.loads(known) if known else {}
        self._counts_nothing = kept.get("counts_nothing", False)
        self.limit: Limit | None = Limit(**kept["limit"]) if kept.get("limit") else None
        self.said: str = kept.get("said", "")
        self._seen: dict[int, tuple[int, int]] = {}

    def look_at(self, question: Question, reply: Reply) -> None:
        """Take one reply into account."""
        if reply.finish_reason == TOO_LONG:
            self._refused(reply.refused_because or "")
            return
        tokens = _counted(reply)
        if tokens is None or self._counts_nothing or (self.limit is not None and self.limit.cuts):
            return
        self._seen[hash(question)] = (characters_of(question.messages), tokens)
        found = _ceiling(list(self._seen.values()))
        if found is not None:
            self.limit = found
            self._remember()

    def overflowed(self, question: Question, reply: Reply) -> bool:
        """Whether this reply answers a prompt that was cut or refused for its length."""
        if reply.finish_reason == TOO_LONG:
            return True
        return self.limit is not None and self.limit.cuts and _counted(reply) == self.limit.tokens

    def surely_overflows(self, messages: Sequence[Message]) -> bool:
        """Whether asking this would only waste a request: it is far beyond where this server cuts."""
        limit = self.limit
        if limit is None or not limit.cuts or limit.most_characters is None:
            return False
        return characters_of(messages) > _MORE_THAN_CLEARLY * limit.most_characters * limit.tokens

    def forget(self) -> None:
        """Prompts that were made much shorter counted the same again: this server counts nothing."""
        self.limit, self._counts_nothing = None, True
        self._remember()

    def _refused(self, said: str) -> None:
        tokens = tokens_allowed(said)
        self.said = self.said or said
        if tokens is not None and self.limit is None:
            self.limit = Limit(tokens, cuts=False)
        self._remember()

    def _remember(self) -> None:
        limit = None if self.limit is None else asdict(self.limit)
        kept = {"limit": limit, "said": self.said, "counts_nothing": self._counts_nothing}
        self._journal.remember(_TOPIC, self._fact, json.dumps(kept))


def characters_of(messages: Sequence[Message]) -> int:
    """Characters of a prompt."""
    return sum(len(message.content) for message in messages)


def _counted(reply: Reply) -> int | None:
    """Tokens of the prompt as this reply's server counted them; cached ones that were left out are added. None where
    there is no count that can be meant."""
    tokens, cached = reply.last_prompt_tokens, reply.cached_tokens
    if tokens is not None and cached is not None and cached > tokens:
        tokens += cached
    return tokens if tokens is not None and tokens >= _FEWEST_TOKENS else None


def _ceiling(seen: Sequence[tuple[int, int]]) -> Limit | None:
    """The number of tokens at which prompts are cut, from pairs of characters and tokens; None where they are not."""
    most = max(tokens for _, tokens in seen)
    alike = [characters for characters, tokens in seen if tokens == most]
    rates = [characters / tokens for characters, tokens in seen if tokens < most]
    fewest = _FEWEST_ALIKE_AMONG_MANY if len(rates) >= _MANY else _FEWEST_ALIKE
    if len(alike) < fewest or max(alike) - min(alike) < _SPREAD:
        return None
    if len(rates) >= _FEWEST_TO_COMPARE:
        longest = max(alike) if fewest == _FEWEST_ALIKE else min(alike)
        is_cut = longest > _CLEARLY * max(rates) * most
        return Limit(most, True, min(rates), max(rates)) if is_cut else None
    is_cut = len(alike) >= _FEWEST_ALIKE_ALONE and most >= _FEWEST_TOKENS_ALONE
    return Limit(most, True) if is_cut else None
