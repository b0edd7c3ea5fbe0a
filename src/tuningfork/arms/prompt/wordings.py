"""The wordings of the prompt: how the task, its labels, the examples and the row are put to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tuningfork.arms.prompt.neutral import as_data
from tuningfork.arms.prompt.shots import Shot
from tuningfork.models.llm.chat import Message
from tuningfork.task.labels import Label, LabelSpace


@dataclass(frozen=True, slots=True)
class PromptTask:
    """What a prompt has to say of the task.

    Attributes:
        labels: the label space as `neutral.labels_as_data` gives it; a model sees names and descriptions.
        description: one sentence on what is to be decided, if somebody wrote one.
    """

    labels: LabelSpace
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One way to put the question; examples are turns of the chat.

    Attributes:
        number: 1, 2, 3, …: how users and reports name it.
        style: in a word or two.
        instruction: what all rows share; {labels} is replaced by the list of labels.
        row: how a row stands in its turn; {text} is replaced.
        as_system: the instruction is a system message; else it opens the first user turn, as models without a
            system role need it.
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

    def messages(self, task: PromptTask, shots: Sequence[Shot], text: str) -> tuple[Message, ...]:
        """The prompt for one row: what rows share first, the row last."""
        instruction = self.instruction.format(labels=_listing(task.labels.labels))
        if task.description:
            instruction = f"{as_data(task.description)}\n\n{instruction}"
        turns: list[Message] = []
        for shot in shots:
            turns.append(Message("user", self._turn(shot.text)))
            turns.append(Message("assistant", task.labels.labels[shot.label].name))
        turns.append(Message("user", self._turn(text)))
        if self.as_system:
            return (Message("system", instruction), *turns)
        return (Message("user", f"{instruction}\n\n{turns[0].content}"), *turns[1:])

    def opening(self, task: PromptTask, shots: Sequence[Shot]) -> tuple[Message, ...]:
        """The prompt as far as every row has it: its last message ends where the row's text begins."""
        *before, last = self.messages(task, shots, "")
        after = self.row.partition("{text}")[2]
        return (*before, Message(last.role, last.content.removesuffix(after)))

    def _turn(self, text: str) -> str:
        return self.row.format(text=as_data(text))


WORDINGS = (
    Wording(
        number=1,
        style="classify",
        instruction=("Classify each text. The possible labels are:\n{labels}\nReply with one label and nothing else."),
        row="Text: {text}\nLabel:",
        as_system=False,
    ),
    Wording(
        number=2,
        style="sort",
        instruction=(
            "You sort texts. Read the text and answer with the one label that fits it best.\n\nLabels:\n{labels}\n\n"
            "Answer with the label only, written exactly as above."
        ),
        row="Text: {text}\nLabel:",
        as_system=True,
    ),
    Wording(
        number=3,
        style="annotator",
        instruction=(
            "You are a careful annotator. For every text, choose one of these categories:\n{labels}\n"
            "Reply with the name of the category and nothing else."
        ),
        row='"{text}"\n\nWhich category describes this text?',
        as_system=True,
    ),
)
"""The first is used wherever nothing may be chosen; see decision record 0051 for how it was found."""


def _listing(labels: Sequence[Label]) -> str:
    return "\n".join(
        f"- {label.name}: {label.description}" if label.description else f"- {label.name}" for label in labels
    )
