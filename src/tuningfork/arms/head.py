"""`head:ENCODER`: vectors of a frozen encoder, and logistic regression on them.

Every text is embedded once a study; a trial is only the regression, so that twenty samples of a pool cost little. The
labels' names are embedded too, and each is one more row of its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms._inner_choice import Choice, choose_strength, fits_needed, softmax
from tuningfork.arms._label_names import NamedLabels, head_scale, learns_names, names_in_details
from tuningfork.arms._local import evened, evening, evening_in_words, seeds_of_a_cheap_arm, spread, timed_one_by_one
from tuningfork.arms._logistic import LogisticLearner
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.records import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.opening import check_encoder, encoder_identity, make_ready
from tuningfork.models.store import ModelStore
from tuningfork.models.suggestions import times_minilm
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Gold, Pool, for_choosing
from tuningfork.task.schema import Note

_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 400.0)
_FIXED = Choice(strength=30.0, scale=0.65, basis="fixed below 50 labels")
_STATIC = "wordllama"


class HeadFamily(Family):
    """`head:ENCODER[?c=NUMBER&names=yes|no]`.

    `c` fixes the strength (inverse regularisation) instead of choosing it; `names=no` leaves out what the
    labels are called.
    """

    name: ClassVar[str] = "head"
    side: ClassVar[Side] = "fine-tuned"
    recipe_version: ClassVar[int] = 2

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("c", "names")
        learns_names(spec)
        if not spec.model or spec.url:
            raise InputError(f"{spec.text!r} names no encoder", remedy="Write head:wordllama or head:minilm.")
        check_encoder(spec.model, ModelStore())
        _given_strength(spec)

    def models(self, spec: ArmSpec) -> Sequence[str]:
        """The encoder."""
        return (spec.model,)

    def make_ready(self, spec: ArmSpec, store: ModelStore) -> None:
        make_ready(spec.model, store)

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The encoder's weights, and the names that are learned from."""
        return (encoder_identity(spec.model, ModelStore()), NamedLabels.wanted_by(spec, setting.labels).texts)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return trained_schedule(spec.text, setting, seeds_at=seeds_of_a_cheap_arm, redraws=False)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        rows, labels = plan.n_labels or 0, len(setting.labels)
        embed = 2e-6 * setting.mean_characters
        if spec.model != _STATIC:
            embed = 8e-5 * setting.mean_characters * times_minilm(spec.model)
        # Vectors are made once a study: a trial bears its share of them.
        embed /= seeds_of_a_cheap_arm(rows)
        fits = fits_needed(rows, 1 if "c" in spec.options else len(_STRENGTHS))
        return Estimate(
            fit_seconds=0.01 + rows * embed + fits * (0.008 + rows * labels * 1e-6), row_seconds=embed + 1e-5
        )

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        vectors = services.embed(spec.model, sample.texts)
        named = NamedLabels.wanted_by(spec, setting.labels)
        fixed = replace(_FIXED, scale=head_scale(named) or _FIXED.scale)
        given = _given_strength(spec)
        if given is not None:
            fixed = replace(fixed, strength=given, basis="given")
        strengths = _STRENGTHS if given is None else (given,)
        names = services.embed(spec.model, named.texts)
        learners: list[LogisticLearner] = []

        def learn(some: Vectors, gold: Gold) -> LogisticLearner:
            """Of these rows and of all names: no name is held out, for none will be asked for."""
            learners.append(LogisticLearner(np.vstack([some, names]), np.concatenate([gold, named.gold])))
            return learners[-1]

        choice = choose_strength(vectors, sample.gold, sample.units, learn, strengths, fixed=fixed)
        regression = learn(vectors, sample.gold)
        if len(learners) == 2:  # the first one is of most of these rows, at this strength or the next
            regression.begin_at(learners[0])
        regression.fit(choice.strength)
        factors = evening(sample.gold, regression.classes)
        return _FittedHead(spec.model, regression, choice, factors, len(setting.labels), named, services)


class _FittedHead:
    """An encoder's regression and the scale of its scores."""

    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(
        self,
        reference: str,
        regression: LogisticLearner,
        choice: Choice,
        factors: NDArray[np.float32] | None,
        n_labels: int,
        named: NamedLabels,
        services: Services,
    ) -> None:
        self._reference, self._regression, self._choice, self._factors = reference, regression, choice, factors
        self._n_labels, self._named, self._services = n_labels, named, services

    @property
    def model(self) -> str:
        return self._services.encoder(self._reference).name

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return (
            ("C", f"{self._choice.strength:g}"),
            ("chosen on", self._choice.basis),
            names_in_details(self._named),
            ("rare labels", evening_in_words(self._factors)),
        )

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        prediction = self._answer(self._services.embed(self._reference, rows.texts))
        if progress is not None:
            progress(len(rows), len(rows))
        return prediction, Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        encoder = self._services.encoder(self._reference)
        return timed_one_by_one(lambda row: self._answer(encoder.embed(row.texts)), rows)

    def _answer(self, vectors: Vectors) -> Prediction:
        probabilities = softmax(self._regression.scores(vectors), self._choice.scale)
        return spread(evened(probabilities, self._factors), self._regression.classes, self._n_labels)


def _given_strength(spec: ArmSpec) -> float | None:
    given = spec.options.get("c")
    if given is None:
        return None
    try:
        strength = float(given)
    except ValueError:
        strength = float("nan")
    if not 1e-4 <= strength <= 1e6:
        raise InputError(f"{spec.text!r}: c={given!r} is no number from 0.0001 to 1000000")
    return strength


FAMILY = HeadFamily()
