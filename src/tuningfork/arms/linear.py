"""`linear`: TF-IDF of words and character n-grams, and a linear support vector machine. The baseline of every study.

Squared-hinge one-vs-rest machines (LIBLINEAR's dual solver) score as well as logistic regression on these features
at a tenth of its time; held-out scores give the softmax its scale, so that probabilities mean something. The labels'
names are counted too, each as one more row of its label.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms._inner_choice import Choice, Scores, choose_strength, fits_needed, softmax
from tuningfork.arms._label_names import NamedLabels, learns_names, names_in_details
from tuningfork.arms._local import evened, evening, evening_in_words, seeds_of_a_cheap_arm, spread, timed_one_by_one
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.records import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Gold, Pool, for_choosing
from tuningfork.task.schema import Note

_STRENGTHS = (0.3, 1.0, 3.0, 10.0)
# With this many rows the strengths score within half a point of each other, and each costs seconds: the inner split
# is kept for the scale.
_ENOUGH_ROWS, _STRENGTHS_FOR_ENOUGH = 2000, (1.0,)
_FIXED = Choice(strength=1.0, scale=1.2, basis="fixed below 50 labels")
_MANY_ROWS = 1000
# Runs of signs count as words: '!!!' and emoji carry meaning, and a text may have nothing else.
_WORDS = r"\w+|[^\w\s]+"


class LinearFamily(Family):
    """`linear[?names=yes|no]`, without a model; `names=no` keeps the labels' names out of it."""

    name: ClassVar[str] = "linear"
    side: ClassVar[Side] = "fine-tuned"
    recipe_version: ClassVar[int] = 2

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("names")
        learns_names(spec)
        if spec.model or spec.url:
            raise InputError(f"{spec.text!r}: linear takes no model", remedy="Write linear.")

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The names that are learned from."""
        return (NamedLabels.wanted_by(spec, setting.labels).texts,)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return trained_schedule(spec.text, setting, seeds_at=seeds_of_a_cheap_arm, redraws=False)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        rows, labels = plan.n_labels or 0, len(setting.labels)
        features = 2.5e-6 * setting.mean_characters
        one_fit = 0.003 + rows * labels * 5e-6 * (1 + setting.mean_characters / 60)
        return Estimate(
            fit_seconds=0.02 + rows * features + one_fit * fits_needed(rows, len(_strengths(rows))),
            row_seconds=features,
        )

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        named = NamedLabels.wanted_by(spec, setting.labels)
        features = _Features(len(sample))
        everything = features.learn([*sample.texts, *named.texts])
        inputs, names = everything[: len(sample)], everything[len(sample) :]

        def learn(some: Any, gold: Gold) -> _Machines:
            """Of these rows and of all names: no name is held out, for none will be asked for."""
            from scipy.sparse import vstack

            return _Machines(vstack([some, names], format="csr"), np.concatenate([gold, named.gold]))

        fixed = fixed_recipe(named)
        choice = choose_strength(inputs, sample.gold, sample.units, learn, _strengths(len(sample)), fixed=fixed)
        machines = learn(inputs, sample.gold)
        machines.fit(choice.strength)
        factors = evening(sample.gold, machines.classes)
        return _FittedLinear(features, machines, choice, factors, len(setting.labels), named)


def fixed_recipe(named: NamedLabels) -> Choice:
    """The recipe where nothing is chosen.

    With every label's name among few rows, margins are the flatter the more labels there are: the scales that calibrate
    were .5 for 2 labels, 1.5 for 4 and 8 for 77.
    """
    if not named.texts or named.among < 2:
        return _FIXED
    return replace(_FIXED, scale=0.5 * float(np.log2(named.among)) ** 1.5)


def _strengths(rows: int) -> tuple[float, ...]:
    return _STRENGTHS if rows <= _ENOUGH_ROWS else _STRENGTHS_FOR_ENOUGH


class _Features:
    """Words and pairs of words beside 2- to 4-grams of characters, each half of unit length; all of the sample."""

    def __init__(self, rows: int) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        # A character n-gram of a single row among many says nothing of any other row, and there are many of them.
        rarest = 2 if rows >= _MANY_ROWS else 1
        self._halves = (
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORDS, dtype=np.float32),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=rarest, dtype=np.float32),
        )

    def learn(self, texts: Sequence[str]) -> Any:
        """Take vocabulary and document frequencies from the sample; its sparse matrix, shape (n, features)."""
        from scipy.sparse import hstack

        return hstack([half.fit_transform(texts) for half in self._halves], format="csr")

    def of(self, texts: Sequence[str]) -> Any:
        """The sparse matrix of other rows in the same features."""
        from scipy.sparse import hstack

        return hstack([half.transform(texts) for half in self._halves], format="csr")


class _Machines:
    """One machine a label (one in all for two labels)."""

    def __init__(self, inputs: Any, gold: Gold) -> None:
        self._inputs, self._gold = inputs, gold
        self.classes = np.unique(gold).astype(np.int32)
        self._model: Any = None

    def fit(self, strength: float) -> None:
        from sklearn.svm import LinearSVC

        if len(self.classes) == 1:
            return
        with warnings.catch_warnings():
            # Many labels and few rows are no mistake here.
            warnings.filterwarnings("ignore", message="The number of unique classes", category=UserWarning)
            self._model = LinearSVC(C=strength, dual=True, random_state=0).fit(self._inputs, self._gold)

    def scores(self, inputs: Any) -> Scores:
        if self._model is None:
            return np.zeros((inputs.shape[0], len(self.classes)), np.float32)
        margins: Scores = self._model.decision_function(inputs).astype(np.float32)
        return margins if margins.ndim == 2 else np.outer(margins, np.array([-0.5, 0.5], np.float32))


class _FittedLinear:
    """Features, machines and the scale of their scores."""

    model = "tf-idf + linear svm"
    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(
        self,
        features: _Features,
        machines: _Machines,
        choice: Choice,
        factors: NDArray[np.float32] | None,
        n_labels: int,
        named: NamedLabels,
    ) -> None:
        self._features, self._machines, self._choice, self._factors = features, machines, choice, factors
        self._n_labels, self._named = n_labels, named

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return (
            ("C", f"{self._choice.strength:g}"),
            ("chosen on", self._choice.basis),
            names_in_details(self._named),
            ("rare labels", evening_in_words(self._factors)),
        )

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        # scikit-learn refuses matrices without rows.
        features = self._features.of(rows.texts or ("",))
        scores = self._machines.scores(features)[: len(rows)]
        if progress is not None:
            progress(len(rows), len(rows))
        probabilities = evened(softmax(scores, self._choice.scale), self._factors)
        return spread(probabilities, self._machines.classes, self._n_labels), Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        return timed_one_by_one(self.predict, rows)


FAMILY = LinearFamily()
