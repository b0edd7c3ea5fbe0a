"""`head:ENCODER`: vectors of a frozen encoder, and logistic regression on them.

Every text is embedded once a study; a trial is only the regression, so that twenty samples of a pool cost little. The
labels' names are embedded too, and each is one more row of its label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tuningfork.arms._label_names import NamedLabels, head_scale, learns_names, names_in_details
from tuningfork.arms._local import seeds_of_a_cheap_arm, timed_one_by_one
from tuningfork.arms._options import fit_options, load_options
from tuningfork.arms._trained import cannot_learn, fields_of, names_learned
from tuningfork.arms._vectors import Embed, vectors_of
from tuningfork.arms.bodies import body_named, require_body
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.kept import KeptAs, keeping, pairs_of, read_arrays, read_plain, write_arrays, write_plain
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.inner_choice import InnerChoice, Scorer, WarmLearner, fits_needed
from tuningfork.arms.targets.target import TARGETS, ReadScores
from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.opening import check_encoder, encoder_identity, make_ready
from tuningfork.models.store import ModelStore
from tuningfork.models.suggestions import times_minilm
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Gold, Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType

_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 400.0)
_STRENGTHS_OF_PAIRS = (0.3, *_STRENGTHS)
_FIXED = InnerChoice(strength=30.0, scale=0.65, basis="fixed below 50 labels")
_FIXED_OF_PAIRS = InnerChoice(strength=3.0, scale=1.0, basis="fixed below 50 labels")
_STATIC = "wordllama"
_PLAIN, _ARRAYS = "head.json", "head.npz"


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
        return (encoder_identity(spec.model, ModelStore()), names_learned(spec, setting).texts)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return cannot_learn(self, type_)

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
        if setting.type.answers_among == "options":
            return fit_options(self, spec, plan, sample, setting, services)
        put = _Put(spec.model, fields_of(setting.type), setting.symmetric)
        vectors = put.vectors(sample.inputs, lambda texts: services.embed(spec.model, texts))
        named, target = names_learned(spec, setting), TARGETS.get(setting.type.kind)
        given = _given_strength(spec)
        fixed = _fixed(named, setting.type, given)
        strengths = (given,) if given is not None else _STRENGTHS if put.one_text else _STRENGTHS_OF_PAIRS
        names = services.embed(spec.model, named.texts) if named.texts else vectors[:0]
        learners: list[WarmLearner] = []

        def learn(some: Vectors, gold: Gold) -> WarmLearner:
            """Of these rows and of all names: no name is held out, for none will be asked for."""
            learners.append(target.dense(np.vstack([some, names]), named.after(gold)))
            return learners[-1]

        choice = target.choose(vectors, sample.gold, sample.units, learn, strengths, fixed=fixed)
        regression = learn(vectors, sample.gold)
        if len(learners) == 2:  # the first one is of most of these rows, at this strength or the next
            regression.begin_at(learners[0])
        regression.fit(choice.strength)
        read = target.read(regression.classes, sample.gold, choice.scale, len(setting.labels))
        details = (("C", f"{choice.strength:g}"), ("chosen on", choice.basis), names_in_details(named), *read.details)
        return _FittedHead(self.kept_as(spec, plan, setting), put, regression, read, details, services)

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        task = about.task
        if task.type.answers_among == "options":
            return load_options(folder, about, services)
        plain = read_plain(folder / _PLAIN)
        target = TARGETS.get(task.type.kind)
        put = _Put(require_body(plain["encoder"], services), fields_of(task.type), task.symmetric)
        scorer = target.scorer(read_arrays(folder / _ARRAYS))
        return _FittedHead(about, put, scorer, target.read_again(plain["read"]), pairs_of(plain["details"]), services)


@dataclass(frozen=True, slots=True)
class _Put:
    """How an encoder is given rows."""

    reference: str
    fields: tuple[str, ...]
    symmetric: bool

    @property
    def one_text(self) -> bool:
        return len(self.fields) == 1

    def vectors(self, rows: Inputs, embed: Embed) -> Vectors:
        return vectors_of(rows, embed, fields=self.fields, symmetric=self.symmetric)


def _fixed(named: NamedLabels, type_: TaskType, given: float | None) -> InnerChoice:
    """The recipe where nothing is chosen."""
    fixed = _FIXED_OF_PAIRS if not type_.has_one_text else replace(_FIXED, scale=head_scale(named) or _FIXED.scale)
    return fixed if given is None else replace(fixed, strength=given, basis="given")


class _FittedHead:
    """An encoder's regression and the scale of its scores."""

    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(
        self,
        about: KeptAs,
        put: _Put,
        regression: Scorer,
        read: ReadScores,
        details: tuple[tuple[str, str], ...],
        services: Services,
    ) -> None:
        self._about, self._put, self._regression, self._read = about, put, regression, read
        self.details, self._services = details, services

    @property
    def model(self) -> str:
        return self._services.encoder(self._put.reference).name

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        prediction = self._answer(rows, lambda texts: self._services.embed(self._put.reference, texts))
        if progress is not None:
            progress(len(rows), len(rows))
        return prediction, Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        encoder = self._services.encoder(self._put.reference)
        return timed_one_by_one(lambda row: self._answer(row, encoder.embed), rows)

    def save(self, folder: Path) -> None:
        """Weights as npz, the encoder by its reference and digest."""
        with keeping(folder, self._about):
            plain = {
                "encoder": body_named(self._put.reference),
                "read": self._read.as_plain(),
                "details": self.details,
            }
            write_plain(folder / _PLAIN, plain)
            write_arrays(folder / _ARRAYS, self._regression.as_arrays())

    def _answer(self, rows: Inputs, embed: Embed) -> Prediction:
        return self._read.prediction(self._regression.scores(self._put.vectors(rows, embed)))


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
