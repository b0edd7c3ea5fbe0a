"""The labels' own names as rows to learn from: a task says what they are before anybody has labelled a row.

An LLM is shown these names; a trained arm may know them too. A name is one more example of its label, so that a label
without any row in a sample can be answered all the same: with 77 labels and 64 rows that is every second one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

import numpy as np

from tuningfork.arms.spec import ArmSpec
from tuningfork.task.label_names import is_code
from tuningfork.task.labels import LabelSpace
from tuningfork.task.rows import Gold

_JOINS = re.compile(r"[_\-./]+|(?<=[a-z])(?=[A-Z])")
"""What stands between the words of a name: 'card_arrival', 'cardArrival'."""

_SCALE_A_DOUBLING = 0.29


@dataclass(frozen=True, slots=True, eq=False)
class NamedLabels:
    """Labels that have a name to learn from.

    Attributes:
        texts: the names, in words.
        gold: the label of each, shape (len(texts),).
        among: labels of the task, those without such a name included.
    """

    texts: tuple[str, ...]
    gold: Gold
    among: int

    def after(self, gold: Gold) -> Gold:
        """Right answers of rows, and then those of the names; of answers that have no names they are left as they
        are, whatever their kind."""
        return np.concatenate([gold, self.gold]) if self.texts else gold

    @classmethod
    def of(cls, labels: LabelSpace) -> Self:
        """The names that say something: 'B-17' and '0' do not."""
        named = [(in_words(label.name), place) for place, label in enumerate(labels.labels) if not is_code(label.name)]
        return cls(tuple(text for text, _ in named), np.array([place for _, place in named], np.int32), len(labels))

    @classmethod
    def wanted_by(cls, spec: ArmSpec, labels: LabelSpace) -> Self:
        """The same, or none where the spec says `names=no`."""
        return cls.of(labels) if learns_names(spec) else cls((), np.zeros(0, np.int32), len(labels))


def head_scale(named: NamedLabels) -> float | None:
    """Factor that makes the scores of a logistic head honest where nothing is chosen; None where no name is learned.

    With every label's name among few rows, scores are the flatter the more labels there are: the scales that calibrate
    were .3 to .45 for 2 and 3 labels, .7 for 4 and 1.9 for 77.
    """
    return _SCALE_A_DOUBLING * float(np.log2(named.among)) if named.texts and named.among > 1 else None


def names_in_details(named: NamedLabels) -> tuple[str, str]:
    """For the details of an arm."""
    return ("names of labels learned", str(len(named.texts)))


def learns_names(spec: ArmSpec) -> bool:
    """The option `names=yes|no` of a spec; yes unless it says otherwise.

    Raises:
        UnknownName: another word.
    """
    return spec.choice("names", "yes", among=("yes", "no")) == "yes"


def in_words(name: str) -> str:
    """A name as somebody would say it: 'card_arrival' is 'card arrival'."""
    return _JOINS.sub(" ", name).strip() or name
