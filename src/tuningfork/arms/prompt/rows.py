"""What prompts are made of: the task in words, and its rows field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from tuningfork.arms.prompt.neutral import as_data
from tuningfork.task.inputs import TEXT, Inputs
from tuningfork.task.labels import LabelSpace
from tuningfork.task.task_type import TASK_TYPES, TaskType

_ELLIPSIS = " … "


@dataclass(frozen=True, slots=True)
class PromptTask:
    """What a prompt has to say of the task.

    Attributes:
        labels: the label space as `neutral.labels_as_data` gives it; a model sees names and descriptions.
        description: one sentence on what is to be decided, if somebody wrote one.
        type: which fields a row has, and what an answer is one of.
        named: field -> what a reader of the row would call it, where the file says so.
    """

    labels: LabelSpace
    description: str | None = None
    type: TaskType = field(default_factory=lambda: TASK_TYPES.get("classification"))
    named: Mapping[str, str] = field(default_factory=dict)

    @property
    def captions(self) -> dict[str, str]:
        """Field -> what a prompt calls it: 'Premise', or 'Text A' where text_a is called nothing else."""
        own = {of.name: _in_words(of.name) for of in self.type.fields}
        called = {name: as_data(self.named.get(name) or words) for name, words in own.items()}
        return {name: own[name] if said.casefold() == own[name].casefold() else said for name, said in called.items()}


@dataclass(frozen=True, slots=True)
class PromptRow:
    """One row as a prompt shows it.

    Attributes:
        texts: field -> text, in the type's order, for fields that the row has; a text loses its middle where the prompt
            would be too long.
        options: what the answer is one of, in the order in which it is shown; never cut. Empty where the answer is one
            of the task's labels.
        order: of each option shown its place in the row as the file has it.
        joined: one text that tells the row from others, whatever was cut of it and however its options stand.
    """

    texts: tuple[tuple[str, str], ...]
    options: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    joined: str = ""

    @classmethod
    def of_text(cls, text: str) -> Self:
        """A row that is one text."""
        return cls(((TEXT, text),), joined=text)

    @property
    def longest(self) -> int:
        """Characters of its longest text."""
        return max((len(text) for _, text in self.texts), default=0)

    def without_middles(self, characters: int) -> Self:
        """The same with no text longer than so many characters, a mark beside them where something is missing."""
        return self._each(lambda text: text if len(text) <= characters else without_middle(text, characters))

    def beginning(self, characters: int | None) -> Self:
        """The same, its texts together no longer than so many characters."""
        most = None if characters is None else characters // max(1, len(self.texts))
        return self._each(lambda text: text[:most])

    def reordered(self, places: Sequence[int]) -> Self:
        """The same with its options in another order: first the one that stands at `places[0]` now, and so on."""
        options, order = tuple(self.options[i] for i in places), tuple(self.order[i] for i in places)
        return replace(self, options=options, order=order)

    def _each(self, change: Callable[[str], str]) -> Self:
        return replace(self, texts=tuple((name, change(text)) for name, text in self.texts))


def rows_of(inputs: Inputs, type_: TaskType) -> list[PromptRow]:
    """Rows as prompts show them; an optional field is left out of a row that has none."""
    if type_.has_one_text:
        return [PromptRow.of_text(text) for text in inputs.texts]
    fields, options = inputs.fields, type_.options
    shown = [of for of in type_.fields if not of.is_list and of.name in fields.named]
    columns = [fields.text(of.name) for of in shown]
    texts = zip(*columns, strict=True)
    lists = [()] * len(inputs) if options is None else fields.lists(options.name)
    return [
        PromptRow(
            texts=tuple((of.name, text) for of, text in zip(shown, row, strict=True) if text or not of.is_optional),
            options=own,
            order=tuple(range(len(own))),
            joined=whole,
        )
        for row, own, whole in zip(texts, lists, inputs.texts, strict=True)
    ]


def blank_row(type_: TaskType, text: str = "") -> PromptRow:
    """A row without options whose required texts all say this."""
    return PromptRow(tuple((of.name, text) for of in type_.required if not of.is_list), joined=text)


def without_middle(text: str, characters: int) -> str:
    """The beginning and the end of a text, `characters` in all, with a mark where something is missing."""
    head = (characters + 1) // 2
    return f"{text[:head]}{_ELLIPSIS}{text[len(text) - (characters - head) :]}"


def _in_words(name: str) -> str:
    """'Text A' for 'text_a'."""
    return " ".join(word.capitalize() for word in name.split("_"))
