"""Asking a chat model about rows, and reading its replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from tuningfork.answers.category import Categories
from tuningfork.arms.prompt.overlong import MOST_TIMES, Overlong
from tuningfork.arms.prompt.parsing import LabelParser
from tuningfork.arms.prompt.probabilities import label_probabilities
from tuningfork.arms.prompt.shots import Shot, ShotSource
from tuningfork.arms.prompt.window import Window
from tuningfork.arms.prompt.wordings import PromptTask, Wording
from tuningfork.arms.records import NO_LABEL, Prediction, Usage
from tuningfork.models.llm.addresses import asks_here
from tuningfork.models.llm.chat import ChatModel, Question, Reply

_ROOM_FOR_A_SENTENCE = 32
_FEWEST_ALIKE = 3
"""Prompts that count the same after they were made shorter; fewer may do so by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said about rows.

    Attributes:
        prediction: labels, probabilities where there are any, and seconds, row by row.
        replies: the answers as they came.
        usage: what they took, and those that were given to prompts too long for their server.
    """

    prediction: Prediction
    replies: tuple[Reply, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class _Row:
    """A text, and the examples to be shown with it."""

    text: str
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
        longest: a text for which shots that all rows share should leave room.
    """

    def __init__(self, chat: ChatModel, task: PromptTask, *, longest: Sequence[str]) -> None:
        self._chat, self._task = chat, task
        self._names = task.labels.names
        self._parser = LabelParser(self._names)
        self._answer_tokens = _ROOM_FOR_A_SENTENCE + max(len(name.encode()) for name in self._names) // 2
        self.window = Window(chat, task, answer_tokens=self._answer_tokens)
        self.overlong = Overlong(chat, task, self._answer_tokens)
        self._reserved = self.window.reserve(longest)

    @property
    def parser(self) -> LabelParser:
        """What reads the answers."""
        return self._parser

    @property
    def one_at_a_time(self) -> bool:
        """Whether rows wait for one another: at a server on this machine they do, as far as is known."""
        return asks_here(self._chat.host)

    def ask(
        self,
        wording: Wording,
        source: ShotSource,
        texts: Sequence[str],
        *,
        repeat: int = 0,
        progress: Callable[[int, int], None] | None = None,
    ) -> Answers:
        """One answer a text, in order. Questions that begin alike are sent one after the other.

        Raises:
            BudgetExceeded, ProviderError: see `ChatModel.answer` and `Overlong.note_last`.
        """
        rows = [
            _Row(text, self._fitting(wording, source, given, text))
            for given, text in zip(source.for_texts(texts), texts, strict=True)
        ]
        asked = [self._put(wording, source, row, repeat) for row in rows]
        early = [i for i, one in enumerate(asked) if self._chat.lengths.surely_overflows(one.messages)]
        for i in early:
            asked[i] = self._put_shorter(wording, rows[i], 0, repeat)
        order = range(len(texts)) if source.shared else sorted(range(len(texts)), key=lambda i: _opening(rows[i].shots))
        replies: list[Reply | None] = [None] * len(texts)
        for i, reply in zip(order, self._chat.answer([asked[i] for i in order], progress=progress), strict=True):
            replies[i] = reply
        self.overlong.note_first([rows[i].text for i in early], [None] * len(early))
        told = _Told(rows, asked, [reply for reply in replies if reply is not None])
        usage = self._ask_shorter(wording, told, set(early), repeat)
        over = [self._chat.lengths.overflowed(*pair) for pair in zip(told.asked, told.replies, strict=True)]
        self.overlong.note_last(texts, told.replies, over)
        return self._read(told.replies, usage)

    def _ask_shorter(self, wording: Wording, told: _Told, early: set[int], repeat: int) -> Usage:
        """Ask again what the server cut, or refused for its length, until it takes it; what that took beside the
        replies that are left."""
        lengths, before, usage = self._chat.lengths, list(told.replies), NO_TRAFFIC
        for times in range(MOST_TIMES):
            again = [i for i, reply in enumerate(told.replies) if lengths.overflowed(told.asked[i], reply)]
            if not again:
                break
            self.overlong.note_first([told.rows[i].text for i in again], [told.replies[i] for i in again])
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

    def prompt(self, wording: Wording, source: ShotSource, text: str) -> str:
        """The whole prompt for a text, for people to read."""
        question = self.question(wording, source, text)
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in question.messages)

    def question(self, wording: Wording, source: ShotSource, text: str) -> Question:
        """What is asked about one text."""
        shots = self._fitting(wording, source, source.for_texts([text])[0], text)
        return self._put(wording, source, _Row(text, shots), 0)

    def _fitting(self, wording: Wording, source: ShotSource, shots: tuple[Shot, ...], text: str) -> tuple[Shot, ...]:
        return self.window.fitting(wording, shots, self._reserved if source.shared else text)

    def _put(self, wording: Wording, source: ShotSource, row: _Row, repeat: int) -> Question:
        fitted = self.window.cut(wording, row.shots, row.text)
        return self._question(wording, row.shots, fitted, repeat, shared=row.shots if source.shared else ())

    def _put_shorter(self, wording: Wording, row: _Row, times: int, repeat: int) -> Question:
        shots, text = self.overlong.tighter(wording, row.shots, row.text, times=times)
        return self._question(wording, shots, text, repeat, shared=())

    def _question(
        self, wording: Wording, shots: tuple[Shot, ...], text: str, repeat: int, *, shared: tuple[Shot, ...]
    ) -> Question:
        return Question(
            messages=wording.messages(self._task, shots, text),
            choices=self._names,
            max_tokens=self._answer_tokens,
            repeat=repeat,
            shared=wording.opening(self._task, shared),
            reads=self._parser.reads,
        )

    def _read(self, replies: Sequence[Reply], beside: Usage) -> Answers:
        labels = [self._parser.parse(reply.text) for reply in replies]
        probabilities = np.full((len(replies), len(self._names)), np.nan, dtype=np.float32)
        for row, (label, reply) in enumerate(zip(labels, replies, strict=True)):
            found = None if label == NO_LABEL else label_probabilities(reply.tokens, self._names, label)
            if found is not None:
                probabilities[row] = found
        return Answers(
            prediction=Prediction(
                Categories(np.array(labels, dtype=np.int32)),
                probabilities=None if np.isnan(probabilities).all() else probabilities,
                row_seconds=np.array([reply.seconds for reply in replies], dtype=np.float64),
            ),
            replies=tuple(replies),
            usage=reduce(add, map(_usage, replies), beside),
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
    return tuple(shot.text for shot in shots)
