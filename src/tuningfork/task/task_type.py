"""The contract of a task type, and the registry of types.

A new type is one new module of `tuningfork.task.types` with a module-level `TYPE`, and its test; or an entry point in
the group `tuningfork.task.types` of another package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import UnknownName
from tuningfork.foundation.registry import Registry
from tuningfork.task.inputs import TEXT

LabelCounts = NDArray[np.int64]
"""Shape (labels,): how many pool rows have each label."""

USUAL_LABELS = ("label", "category", "intent", "class", "target", "sentiment", "emotion", "topic")
FURTHER_LABELS = (
    *("labels", "label_text", "label_name", "category_name", "annotation", "completion", "output", "targets"),
    *("cats", "choice", "choices", "accept"),
)
"""Names that are taken only where no column has one of those above."""

_MOST_LABELS_FOR_MACRO_F1 = 20
_RARE_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class FieldType:
    """One named field of a row.

    Attributes:
        name: as users, forms and arms call it.
        says: what it is, in words for messages: 'the first text'.
        is_list: a list of texts a row, and not one text.
        is_optional: rows of the type may do without it.
        known_columns: of an optional field: names of columns that are plainly it, besides its own.
    """

    name: str
    says: str
    is_list: bool = False
    is_optional: bool = False
    known_columns: tuple[str, ...] = ()


ONE_TEXT = (FieldType(TEXT, "the text"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWords:
    """One way to put rows of a type to a language model.

    In both texts {captions[FIELD]} is what a reader would call a field: 'Premise'.

    Attributes:
        style: in a word or two.
        instruction: what all rows share; {labels} is replaced by the list of labels.
        row: how a row stands in its turn; {FIELD} is replaced by its text, a list field by its lines. A line that shows
            an optional field is left out of a row without it.
        as_system: the instruction is a system message; else it opens the first user turn, as models without a system
            role need it.
    """

    style: str
    instruction: str
    row: str
    as_system: bool


@dataclass(frozen=True, slots=True)
class TaskType:
    """What rows of a task ask, and what kind of answer: data, and no more.

    Attributes:
        name: as in the registry and in task.yaml.
        kind: of one answer ('category'), a module of `tuningfork.answers`. It is also the folder of
            `tuningfork.metrics` whose modules score such answers: this room reads their names, and never a metric.
        default_metric: which of them decides when the user names none, from the pool's label counts.
        fields: of a row, in the order in which it is read.
        known_columns: names of columns that are plainly the required fields, in their order, where a file has them all.
            'a.b' is nested in a column, 'option*' are the columns option1, option2 … (or from 0, or from a) together.
        known_answers: names of columns that plainly hold the answer; those of the second group only where a file has
            none of the first.
        metrics_beside: the metrics that say something of this type; all of the kind where it is None.
        answers_among: what an answer is one of: the labels of the task; the options of the row itself, which stand
            in the list field; or anything that its kind reads from a cell (`Column.from_cells`).
        prompts: ways to put its rows to a language model, up to three; the first is used wherever nothing may be
            chosen. Without any the type is not for prompts.
    """

    name: str
    kind: str
    default_metric: Callable[[LabelCounts], str]
    fields: tuple[FieldType, ...] = ONE_TEXT
    known_columns: tuple[tuple[str, ...], ...] = ()
    known_answers: tuple[tuple[str, ...], tuple[str, ...]] = (USUAL_LABELS, FURTHER_LABELS)
    metrics_beside: tuple[str, ...] | None = None
    answers_among: Literal["labels", "options", "anything"] = "labels"
    prompts: tuple[PromptWords, ...] = ()

    @property
    def has_one_text(self) -> bool:
        """Whether rows are one text, and no more."""
        return self.fields == ONE_TEXT

    @property
    def required(self) -> tuple[FieldType, ...]:
        """The fields that no row can do without."""
        return tuple(field for field in self.fields if not field.is_optional)

    @property
    def may_be_symmetric(self) -> bool:
        """Whether the texts of a row may change places: two texts, and no more."""
        return len(self.fields) == 2 and not any(field.is_list or field.is_optional for field in self.fields)

    @property
    def options(self) -> FieldType | None:
        """The field that holds what an answer is one of; None where that are the labels of the task."""
        return next((field for field in self.fields if field.is_list and self.answers_among == "options"), None)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that score this type."""
        folder = f"tuningfork.metrics.{self.kind}"
        known = Registry[object](kind="metric", package=folder, attribute="METRIC").names()
        return tuple(name for name in known if self.metrics_beside is None or name in self.metrics_beside)

    def field(self, name: str) -> FieldType:
        """The field that a user means.

        Raises:
            UnknownName: the type has none of that name.
        """
        found = next((field for field in self.fields if field.name == name), None)
        if found is None:
            raise UnknownName(f"field of {self.name}", name, known=[field.name for field in self.fields])
        return found

    def metric_named(self, name: str) -> str:
        """The metric that a user means; case and hyphens do not matter.

        Raises:
            UnknownName: no metric of this type is called so.
        """
        plain = name.strip().lower().replace("-", "_")
        if plain not in self.metrics:
            raise UnknownName(f"metric for {self.name}", name, known=self.metrics)
        return plain


def accuracy_or_macro_f1(counts: LabelCounts) -> str:
    """Accuracy; macro-F1 where few labels are so uneven that accuracy would hide the rarest.

    Labels that the pool has not are left out: what only the evaluation rows know must not choose the metric.
    """
    present = counts[counts > 0]
    if not 2 <= len(present) <= _MOST_LABELS_FOR_MACRO_F1:
        return "accuracy"
    even_share = present.sum() / len(present)
    return "macro_f1" if present.min() < _RARE_SHARE * even_share else "accuracy"


TASK_TYPES: Registry[TaskType] = Registry(kind="task type", package="tuningfork.task.types", attribute="TYPE")
"""Task types: one module each, with a module-level `TYPE`."""
