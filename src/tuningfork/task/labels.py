"""The labels of a classification task: their values in the file, and how people and LLMs read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """One label.

    Attributes:
        value: as it stands in the file; what predictions are written as.
        name: as an LLM and a reader see it; equals `value` unless `--label-names` says otherwise.
        description: one sentence for the prompt, if somebody wrote one.
    """

    value: str
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """All labels of the task in a fixed order; a prediction is an index into it, and -1 is no label."""

    labels: tuple[Label, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(label.value for label in self.labels)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)
