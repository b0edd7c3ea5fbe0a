"""`head:ENCODER`: vectors of a frozen encoder, and logistic regression on them.

Every text is embedded once a study; a trial is only the regression, so that twenty samples of a pool cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tuningfork.arms._inner_choice import Choice, choose_strength, fits_needed, softmax
from tuningfork.arms._local import seeds_of_a_cheap_arm, spread, timed_one_by_one
from tuningfork.arms._logistic import LogisticLearner
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.records import Inputs, Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.opening import check_encoder, encoder_identity, make_ready
from tuningfork.models.store import ModelStore
from tuningfork.models.suggestions import times_minilm
from tuningfork.task.rows import Gold, Pool, for_choosing
from tuningfork.task.schema import Note

_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 400.0)
_FIXED = Choice(strength=30.0, scale=0.65, basis="fixed below 50 labels")
_STATIC = "wordllama"


class HeadFamily(Family):
    """`head:ENCODER[?c=NUMBER]`; `c` fixes the strength (inverse regularisation) instead of choosing it."""

    name: ClassVar[str] = "head"
    side: ClassVar[Side] = "fine-tuned"

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("c")
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
        """The encoder's weights."""
        return (encoder_identity(spec.model, ModelStore()),)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return trained_schedule(spec.text, setting, seeds_at=seeds_of_a_cheap_arm, most_labels=None, redraws=False)

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
        given = _given_strength(spec)
        strengths = _STRENGTHS if given is None else (given,)
        fixed = _FIXED if given is None else Choice(given, _FIXED.scale, "given")
        learners: list[LogisticLearner] = []

        def learn(some: Vectors, gold: Gold) -> LogisticLearner:
            learners.append(LogisticLearner(some, gold))
            return learners[-1]

        choice = choose_strength(vectors, sample.gold, sample.units, learn, strengths, fixed=fixed)
        regression = LogisticLearner(vectors, sample.gold)
        if len(learners) == 1:  # of most of these rows, at this strength or the next
            regression.begin_at(learners[0])
        regression.fit(choice.strength)
        return _FittedHead(spec.model, regression, choice, len(setting.labels), services)


class _FittedHead:
    """An encoder's regression and the scale of its scores."""

    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(
        self, reference: str, regression: LogisticLearner, choice: Choice, n_labels: int, services: Services
    ) -> None:
        self._reference, self._regression, self._choice = reference, regression, choice
        self._n_labels, self._services = n_labels, services

    @property
    def model(self) -> str:
        return self._services.encoder(self._reference).name

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return (("C", f"{self._choice.strength:g}"), ("chosen on", self._choice.basis))

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        prediction = self._answer(self._services.embed(self._reference, rows.texts))
        if progress is not None:
            progress(len(rows), len(rows))
        return prediction, Usage()

    def time_rows(self, texts: Sequence[str]) -> tuple[float, ...]:
        encoder = self._services.encoder(self._reference)
        return timed_one_by_one(lambda text: self._answer(encoder.embed([text])), texts)

    def _answer(self, vectors: Vectors) -> Prediction:
        probabilities = softmax(self._regression.scores(vectors), self._choice.scale)
        return spread(probabilities, self._regression.classes, self._n_labels)


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
