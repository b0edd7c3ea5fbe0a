"""One category a row: what linear learners and heads are taught, and their scores as probabilities of categories."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms.results import Prediction
from tuningfork.arms.targets.inner_choice import InnerChoice, Learner, Scores, choose_strength, softmax
from tuningfork.arms.targets.logistic import LogisticLearner
from tuningfork.arms.targets.scorer import LinearScorer
from tuningfork.arms.targets.target import ReadScores, Target
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.rows import Gold
from tuningfork.task.units import Units

_MOST_TO_EVEN = 20
_UNEVEN = 3
"""A label is rare when it has less than this part of its even share: where a study scores macro-F1."""
_FEWEST_TO_EVEN = 3
"""Rows below which nothing is known of a label that could be evened: every text may look like its one row."""
_LARGEST_SHARE = 20
"""No label counts for so many times rarer than the commonest one; beyond that nothing was measured."""


class CategoryTarget(Target):
    """Logistic regression on vectors, support vector machines on words; softmax of their scaled scores."""

    kind: ClassVar[str] = Categories.kind

    def dense(self, vectors: Vectors, gold: Gold) -> LogisticLearner:
        return LogisticLearner(vectors, gold)

    def sparse(self, rows: Any, gold: Gold) -> SupportVectorMachines:
        return SupportVectorMachines(rows, gold)

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
        """The strength, and the scale, with the lowest log loss on held-out rows."""
        return choose_strength(inputs, gold, units, learn, strengths, fixed=fixed)

    def read(
        self, classes: NDArray[np.int32], gold: Gold, scale: float, n_answers: int, *, evenly: bool = True
    ) -> CategoryScores:
        factors = evening(gold, classes) if evenly else None
        return CategoryScores(classes, scale, factors, n_answers)

    def scorer(self, arrays: Mapping[str, NDArray[Any]]) -> LinearScorer:
        return LinearScorer.from_arrays(arrays)

    def read_again(self, plain: Mapping[str, Any]) -> ReadScores:
        try:
            factors = plain["factors"]
            return CategoryScores(
                np.array(plain["classes"], np.int32),
                float(plain["scale"]),
                None if factors is None else np.array(factors, np.float32),
                int(plain["n_labels"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"no scores of categories: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class CategoryScores:
    """How scores become categories.

    Attributes:
        classes: the categories that are scored, ascending, shape (k,).
        scale: factor on the scores before the softmax.
        factors: on the probabilities, shape (k,); None for none.
        n_labels: categories there are; those that are not scored have probability 0.
    """

    classes: NDArray[np.int32]
    scale: float
    factors: NDArray[np.float32] | None
    n_labels: int

    def prediction(self, scores: Scores) -> Prediction:
        return over_all_labels(evened(softmax(scores, self.scale), self.factors), self.classes, self.n_labels)

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return (("rare labels", evening_in_words(self.factors)),)

    def as_plain(self) -> dict[str, Any]:
        factors = None if self.factors is None else self.factors.tolist()
        return {
            "classes": self.classes.tolist(),
            "scale": self.scale,
            "factors": factors,
            "n_labels": self.n_labels,
        }


class SupportVectorMachines:
    """Squared-hinge machines (LIBLINEAR's dual solver), one a label (one in all for two labels)."""

    def __init__(self, inputs: Any, gold: Gold) -> None:
        self._inputs, self._gold = inputs, gold
        self.classes = np.unique(gold).astype(np.int32)
        self._scorer = LinearScorer(self.classes, np.zeros((inputs.shape[1], 1), np.float32), np.zeros(1, np.float32))

    def fit(self, strength: float) -> None:
        from sklearn.svm import LinearSVC

        if len(self.classes) == 1:
            return
        with warnings.catch_warnings():
            # Many labels and few rows are no mistake here.
            warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
            found = LinearSVC(C=strength, dual=True, random_state=0).fit(self._inputs, self._gold)
        self._scorer = LinearScorer(self.classes, found.coef_.T, found.intercept_)

    def scores(self, inputs: Any) -> Scores:
        return self._scorer.scores(inputs)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        return self._scorer.as_arrays()


def evening(gold: Gold, classes: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """Factors on the classes' probabilities that give rare labels a chance, shape (len(classes),).

    None where no label is rare among these rows, one has fewer than three of them, or labels are more than 20.

    One over the root of a label's share: whole inverse shares make a handful of rows decide (logit adjustment: Menon et
    al., arXiv 2007.07314).

    Args:
        gold: labels of the sample, shape (n,).
        classes: those that can be answered, ascending.
    """
    counts = np.bincount(gold, minlength=int(classes[-1]) + 1)[classes]
    if len(counts) > _MOST_TO_EVEN or counts.min() < _FEWEST_TO_EVEN:
        return None
    if counts.min() * len(counts) * _UNEVEN >= counts.sum():
        return None
    factors: NDArray[np.float32] = (1 / np.sqrt(np.maximum(counts, counts.max() / _LARGEST_SHARE))).astype(np.float32)
    return factors


def evened(probabilities: NDArray[np.float32], factors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Probabilities times the classes' factors, rows summing to 1 again."""
    if factors is None:
        return probabilities
    weighted = probabilities * factors
    evened: NDArray[np.float32] = weighted / weighted.sum(axis=1, keepdims=True)
    return evened


def evening_in_words(factors: NDArray[np.float32] | None) -> str:
    """For the details of an arm."""
    return "as they are" if factors is None else "evened by the root of their share"


def over_all_labels(probabilities: NDArray[np.float32], classes: NDArray[np.int32], n_labels: int) -> Prediction:
    """Answers over the label space; labels outside `classes` (absent from the sample) have probability 0.

    Args:
        probabilities: shape (n, len(classes)), rows summing to 1.
        classes: ascending indices into the label space.
    """
    if len(classes) == n_labels:
        full = probabilities
    else:
        full = np.zeros((len(probabilities), n_labels), np.float32)
        full[:, classes] = probabilities
    return Prediction(Categories(classes[probabilities.argmax(axis=1)].astype(np.int32)), full)


TARGET = CategoryTarget()
