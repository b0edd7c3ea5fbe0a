"""Fitting a prompt into the model's context window, before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.rows import PromptRow, blank_row
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.errors import ArmFailed
from tuningfork.models.llm.chat import ChatModel, Message

_LEAST_ROOM_FOR_A_ROW = 32
_TEMPLATE_TOKENS = 128
_TURN_TOKENS = 12


class Window:
    """Says which shots, and how much of a row, fit the context window beside the answer.

    Args:
        chat: counts tokens and knows its window; where it does not know it, everything is taken to fit.
        form: puts rows into words, and says how much room their answers need.

    Attributes:
        fewest_shots: the fewest shots that any prompt was left with; None while none lost any.
        cut_texts: rows that were cut, each as one text.
    """

    def __init__(self, chat: ChatModel, form: AnswerForm) -> None:
        self._chat, self._form = chat, form
        self._limit = None if chat.context_tokens is None else chat.context_tokens - form.answer_tokens
        self._kept: dict[tuple[int, tuple[Shot, ...], PromptRow], tuple[Shot, ...]] = {}
        self.fewest_shots: int | None = None
        self.cut_texts: set[str] = set()

    def require_room(self, wording: Wording) -> None:
        """Refuse a prompt that leaves no room for a row even without shots.

        Raises:
            ArmFailed: the instruction and its labels alone fill the window.
        """
        if self._limit is None:
            return
        blank = blank_row(self._form.task.type)
        needed = self._chat.count_tokens(wording.messages(self._form, (), blank)) + _LEAST_ROOM_FOR_A_ROW
        if needed > self._limit:
            raise ArmFailed(
                f"the prompt of {self._chat.name} needs {needed} tokens without any example, and its context window "
                f"has {self._limit} beside the answer; shorten the label names and descriptions "
                f"({len(self._form.task.labels)} labels) or use a model with a larger window"
            )

    def reserve(self, rows: Sequence[PromptRow]) -> PromptRow:
        """The longest of the rows, for which shared shots should leave room; its texts have at most as many characters
        as the window has tokens, about a quarter of it, lest one outlier cost every row its examples.
        """
        blank = blank_row(self._form.task.type)
        return max(rows, key=lambda row: len(row.joined), default=blank).beginning(self._limit)

    def fitting(self, wording: Wording, shots: tuple[Shot, ...], row: PromptRow) -> tuple[Shot, ...]:
        """The last shots, as many as fit together with the row; all of them if they do."""
        key = (wording.number, shots, row)
        if key not in self._kept:
            self._kept[key] = self._search_shots(wording, shots, row)
        kept = self._kept[key]
        if len(kept) < len(shots):
            self.fewest_shots = len(kept) if self.fewest_shots is None else min(self.fewest_shots, len(kept))
        return kept

    def cut(self, wording: Wording, shots: tuple[Shot, ...], row: PromptRow) -> PromptRow:
        """The row, its texts shortened in their middles if it does not fit; options never are."""
        if self._fits(wording.messages(self._form, shots, row)):
            return row
        self.cut_texts.add(row.joined)
        return shortened(row, lambda shorter: self._fits(wording.messages(self._form, shots, shorter)))

    def _search_shots(self, wording: Wording, shots: tuple[Shot, ...], row: PromptRow) -> tuple[Shot, ...]:
        return last_shots(shots, lambda kept: self._fits(wording.messages(self._form, kept, row)))

    def _fits(self, messages: Sequence[Message]) -> bool:
        """Whether the prompt fits; counted only where it might not (a token has at least one byte of text)."""
        if self._limit is None:
            return True
        most = _TEMPLATE_TOKENS + sum(len(message.content.encode()) + _TURN_TOKENS for message in messages)
        return most <= self._limit or self._chat.count_tokens(messages) <= self._limit


def last_shots(shots: tuple[Shot, ...], fits: Callable[[tuple[Shot, ...]], bool]) -> tuple[Shot, ...]:
    """The last shots, as many as fit; all of them if they do."""
    return shots if fits(shots) else shots[len(shots) - _most(len(shots), lambda n: fits(shots[len(shots) - n :])) :]


def shortened(row: PromptRow, fits: Callable[[PromptRow], bool]) -> PromptRow:
    """The row with as little left out of its middle as makes it fit: its longest texts become equally long."""
    return row.without_middles(_most(row.longest, lambda characters: fits(row.without_middles(characters))))


def _most(too_many: int, fits: Callable[[int], bool]) -> int:
    """The largest number under `too_many` that fits, taking 0 to do so."""
    least = 0
    while too_many - least > 1:
        middle = (least + too_many) // 2
        if fits(middle):
            least = middle
        else:
            too_many = middle
    return least
