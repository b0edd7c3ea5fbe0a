"""Asking a chat model about rows, and reading its replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from tuningfork.arms.prompt.parsing import LabelParser
from tuningfork.arms.prompt.probabilities import label_probabilities
from tuningfork.arms.prompt.shots import Shot, ShotSource
from tuningfork.arms.prompt.window import Window
from tuningfork.arms.prompt.wordings import PromptTask, Wording
from tuningfork.arms.records import NO_LABEL, Prediction, Usage
from tuningfork.models.llm.addresses import asks_here
from tuningfork.models.llm.chat import ChatModel, Question, Reply

_ROOM_FOR_A_SENTENCE = 32


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model said about rows.

    Attributes:
        prediction: labels, probabilities where there are any, and seconds, row by row.
        texts: the answers as they came.
        usage: what they took.
    """

    prediction: Prediction
    texts: tuple[str, ...]
    usage: Usage


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
        self._reserved = self.window.reserve(longest)

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
            BudgetExceeded, ProviderError: see `ChatModel.answer`.
        """
        shots = [
            self._fitting(wording, source, given, text)
            for given, text in zip(source.for_texts(texts), texts, strict=True)
        ]
        questions = [self._question(wording, source, *pair, repeat) for pair in zip(shots, texts, strict=True)]
        order = range(len(texts)) if source.shared else sorted(range(len(texts)), key=lambda i: _opening(shots[i]))
        replies = self._chat.answer([questions[i] for i in order], progress=progress)
        in_order: list[Reply] = [
            reply for _, reply in sorted(zip(order, replies, strict=True), key=lambda pair: pair[0])
        ]
        return self._read(in_order)

    def prompt(self, wording: Wording, source: ShotSource, text: str) -> str:
        """The whole prompt for a text, for people to read."""
        question = self.question(wording, source, text)
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in question.messages)

    def question(self, wording: Wording, source: ShotSource, text: str) -> Question:
        """What is asked about one text."""
        shots = self._fitting(wording, source, source.for_texts([text])[0], text)
        return self._question(wording, source, shots, text, 0)

    def _fitting(self, wording: Wording, source: ShotSource, shots: tuple[Shot, ...], text: str) -> tuple[Shot, ...]:
        return self.window.fitting(wording, shots, self._reserved if source.shared else text)

    def _question(
        self, wording: Wording, source: ShotSource, shots: tuple[Shot, ...], text: str, repeat: int
    ) -> Question:
        fitted = self.window.cut(wording, shots, text)
        return Question(
            messages=wording.messages(self._task, shots, fitted),
            choices=self._names,
            max_tokens=self._answer_tokens,
            repeat=repeat,
            shared=wording.opening(self._task, shots if source.shared else ()),
        )

    def _read(self, replies: Sequence[Reply]) -> Answers:
        labels = [self._parser.parse(reply.text) for reply in replies]
        probabilities = np.full((len(replies), len(self._names)), np.nan, dtype=np.float32)
        for row, (label, reply) in enumerate(zip(labels, replies, strict=True)):
            found = None if label == NO_LABEL else label_probabilities(reply.tokens, self._names, label)
            if found is not None:
                probabilities[row] = found
        return Answers(
            prediction=Prediction(
                labels=np.array(labels, dtype=np.int32),
                probabilities=None if np.isnan(probabilities).all() else probabilities,
                row_seconds=np.array([reply.seconds for reply in replies], dtype=np.float64),
            ),
            texts=tuple(reply.text for reply in replies),
            usage=reduce(add, map(_usage, replies), NO_TRAFFIC),
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
