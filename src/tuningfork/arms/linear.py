"""`linear`: TF-IDF of words and character n-grams, and a linear support vector machine. The baseline of every study.

Squared-hinge one-vs-rest machines (LIBLINEAR's dual solver) score as well as logistic regression on these features
at a tenth of its time; held-out scores give the softmax its scale, so that probabilities mean something. The labels'
names are counted too, each as one more row of its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tuningfork.arms._label_names import NamedLabels, learns_names, names_in_details
from tuningfork.arms._local import seeds_of_a_cheap_arm, timed_one_by_one
from tuningfork.arms._options import fit_options, load_options
from tuningfork.arms._trained import as_seen, cannot_learn, check_only, fields_of, names_learned
from tuningfork.arms._words import WordFeatures, word_features
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.kept import KeptAs, keeping, pairs_of, read_arrays, read_plain, write_arrays, write_plain
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ONLY, ArmSpec
from tuningfork.arms.targets.inner_choice import InnerChoice, Learner, Scorer, fits_needed
from tuningfork.arms.targets.target import TARGETS, ReadScores
from tuningfork.errors import InputError
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Gold, Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType

_STRENGTHS = (0.3, 1.0, 3.0, 10.0)
# With this many rows the strengths score within half a point of each other, and each costs seconds: the inner split
# is kept for the scale.
_ENOUGH_ROWS, _STRENGTHS_FOR_ENOUGH = 2000, (1.0,)
_SEEDS_OF_A_CHECK = 3
_STRENGTHS_OF_PAIRS = (0.1, 0.3, 1.0, 3.0)
_PLAIN, _ARRAYS = "linear.json", "linear.npz"
_FIXED = InnerChoice(strength=1.0, scale=1.2, basis="fixed below 50 labels")


class LinearFamily(Family):
    """`linear[?names=yes|no&only=FIELD]`, without a model; `names=no` keeps the labels' names out of it.

    With `only` it sees one field of each row: what that alone tells is a check of shortcuts, and no candidate.
    """

    name: ClassVar[str] = "linear"
    side: ClassVar[Side] = "fine-tuned"
    recipe_version: ClassVar[int] = 2

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("names", ONLY)
        learns_names(spec)
        if spec.model or spec.url:
            raise InputError(f"{spec.text!r}: linear takes no model", remedy="Write linear.")

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The names that are learned from."""
        return (names_learned(spec, setting).texts,)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return cannot_learn(self, type_) or check_only(spec, type_)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        if spec.is_check:  # of the largest count alone: no curve is drawn of it
            setting = replace(setting, counts=setting.counts[-1:], seeds=_SEEDS_OF_A_CHECK)
        return trained_schedule(spec.text, setting, seeds_at=seeds_of_a_cheap_arm, redraws=False)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        rows, labels = plan.n_labels or 0, len(setting.labels)
        features = 2.5e-6 * setting.mean_characters
        one_fit = 0.003 + rows * labels * 5e-6 * (1 + setting.mean_characters / 60)
        return Estimate(
            fit_seconds=0.02 + rows * features + one_fit * fits_needed(rows, len(_strengths(rows, setting.type))),
            row_seconds=features,
        )

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        only = spec.options.get(ONLY)
        if setting.type.answers_among == "options" and (only is None or setting.type.field(only).is_list):
            return fit_options(self, spec, plan, sample, setting, services)
        named, target = names_learned(spec, setting), TARGETS.get(setting.type.kind)
        fields = fields_of(setting.type) if only is None else (only,)
        features = word_features(len(sample), fields=fields, symmetric=setting.symmetric)
        everything = features.learn(as_seen(sample.inputs, only), named.texts)
        inputs, names = everything[: len(sample)], everything[len(sample) :]

        def learn(some: Any, gold: Gold) -> Learner:
            """Of these rows and of all names: no name is held out, for none will be asked for."""
            from scipy.sparse import vstack

            return target.sparse(vstack([some, names], format="csr"), named.after(gold))

        strengths = _strengths(len(sample), setting.type)
        fixed = fixed_recipe(named)
        choice = target.choose(inputs, sample.gold, sample.units, learn, strengths, fixed=fixed)
        machines = learn(inputs, sample.gold)
        machines.fit(choice.strength)
        read = target.read(machines.classes, sample.gold, choice.scale, len(setting.labels))
        details = (
            ("C", f"{choice.strength:g}"),
            ("chosen on", choice.basis),
            names_in_details(named),
            *read.details,
        )
        return _FittedLinear(self.kept_as(spec, plan, setting), features, machines, read, details, only)

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        task = about.task
        only = about.spec.options.get(ONLY)
        if task.type.answers_among == "options" and (only is None or task.type.field(only).is_list):
            return load_options(folder, about, services)
        plain, arrays = read_plain(folder / _PLAIN), read_arrays(folder / _ARRAYS)
        features = word_features(0, fields=fields_of(task.type) if only is None else (only,), symmetric=task.symmetric)
        features.take_again(plain["features"], arrays)
        target = TARGETS.get(task.type.kind)
        read = target.read_again(plain["read"])
        return _FittedLinear(about, features, target.scorer(arrays), read, pairs_of(plain["details"]), only)


def fixed_recipe(named: NamedLabels) -> InnerChoice:
    """The recipe where nothing is chosen.

    With every label's name among few rows, margins are the flatter the more labels there are: the scales that calibrate
    were .5 for 2 labels, 1.5 for 4 and 8 for 77.
    """
    if not named.texts or named.among < 2:
        return _FIXED
    return replace(_FIXED, scale=0.5 * float(np.log2(named.among)) ** 1.5)


def _strengths(rows: int, type_: TaskType) -> tuple[float, ...]:
    if not type_.has_one_text:
        return _STRENGTHS_OF_PAIRS
    return _STRENGTHS if rows <= _ENOUGH_ROWS else _STRENGTHS_FOR_ENOUGH


class _FittedLinear:
    """Features, machines and the scale of their scores."""

    model = "tf-idf + linear svm"
    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(
        self,
        about: KeptAs,
        features: WordFeatures,
        machines: Scorer,
        read: ReadScores,
        details: tuple[tuple[str, str], ...],
        only: str | None,
    ) -> None:
        self._about, self._features, self._machines, self._read = about, features, machines, read
        self.details, self._only = details, only

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        if not len(rows):  # scikit-learn refuses matrices without rows
            return self._read.prediction(np.zeros((0, len(self._machines.classes)), np.float32)), Usage()
        scores = self._machines.scores(self._features.of(as_seen(rows, self._only)))
        if progress is not None:
            progress(len(rows), len(rows))
        return self._read.prediction(scores), Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        return timed_one_by_one(self.predict, rows)

    def save(self, folder: Path) -> None:
        """Words and settings as JSON, weights and frequencies as npz."""
        with keeping(folder, self._about):
            plain = {"features": self._features.as_plain(), "read": self._read.as_plain(), "details": self.details}
            write_plain(folder / _PLAIN, plain)
            write_arrays(folder / _ARRAYS, {**self._features.as_arrays(), **self._machines.as_arrays()})


FAMILY = LinearFamily()
