"""What the answers of one model show: who really answered, and what the server did not keep."""

from __future__ import annotations

import json

from tuningfork.models.llm.chat import Question, Reply
from tuningfork.models.llm.connection import Connection
from tuningfork.models.llm.constraints import is_kept
from tuningfork.models.llm.habits import Habits, recall_key
from tuningfork.models.ports import Journal

_MOST_ANSWERERS = 12
_MOST_SHOWN = 3


class Observations:
    """Looks at every reply, also at those from the journal, so that a resumed study says the same.

    Args:
        journal: remembers who answered in earlier runs.
    """

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal
        self._fact = recall_key(connection.identity, connection.model)
        self._answerers: list[list[str | None]] = json.loads(journal.recall("answered_by", self._fact) or "[]")
        self._answered, self._unheld, self._bare = set[int](), set[int](), set[int]()

    def look_at(self, question: Question, reply: Reply, habits: Habits) -> None:
        """Note one reply.

        Args:
            habits: how it was asked for.
        """
        self._note_answerer([reply.model, reply.fingerprint])
        if reply.finish_reason != "stop" or not reply.text:
            return
        this = hash(question)
        self._answered.add(this)
        if question.choices and habits.constraint is not None and not is_kept(reply.text, question.choices):
            self._unheld.add(this)
        if question.want_logprobs and habits.candidates and reply.tokens is None:
            self._bare.add(this)

    def notes(self) -> list[tuple[str, str]]:
        """What a reader must know, as (code, message)."""
        name, who = self._connection.name, f"{self._connection.name} at {self._connection.host}"
        notes = []
        if self._unheld:
            notes.append(
                ("lost_constraint", f"{who} was held to the labels, but {len(self._unheld)} answers were none of them")
            )
        if self._bare:
            share = f"{len(self._bare)} of {len(self._answered)} answers"
            notes.append(("no_logprobs", f"{who} sent no log-probabilities with {share}, which have no probabilities"))
        if len(self._answerers) > 1:
            notes.append(("model_changed", f"what answered as {name} changed during the study: {self._shown()}"))
        others = sorted({model for model, _ in self._answerers if model and not self._is_like(model)})
        if others and not self._connection.provider.any_name:
            notes.append(("other_model", f"{who} was asked for, and {' and '.join(others[:_MOST_SHOWN])} answered"))
        return notes

    def _note_answerer(self, answerer: list[str | None]) -> None:
        """A server that signs every answer anew must not fill the ledger, so that only the first few are kept; one that
        signs now and then is no other."""
        model, fingerprint = answerer
        unsigned_but_known = fingerprint is None and model in (known for known, _ in self._answerers)
        is_full = len(self._answerers) >= _MOST_ANSWERERS
        if model is None or answerer in self._answerers or unsigned_but_known or is_full:
            return
        self._answerers.append(answerer)
        self._journal.remember("answered_by", self._fact, json.dumps(self._answerers))

    def _shown(self) -> str:
        names = [" ".join(filter(None, answerer)) for answerer in self._answerers]
        more = len(names) - _MOST_SHOWN
        return ", then ".join(names[:_MOST_SHOWN]) + (f", and {more} more" if more > 0 else "")

    def _is_like(self, model: str) -> bool:
        """Whether the name is the one asked for, a dated version of it, or it without its owner or folder."""
        asked, answered = _plain(self._connection.model), _plain(model)
        return asked in answered or answered in asked


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
