"""The wordings of the prompt: how the task, its labels, the examples and the row are put to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from string import Formatter

from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.neutral import as_data
from tuningfork.arms.prompt.rows import PromptRow
from tuningfork.arms.prompt.shots import Shot
from tuningfork.models.llm.chat import Message
from tuningfork.task.task_type import TaskType

WORDINGS_A_TYPE = 3
"""Numbers of wordings that an arm may be asked for."""

_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way to put the question; examples are turns of the chat.

    Attributes:
        number: 1, 2, 3, …: how users and reports name it.
        style, instruction, row, as_system: see `task.task_type.PromptWords`.
    """

    number: int
    style: str
    instruction: str
    row: str
    as_system: bool

    @property
    def name(self) -> str:
        """As shown in reports."""
        return f"wording {self.number} ({self.style})"

    def messages(self, form: AnswerForm, shots: Sequence[Shot], row: PromptRow) -> tuple[Message, ...]:
        """The prompt for one row: what rows share first, the row last."""
        return self._messages(form, shots, self._turn(form, row))

    def opening(self, form: AnswerForm, shots: Sequence[Shot]) -> tuple[Message, ...]:
        """The prompt as far as every row has it: its last message ends where the row's first text begins."""
        line, of_row = _lines(self.row)[0]
        may_lack = {field.name for field in form.task.type.fields if field.is_optional}
        start = "" if may_lack & set(of_row) else _before(line, of_row).format(captions=form.captions)
        return self._messages(form, shots, start)

    def _messages(self, form: AnswerForm, shots: Sequence[Shot], last: str) -> tuple[Message, ...]:
        task = form.task
        instruction = self.instruction.format(labels=form.listing(), captions=form.captions)
        if task.description:
            instruction = f"{as_data(task.description)}\n\n{instruction}"
        turns: list[Message] = []
        for shot in shots:
            turns.append(Message("user", self._example(form, shot.row)))
            turns.append(Message("assistant", shot.answer))
        turns.append(Message("user", last))
        if self.as_system:
            return (Message("system", instruction), *turns)
        return (Message("user", f"{instruction}\n\n{turns[0].content}"), *turns[1:])

    def _example(self, form: AnswerForm, row: PromptRow) -> str:
        key, kept = (self.row, row), form.examples
        if key not in kept:
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[key] = self._turn(form, row)
        return kept[key]

    def _turn(self, form: AnswerForm, row: PromptRow) -> str:
        shown = {name: as_data(text) for name, text in row.texts} | dict(form.lists(row))
        kept = "\n".join(line for line, of_row in _lines(self.row) if of_row <= shown.keys())
        return kept.format(**shown, captions=form.captions)


def wordings_of(type_: TaskType) -> tuple[Wording, ...]:
    """The wordings of a type; the first is used wherever nothing may be chosen."""
    return tuple(Wording(number=at, **asdict(words)) for at, words in enumerate(type_.prompts, start=1))


@lru_cache
def _lines(template: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The lines of a template, each with the fields of the row that it shows."""
    return tuple((line, frozenset(_fields(line))) for line in template.split("\n"))


def _fields(line: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(line) if name and not name.startswith("captions[")]


def _before(line: str, of_row: frozenset[str]) -> str:
    """A line up to the first text of the row in it."""
    places = (line.find(f"{{{name}}}") for name in of_row)
    return line[: min((place for place in places if place >= 0), default=len(line))]
