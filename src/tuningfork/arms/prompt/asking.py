"""Asking a chat model about rows, and reading its replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.overlong import MOST_TIMES, Overlong
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.prompt.shots import Shot, ShotSource
from tuningfork.arms.prompt.window import Window
from tuningfork.arms.prompt.wordings import Wording
from tuningfork.arms.results import Prediction, Usage
from tuningfork.models.llm.addresses import asks_here
from tuningfork.models.llm.chat import ChatModel, Question, Reply

_FEWEST_ALIKE = 3
"""Prompts that count the same after they were made shorter; fewer may do so by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadReplies:
    """What a model said about rows.

    Attributes:
        prediction: answers, probabilities where there are any, and seconds, row by row.
        replies: the answers as they came.
        usage: what they took, and those that were given to prompts too long for their server.
    """

    prediction: Prediction
    replies: tuple[Reply, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class _Row:
    """A row, and the examples to be shown with it."""

    row: PromptRow
    shots: tuple[Shot, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """Rows, what was asked about them, and the replies; the last two change where rows are asked again."""

    rows: list[_Row]
    asked: list[Question]
    replies: list[Reply]


class Asker:
    """Puts rows to one chat model.

    Args:
        form: puts rows into words, and reads their answers.
        longest: rows for the longest of which shots that all rows share should leave room.
    """

    def __init__(self, chat: ChatModel, form: AnswerForm, *, longest: Sequence[PromptRow]) -> None:
        self._chat, self.form = chat, form
        self.window = Window(chat, form)
        self.overlong = Overlong(chat, form)
        self._reserved = self.window.reserve(longest)

    @property
    def one_at_a_time(self) -> bool:
        """Whether rows wait for one another: at a server on this machine they do, as far as is known."""
        return asks_here(self._chat.host)

    def ask(
        self,
        wording: Wording,
        source: ShotSource,
        rows: Sequence[PromptRow],
        *,
        repeat: int = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> ReadReplies:
        """One answer a row, in order. Questions that begin alike are sent one after the other.

        Raises:
            BudgetExceeded, ProviderError: see `ChatModel.answer` and `Overlong.note_last`.
        """
        shown = [
            _Row(row, self._fitting(wording, source, given, row))
            for given, row in zip(source.for_rows(rows), rows, strict=True)
        ]
        asked = [self._put(wording, source, one, repeat) for one in shown]
        early = [i for i, one in enumerate(asked) if self._chat.lengths.surely_overflows(one.messages)]
        for i in early:
            asked[i] = self._put_shorter(wording, shown[i], 0, repeat)
        order = range(len(rows)) if source.shared else sorted(range(len(rows)), key=lambda i: _opening(shown[i].shots))
        replies: list[Reply | None] = [None] * len(rows)
        for i, reply in zip(order, self._chat.answer([asked[i] for i in order], progress=progress), strict=True):
            replies[i] = reply
        self.overlong.note_first([rows[i] for i in early], [None] * len(early))
        told = _Told(shown, asked, [reply for reply in replies if reply is not None])
        usage = self._ask_shorter(wording, told, set(early), repeat)
        over = [self._chat.lengths.overflowed(*pair) for pair in zip(told.asked, told.replies, strict=True)]
        self.overlong.note_last(rows, told.replies, over)
        return ReadReplies(
            prediction=self.form.read(told.replies, rows),
            replies=tuple(told.replies),
            usage=reduce(add, map(_usage, told.replies), usage),
        )

    def _ask_shorter(self, wording: Wording, told: _Told, early: set[int], repeat: int) -> Usage:
        """Ask again what the server cut, or refused for its length, until it takes it; what that took beside the
        replies that are left."""
        lengths, before, usage = self._chat.lengths, list(told.replies), NO_TRAFFIC
        for times in range(MOST_TIMES):
            again = [i for i, reply in enumerate(told.replies) if lengths.overflowed(told.asked[i], reply)]
            if not again:
                break
            self.overlong.note_first([told.rows[i].row for i in again], [told.replies[i] for i in again])
            usage = reduce(add, (_usage(told.replies[i]) for i in again), usage)
            for i in again:
                told.asked[i] = self._put_shorter(wording, told.rows[i], times + (i in early), repeat)
            for i, reply in zip(again, self._chat.answer([told.asked[i] for i in again]), strict=True):
                told.replies[i] = reply
            if times == 0 and self._counts_nothing(told, again):
                told.replies[:] = before
                break
        return usage

    def _counts_nothing(self, told: _Told, again: Sequence[int]) -> bool:
        """Whether prompts that were made much shorter all count the same as before."""
        lengths = self._chat.lengths
        is_alike = lengths.limit is not None and lengths.limit.cuts and len(again) >= _FEWEST_ALIKE
        if is_alike and all(lengths.overflowed(told.asked[i], told.replies[i]) for i in again):
            lengths.forget()
            self.overlong.forget_cuts()
            return True
        return False

    def prompt(self, wording: Wording, source: ShotSource, row: PromptRow) -> str:
        """The whole prompt for a row, for people to read."""
        question = self.question(wording, source, row)
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in question.messages)

    def question(self, wording: Wording, source: ShotSource, row: PromptRow) -> Question:
        """What is asked about one row."""
        shots = self._fitting(wording, source, source.for_rows([row])[0], row)
        return self._put(wording, source, _Row(row, shots), 0)

    def _fitting(
        self, wording: Wording, source: ShotSource, shots: tuple[Shot, ...], row: PromptRow
    ) -> tuple[Shot, ...]:
        return self.window.fitting(wording, shots, self._reserved if source.shared else row)

    def _put(self, wording: Wording, source: ShotSource, one: _Row, repeat: int) -> Question:
        fitted = self.window.cut(wording, one.shots, one.row)
        return self._question(wording, one.shots, fitted, repeat, shared=one.shots if source.shared else ())

    def _put_shorter(self, wording: Wording, one: _Row, times: int, repeat: int) -> Question:
        shots, shorter = self.overlong.tighter(wording, one.shots, one.row, times=times)
        return self._question(wording, shots, shorter, repeat, shared=())

    def _question(
        self, wording: Wording, shots: tuple[Shot, ...], row: PromptRow, repeat: int, *, shared: tuple[Shot, ...]
    ) -> Question:
        return Question(
            messages=wording.messages(self.form, shots, row),
            held_to=self.form.held_to(row),
            max_tokens=self.form.answer_tokens,
            repeat=repeat,
            shared=wording.opening(self.form, shared),
            reads=self.form.reads(row),
        )


NO_TRAFFIC = Usage(usd=0.0)
"""What nothing costs: the start of a sum."""


def _usage(reply: Reply) -> Usage:
    return Usage(
        requests=1,
        prompt_tokens=reply.prompt_tokens,
        cached_tokens=reply.cached_tokens,
        completion_tokens=reply.completion_tokens,
        reasoning_tokens=reply.reasoning_tokens,
        usd=reply.usd,
    )


def _opening(shots: tuple[Shot, ...]) -> tuple[str, ...]:
    return tuple(shot.row.joined for shot in shots)
