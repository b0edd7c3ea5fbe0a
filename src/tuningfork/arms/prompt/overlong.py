"""Rows whose prompt the server cut, or refused for its length: asked again with fewer examples, then with less text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.window import last_shots, shortened
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.errors import ProviderError
from tuningfork.models.llm.chat import ChatModel, Message, Reply
from tuningfork.models.llm.replies import ROW_REFUSED, TOO_LONG

MOST_TIMES = 5
"""How often a row is asked again, shorter each time."""

_LESS = 0.7
"""Share of the room that is left each time."""

_TOKENS_AROUND_MESSAGE = 4
_CAREFUL = 1.05
_LEAST_SHARE_FOR_PROMPT = 0.5
_FEWEST_TOO_MANY, _TOO_MANY = 3, 0.1


@dataclass
class Overlong:
    """What became of rows that were too long for their server.

    Args:
        form: puts rows into words, and says how much room their answers need.

    Attributes:
        refused, cut: rows that the server refused, or whose prompts it cut.
        still_refused, still_cut: those of them that it went on to refuse, or cut.
        without_middle: those of them that lost some of their text.
        not_taken: rows that the server refused for what is in them.
        fewest_shots: the fewest examples that any of them was asked with; None while none lost any.
    """

    chat: ChatModel
    form: AnswerForm
    refused: set[PromptRow] = field(default_factory=set)
    cut: set[PromptRow] = field(default_factory=set)
    still_refused: set[PromptRow] = field(default_factory=set)
    still_cut: set[PromptRow] = field(default_factory=set)
    without_middle: set[PromptRow] = field(default_factory=set)
    not_taken: set[PromptRow] = field(default_factory=set)
    fewest_shots: int | None = None
    answered: int = 0

    def tighter(
        self, wording: Wording, shots: tuple[Shot, ...], row: PromptRow, *, times: int
    ) -> tuple[tuple[Shot, ...], PromptRow]:
        """The examples, and the row, that a server should take which did not take these.

        Args:
            times: how often this row was made shorter before.
        """
        most = self._room(wording.messages(self.form, shots, row), times)
        kept = last_shots(shots, lambda some: self._tokens(wording.messages(self.form, some, row)) <= most)
        shown = row
        if self._tokens(wording.messages(self.form, kept, row)) > most:
            self.without_middle.add(row)
            shown = shortened(row, lambda less: self._tokens(wording.messages(self.form, kept, less)) <= most)
        if len(kept) < len(shots):
            self.fewest_shots = len(kept) if self.fewest_shots is None else min(self.fewest_shots, len(kept))
        return kept, shown

    def note_first(self, rows: Sequence[PromptRow], replies: Sequence[Reply | None]) -> None:
        """Rows that are about to be asked again; no reply where a row was made shorter before it was asked."""
        for row, reply in zip(rows, replies, strict=True):
            (self.refused if reply is not None and reply.finish_reason == TOO_LONG else self.cut).add(row)

    def note_last(self, rows: Sequence[PromptRow], replies: Sequence[Reply], overflowed: Sequence[bool]) -> None:
        """What the rows of one call got in the end.

        Raises:
            ProviderError: the server takes none of them, or too few to blame single rows.
        """
        for row, reply, is_over in zip(rows, replies, overflowed, strict=True):
            if reply.finish_reason == ROW_REFUSED:
                self.not_taken.add(row)
            elif is_over:
                (self.still_refused if reply.finish_reason == TOO_LONG else self.still_cut).add(row)
        lost = [reply for reply in replies if reply.finish_reason in (TOO_LONG, ROW_REFUSED)]
        self.answered += len(replies) - len(lost)
        in_all = len(self.still_refused | self.not_taken)
        too_many = in_all >= _FEWEST_TOO_MANY and in_all > _TOO_MANY * (self.answered + in_all)
        if lost and (too_many or not self.answered):
            self._give_up(lost[0], in_all)

    def forget_cuts(self) -> None:
        """The server counts nothing, so nothing is known to have been cut."""
        self.cut.clear()
        self.without_middle.clear()
        self.fewest_shots = None

    def _give_up(self, reply: Reply, rows: int) -> None:
        said, who = reply.refused_because, f"{self.chat.name} at {self.chat.host}"
        if reply.finish_reason == TOO_LONG:
            raise ProviderError(
                f"{self.chat.host}: the prompt does not fit {self.chat.name} ({said}), not even without examples and "
                f"with less of the text ({rows} rows). Use fewer shots or shorter rows, or a larger context."
            )
        raise ProviderError(f"{who} refused {rows} rows, too many to blame single rows: {said}")

    def _room(self, messages: Sequence[Message], times: int) -> float:
        """Tokens for the prompt: what the server takes, less each time; a part of the prompt's own where that is not
        known, or more than the prompt that it did not take."""
        own, limit = self._tokens(messages), self.chat.lengths.limit
        if limit is None:
            return own * _LESS ** (times + 1)
        answer_tokens = self.form.answer_tokens
        beside = answer_tokens if limit.cuts else max(answer_tokens, self.chat.widest)
        most = max(limit.tokens - beside, limit.tokens * _LEAST_SHARE_FOR_PROMPT)
        return most * _LESS**times if most < own else own * _LESS ** (times + 1)

    def _tokens(self, messages: Sequence[Message]) -> float:
        """Tokens of a prompt: by what this server counted for others where that is known, else a careful estimate."""
        limit = self.chat.lengths.limit
        if limit is None or limit.fewest_characters is None:
            return self.chat.count_tokens(messages)
        characters = sum(len(message.content) for message in messages)
        return _CAREFUL * characters / limit.fewest_characters + _TOKENS_AROUND_MESSAGE
