"""One category a row: a label of the task by its name, or one of the row's own options by its letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.forms.option_answers import OptionParser
from tuningfork.arms.prompt.forms.parsing import LabelParser
from tuningfork.arms.prompt.forms.probabilities import label_probabilities
from tuningfork.arms.prompt.neutral import as_data
from tuningfork.arms.prompt.rows import PromptRow, PromptTask
from tuningfork.arms.results import NO_LABEL, Prediction
from tuningfork.models.llm.chat import Choices, Reply
from tuningfork.task.right_options import LETTERS
from tuningfork.task.rows import Gold

_ROOM_FOR_A_SENTENCE = 32
_BARE = r"\s*(?:```[\w+-]*\s*)?(?:\{{\s*\"[^\"]*\"\s*:\s*)?[\s\"'`*_(\[]*{letter}(?!\w)"
"""An answer that begins with its letter."""


class LabelForm(AnswerForm):
    """Labels of the task, by their names."""

    called = "label"

    def __init__(self, task: PromptTask) -> None:
        super().__init__(task)
        self.names = task.labels.names
        self.answer_tokens = _ROOM_FOR_A_SENTENCE + max(len(name.encode()) for name in self.names) // 2
        self._parser = LabelParser(self.names)
        self._choices = Choices(task.labels.names)
        self._listing = "\n".join(
            f"- {label.name}: {label.description}" if label.description else f"- {label.name}"
            for label in task.labels.labels
        )

    def listing(self) -> str:
        """A line a label, with its description."""
        return self._listing

    def lists(self, row: PromptRow) -> Mapping[str, str]:
        return {}

    def written(self, gold: Gold, row: int) -> str:
        return self.names[int(gold[row])]

    def held_to(self, row: PromptRow) -> Choices:
        return self._choices

    def reads(self, row: PromptRow) -> Callable[[str], bool]:
        return self._parser.reads

    def read(self, replies: Sequence[Reply], rows: Sequence[PromptRow]) -> Prediction:
        """Labels; probabilities from the candidates that a server names."""
        labels = [self._parser.parse(reply.text) for reply in replies]
        probabilities = _unknown(len(replies), len(self.names))
        for row, (label, reply) in enumerate(zip(labels, replies, strict=True)):
            found = None if label == NO_LABEL else label_probabilities(reply.tokens, self.names, label)
            if found is not None:
                probabilities[row] = found
        return _prediction(labels, probabilities, replies)


class OptionForm(AnswerForm):
    """Options of each row's own, a lettered line each."""

    called = "letter"

    def __init__(self, task: PromptTask) -> None:
        super().__init__(task)
        self.names = tuple(LETTERS[: len(task.labels)])
        self.answer_tokens = _ROOM_FOR_A_SENTENCE
        self._parser_of = lru_cache(maxsize=1024)(OptionParser)
        self._choices = {size: Choices(tuple(LETTERS[:size])) for size in range(1, len(LETTERS) + 1)}

    def listing(self) -> str:
        """Nothing: every row has options of its own."""
        return ""

    def lists(self, row: PromptRow) -> Mapping[str, str]:
        """'A. the first', and so on."""
        options = self.task.type.options
        if options is None:
            return {}
        lines = (f"{letter}. {text}" for letter, text in zip(LETTERS, _shown(row), strict=False))
        return {options.name: "\n".join(lines)}

    def written(self, gold: Gold, row: int) -> str:
        """The letter of the option, its row's options as the file has them."""
        return LETTERS[int(gold[row])]

    def held_to(self, row: PromptRow) -> Choices:
        """The row's own letters."""
        return self._choices[len(row.options)]

    def reads(self, row: PromptRow) -> Callable[[str], bool]:
        return lambda text: self._place(text, row) != NO_LABEL

    def read(self, replies: Sequence[Reply], rows: Sequence[PromptRow]) -> Prediction:
        """Options by their places in the file; probabilities over the row's own, 0 beyond them."""
        labels: list[int] = []
        probabilities = _unknown(len(replies), len(self.names))
        for i, (reply, row) in enumerate(zip(replies, rows, strict=True)):
            place = self._place(reply.text, row)
            labels.append(NO_LABEL if place == NO_LABEL else row.order[place])
            found = None if place == NO_LABEL else _option_probabilities(reply, len(row.options), place)
            if found is not None:
                probabilities[i] = 0.0
                probabilities[i, list(row.order)] = found
        return _prediction(labels, probabilities, replies)

    def _place(self, text: str, row: PromptRow) -> int:
        """Which of the options shown an answer gives, or NO_LABEL."""
        bare = text.strip()
        if len(bare) == 1 and bare in LETTERS[: len(row.options)]:
            return LETTERS.index(bare)
        return self._parser_of(_shown(row)).parse(text)


def _shown(row: PromptRow) -> tuple[str, ...]:
    """The options as a model sees them, each on one line."""
    return tuple(as_data(" ".join(option.split())) for option in row.options)


def _option_probabilities(reply: Reply, options: int, place: int) -> NDArray[np.float64] | None:
    """Shape (options,), in the order shown; None where the answer does not begin with its letter, for then the letter's
    tokens are those of some word."""
    if not re.match(_BARE.format(letter=LETTERS[place]), reply.text):
        return None
    return label_probabilities(reply.tokens, LETTERS[:options], place)


def _unknown(rows: int, answers: int) -> NDArray[np.float32]:
    return np.full((rows, answers), np.nan, dtype=np.float32)


def _prediction(labels: Sequence[int], probabilities: NDArray[np.float32], replies: Sequence[Reply]) -> Prediction:
    return Prediction(
        Categories(np.array(labels, dtype=np.int32)),
        probabilities=None if np.isnan(probabilities).all() else probabilities,
        row_seconds=np.array([reply.seconds for reply in replies], dtype=np.float64),
    )


def form_of(task: PromptTask) -> AnswerForm:
    """By what the task's answers are one of."""
    return LabelForm(task) if task.type.options is None else OptionForm(task)


FORM = form_of
