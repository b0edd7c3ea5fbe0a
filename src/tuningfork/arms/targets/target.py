"""The contract of a target: what gold answers of a kind are to a learner, and what its scores are as answers.

A new kind of answer has one module here with a module-level `TARGET`, or an entry point in the group
`tuningfork.arms.targets` of another package. Families that are trained ask for the target of their task's kind, and
cannot do a kind that has none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.results import Prediction
from tuningfork.arms.targets.inner_choice import InnerChoice, Learner, Scorer, Scores, WarmLearner
from tuningfork.foundation.registry import Registry
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.rows import Gold
from tuningfork.task.units import Units


class ReadScores(Protocol):
    """How the scores of one fitted learner become answers."""

    def prediction(self, scores: Scores) -> Prediction:
        """An answer a row, with its probabilities."""

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """What a reader may want to see of it."""

    def as_plain(self) -> Mapping[str, Any]:
        """Numbers, strings and lists that `Target.read_again` makes the same of."""


class Target(ABC):
    """Gold answers of one kind as learners take them.

    Attributes:
        kind: of the answers, as in `tuningfork.answers`.
    """

    kind: ClassVar[str]

    @abstractmethod
    def dense(self, vectors: Vectors, gold: Gold) -> WarmLearner:
        """A learner on dense vectors, shape (n, dimensions)."""

    @abstractmethod
    def sparse(self, rows: Any, gold: Gold) -> Learner:
        """A learner on a sparse matrix, shape (n, features)."""

    @abstractmethod
    def choose(
        self,
        inputs: Any,
        gold: Gold,
        units: Units,
        learn: Callable[[Any, Gold], Learner],
        strengths: Sequence[float],
        *,
        fixed: InnerChoice,
    ) -> InnerChoice:
        """How strongly to fit, and what scores are worth, chosen on the trial's own rows and nothing else."""

    @abstractmethod
    def read(
        self, classes: NDArray[np.int32], gold: Gold, scale: float, n_answers: int, *, evenly: bool = True
    ) -> ReadScores:
        """How the scores of a learner of these rows are read.

        Args:
            classes: what it scores, ascending.
            gold: the answers that it was fitted to.
            scale: factor that makes its scores honest log-odds.
            n_answers: how many answers there can be.
            evenly: whether rare answers are given a chance where the rows are uneven.
        """

    @abstractmethod
    def scorer(self, arrays: Mapping[str, NDArray[Any]]) -> Scorer:
        """What `as_arrays` of a fitted learner, dense or sparse, was made of.

        Raises:
            ValueError: it was made of something else.
        """

    @abstractmethod
    def read_again(self, plain: Mapping[str, Any]) -> ReadScores:
        """What `ReadScores.as_plain` was made of.

        Raises:
            ValueError: it was made of something else.
        """


TARGETS: Registry[Target] = Registry(
    kind="target",
    package="tuningfork.arms.targets",
    attribute="TARGET",
    helpers=frozenset({"target", "inner_choice", "logistic", "lbfgs", "scorer"}),
)
