"""The contract of a form: how answers of one kind are asked for, written and read in prompts.

A new kind is one new module of `tuningfork.arms.prompt.forms` with a module-level `FORM`, and its test; or an entry
point in the group `tuningfork.arms.prompt.forms` of another package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tuningfork.arms.prompt.rows import PromptRow, PromptTask, rows_of
from tuningfork.arms.results import Prediction
from tuningfork.foundation.registry import Registry
from tuningfork.models.llm.chat import HeldTo, Reply
from tuningfork.task.inputs import Inputs


class AnswerForm(ABC):
    """Answers of one kind in the prompts of one task.

    Args:
        task: what its prompts say of it.

    Attributes:
        answer_tokens: room for a visible answer.
        names: what answers are called, for messages on those that are none of them.
        called: the word for such a name.
        captions: field -> what prompts call it.
        examples: turns of examples in words, by template and row: the same few stand in thousands of prompts.
    """

    answer_tokens: int
    names: Sequence[str]
    called: str

    def __init__(self, task: PromptTask) -> None:
        self.task, self.captions = task, task.captions
        self.examples: dict[tuple[str, PromptRow], str] = {}

    def rows(self, inputs: Inputs) -> list[PromptRow]:
        """The rows as prompts show them."""
        return rows_of(inputs, self.task.type)

    @abstractmethod
    def listing(self) -> str:
        """What all answers are one of, to stand in an instruction for {labels}; '' where rows say so themselves."""

    @abstractmethod
    def lists(self, row: PromptRow) -> Mapping[str, str]:
        """A row's list fields as text, by field."""

    @abstractmethod
    def written(self, gold: Any, row: int) -> str:
        """The answer to an example, as the model is to write it.

        Args:
            gold: right answers of n rows, as `Pool.gold` has them: of categories indices, else a column of the kind.
        """

    @abstractmethod
    def held_to(self, row: PromptRow) -> HeldTo | None:
        """What the answer to a row is held to, where the server can hold it."""

    @abstractmethod
    def reads(self, row: PromptRow) -> Callable[[str], bool]:
        """Whether a text is an answer to this row."""

    @abstractmethod
    def read(self, replies: Sequence[Reply], rows: Sequence[PromptRow]) -> Prediction:
        """The answers that replies give, strictly: a constraint may have been ignored, and a guess is no answer.

        Options are told by their places in the row as the file has it, whatever the order they were shown in.
        """


FORMS: Registry[Callable[[PromptTask], AnswerForm]] = Registry(
    kind="form of answers in prompts",
    package="tuningfork.arms.prompt.forms",
    attribute="FORM",
    helpers=frozenset({"form", "json_answers", "option_answers", "parsing", "probabilities"}),
)
"""By kind of answer, what makes its form for a task."""
