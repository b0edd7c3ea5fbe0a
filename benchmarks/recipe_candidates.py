"""Candidate recipes on frozen vectors and on counts of words: each from a sample to probabilities of held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import trials
from numpy.typing import NDArray
from recipe_rows import Rows
from scipy.sparse import vstack

from tuningfork.arms import head, linear
from tuningfork.arms._label_names import NamedLabels, head_scale, in_words
from tuningfork.arms._words import OneText
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.category import SupportVectorMachines
from tuningfork.arms.targets.inner_choice import InnerChoice, choose_strength, softmax
from tuningfork.arms.targets.logistic import LogisticLearner
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Pool
from tuningfork.task.task_type import TASK_TYPES

Probabilities = NDArray[np.float32]
"""Shape (held-out rows, labels)."""

Embed = Callable[[str, tuple[str, ...]], Vectors]
"""Vectors of texts by an encoder's name."""


@dataclass
class Trial:
    """One sample, and what its recipes share.

    Attributes:
        places: of the sample's rows.
        kept: results of recipes that others are made of.
    """

    rows: Rows
    places: NDArray[np.intp]
    embed: Embed
    kept: dict[str, Probabilities] = field(default_factory=dict)

    @cached_property
    def gold(self) -> NDArray[np.int32]:
        return self.rows.gold[self.places]

    @cached_property
    def units(self) -> NDArray[np.intp]:
        return np.arange(len(self.places))

    def vectors(self, encoder: str) -> tuple[Vectors, Vectors]:
        """Of the sample and of the held-out rows."""
        vectors = self.embed(encoder, self.rows.texts)
        return vectors[self.places], vectors[self.rows.held_out]

    def texts(self, places: NDArray[np.intp]) -> list[str]:
        return [self.rows.texts[place] for place in places]

    def of(self, recipe: str) -> Probabilities:
        """What a recipe answers, made once."""
        if recipe not in self.kept:
            self.kept[recipe] = CANDIDATES[recipe](self)
        return self.kept[recipe]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in words."""
        return self.named.texts

    @cached_property
    def named(self) -> NamedLabels:
        """The names and which label each is of; codes too, which the arms leave out."""
        count = len(self.rows.labels)
        return NamedLabels(tuple(map(in_words, self.rows.labels)), np.arange(count, dtype=np.int32), count)

    def counts(self, names: bool) -> Any:
        """Words and characters of all rows and then of the names, as `linear` counts them on the sample."""
        features = OneText(len(self.places))
        features.learn(Inputs.of_texts((), self.texts(self.places)), self.names if names else ())
        return features.of(Inputs.of_texts((*self.rows.texts, *self.names), (*self.rows.texts, *self.names)))

    def answer(
        self,
        learn: Callable[[Any, Any], Any],
        everything: Any,
        names: Any,
        strengths: Sequence[float],
        fixed: InnerChoice,
    ) -> Probabilities:
        """Choose the strength inside the sample as the arms do, fit and score.

        Args:
            everything: features of all rows.
            names: features of the labels' names, or None.
        """
        inputs, held_out = everything[self.places], everything[self.rows.held_out]

        def with_names(some: Any, gold: Any) -> Any:
            if names is None:
                return learn(some, gold)
            both = np.vstack([some, names]) if isinstance(some, np.ndarray) else vstack([some, names], format="csr")
            return learn(both, np.concatenate([gold, np.arange(len(self.rows.labels), dtype=np.int32)]))

        choice = choose_strength(inputs, self.gold, self.units, with_names, strengths, fixed=fixed)
        model = with_names(inputs, self.gold)
        model.fit(choice.strength)
        return self.over_all_labels(softmax(model.scores(held_out), choice.scale), model.classes)

    def over_all_labels(self, probabilities: Probabilities, classes: NDArray[np.int32]) -> Probabilities:
        full = np.zeros((len(probabilities), len(self.rows.labels)), np.float32)
        full[:, classes] = probabilities
        return full


def head_on(
    *encoders: str, names: bool = True, shifted: int = 0, standardised: bool = False
) -> Callable[[Trial], Probabilities]:
    """Logistic regression on the vectors of one encoder, or of several side by side.

    Args:
        names: whether the labels' names are learned from too.
        shifted: how far down the list each name is moved: every label then has a wrong one.
        standardised: whether every dimension is brought to one variance, and the whole to the length of one vector.
    """

    def run(trial: Trial) -> Probabilities:
        places = trial.places
        everything = np.hstack([trial.embed(encoder, (*trial.rows.texts, *trial.names)) for encoder in encoders])
        if standardised:
            centre, deviation = everything[places].mean(axis=0), everything[places].std(axis=0) + 1e-6
            everything = ((everything - centre) / deviation / np.sqrt(everything.shape[1])).astype(np.float32)
        named = np.roll(everything[len(trial.rows.texts) :], shifted, axis=0) if names else None
        scale = head_scale(trial.named) if names else None
        fixed = replace(head._FIXED, scale=scale or head._FIXED.scale)
        return trial.answer(LogisticLearner, everything, named, head._STRENGTHS, fixed)

    return run


def words(power: float = 0.0, names: bool = True, beside: Sequence[str] = ()) -> Callable[[Trial], Probabilities]:
    """The machines of `linear`.

    Args:
        power: of the labels' shares in the class weights: 0 is none, 1 is what scikit-learn calls balanced.
        beside: encoders whose vectors stand beside the counts.
    """

    def run(trial: Trial) -> Probabilities:
        from scipy.sparse import csr_matrix, hstack

        texts = (*trial.rows.texts, *trial.names)
        dense = [csr_matrix(trial.embed(encoder, texts)) for encoder in beside]
        everything = hstack([trial.counts(names), *dense], format="csr") if beside else trial.counts(names)
        named = everything[len(trial.rows.texts) :] if names else None
        learn = Machines.weighted(power) if power else SupportVectorMachines
        fixed = linear.fixed_recipe(trial.named) if names else linear._FIXED
        return trial.answer(
            learn, everything, named, linear._strengths(len(trial.places), TASK_TYPES.get("classification")), fixed
        )

    return run


def mean_of(*recipes: str) -> Callable[[Trial], Probabilities]:
    return lambda trial: np.mean([trial.of(recipe) for recipe in recipes], axis=0)


def product_of(*recipes: str) -> Callable[[Trial], Probabilities]:
    """Geometric mean: a recipe that is sure against an answer weighs more than in the mean."""

    def run(trial: Trial) -> Probabilities:
        return softmax(np.mean([np.log(trial.of(recipe) + 1e-4) for recipe in recipes], axis=0))

    return run


def against_the_share(recipe: str, power: float) -> Callable[[Trial], Probabilities]:
    """Probabilities divided by a power of the labels' shares in the sample (logit adjustment, arXiv 2007.07314)."""

    def run(trial: Trial) -> Probabilities:
        share = np.bincount(trial.gold, minlength=len(trial.rows.labels)) + 0.5
        adjusted = trial.of(recipe) / (share / share.sum()).astype(np.float32) ** power
        normalised: Probabilities = adjusted / adjusted.sum(axis=1, keepdims=True)
        return normalised

    return run


class Machines(SupportVectorMachines):
    """The machines of `linear` with class weights."""

    power = 0.0

    @classmethod
    def weighted(cls, power: float) -> Callable[[Any, Any], Machines]:
        return type("Weighted", (cls,), {"power": power})

    def fit(self, strength: float) -> None:
        from sklearn.svm import LinearSVC

        counts = np.bincount(self._gold)[self.classes]
        weights = (len(self._gold) / len(counts) / counts) ** self.power
        weight = dict(zip(self.classes.tolist(), weights, strict=True))
        if len(counts) > 1:
            self._model = LinearSVC(C=strength, dual=True, random_state=0, class_weight=weight)
            self._model.fit(self._inputs, self._gold)


def by_prototypes(encoder: str, temperature: float = 20.0) -> Callable[[Trial], Probabilities]:
    """Nearest mean of a label's vectors."""

    def run(trial: Trial) -> Probabilities:
        inputs, held_out = trial.vectors(encoder)
        classes = np.unique(trial.gold)
        means = np.array([inputs[trial.gold == label].mean(axis=0) for label in classes])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        return trial.over_all_labels(softmax(held_out @ means.T, temperature), classes)

    return run


def by_neighbours(encoder: str, k: int) -> Callable[[Trial], Probabilities]:
    """Votes of the k nearest rows, by nearness."""

    def run(trial: Trial) -> Probabilities:
        inputs, held_out = trial.vectors(encoder)
        near = held_out @ inputs.T
        nearest = np.argsort(-near, axis=1)[:, :k]
        votes = np.zeros((len(held_out), len(trial.rows.labels)), np.float32)
        for place in nearest.T:
            row = np.arange(len(held_out))
            np.add.at(votes, (row, trial.gold[place]), np.exp(20 * (near[row, place] - 1)))
        normalised: Probabilities = votes / votes.sum(axis=1, keepdims=True)
        return normalised

    return run


def arm(text: str) -> Callable[[Trial], Probabilities]:
    """An arm as it stands in the package."""

    def run(trial: Trial) -> Probabilities:
        data, gold = trial.rows, trial.rows.gold
        names = tuple(f"row {place}" for place in range(len(data.texts)))
        everything = Pool(ids=names, texts=data.texts, gold=gold)
        pool, held_out = everything.take(range(data.pool)), data.held_out
        labels = LabelSpace(tuple(Label(label, label) for label in data.labels))
        test = Inputs.of_texts(tuple(names[place] for place in held_out), tuple(trial.texts(held_out)))
        rows = trials.Rows(pool, test, gold[held_out], labels)
        spec, count = ArmSpec.parse(text), len(trial.places)
        plan = TrialPlan(arm=text, level=count, n_labels=count, seed=0)
        services = replace(trials._services(Path()), embed=lambda encoder, texts: trial.embed(encoder, tuple(texts)))
        sample = everything.take(trial.places)
        fitted = FAMILIES.get(spec.family).fit(spec, plan, sample, rows.setting, services)
        probabilities = fitted.predict(test)[0].probabilities
        assert probabilities is not None
        return probabilities

    return run


CANDIDATES: dict[str, Callable[[Trial], Probabilities]] = {
    "linear": words(),
    "linear without names": words(names=False),
    "head:minilm": head_on("minilm"),
    "head:minilm without names": head_on("minilm", names=False),
    "minilm, wrong names": head_on("minilm", shifted=1),
    "head:wordllama": head_on("wordllama"),
    "head:wordllama without names": head_on("wordllama", names=False),
    "mean of linear, minilm": mean_of("linear", "head:minilm"),
    "mean of wordllama, minilm": mean_of("head:wordllama", "head:minilm"),
    "mean of linear, wordllama, minilm": mean_of("linear", "head:wordllama", "head:minilm"),
    "product of linear, minilm": product_of("linear", "head:minilm"),
    "blend:minilm": arm("blend:minilm"),
    "finetune:minilm": arm("finetune:minilm"),
    "minilm beside wordllama": head_on("minilm", "wordllama"),
    "minilm beside wordllama, standardised": head_on("minilm", "wordllama", standardised=True),
    "words beside minilm": words(beside=("minilm",)),
    "minilm on pairs": arm("finetune:minilm?recipe=pairs"),
    "minilm, prototypes": by_prototypes("minilm"),
    "minilm, 5 neighbours": by_neighbours("minilm", 5),
    "linear against the share, half": against_the_share("linear", 0.5),
    "linear against the share": against_the_share("linear", 1.0),
    "minilm against the share, half": against_the_share("head:minilm", 0.5),
    "minilm against the share": against_the_share("head:minilm", 1.0),
    "linear balanced": words(power=1.0),
    "linear balanced by the root": words(power=0.5),
}
