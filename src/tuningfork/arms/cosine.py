"""`cosine:ENCODER`: the option nearest to its question by the cosine of their vectors. Nothing is learned.

It stands beside every arm that is trained on questions with options: what an encoder knows before it saw a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from tuningfork.arms._local import timed_one_by_one
from tuningfork.arms._options import Candidates, cosine_of, prediction_of
from tuningfork.arms._vectors import Embed
from tuningfork.arms.bodies import body_named, require_body
from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.kept import KeptAs, keeping, read_plain, write_plain
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.encoders.opening import check_encoder, encoder_identity, make_ready
from tuningfork.models.store import ModelStore
from tuningfork.models.suggestions import times_minilm
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Pool
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType

_SCALE = 10.0
_STATIC = "wordllama"
_PLAIN = "cosine.json"


class CosineFamily(Family):
    """`cosine:ENCODER`, without options."""

    name: ClassVar[str] = "cosine"
    side: ClassVar[Side] = "fine-tuned"

    def check(self, spec: ArmSpec) -> None:
        spec.only_options()
        if not spec.model or spec.url:
            raise InputError(f"{spec.text!r} names no encoder", remedy="Write cosine:minilm or cosine:wordllama.")
        check_encoder(spec.model, ModelStore())

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return None if type_.answers_among == "options" else f"{self.name} chooses among a row's own options"

    def models(self, spec: ArmSpec) -> Sequence[str]:
        """The encoder."""
        return (spec.model,)

    def make_ready(self, spec: ArmSpec, store: ModelStore) -> None:
        make_ready(spec.model, store)

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The encoder's weights."""
        return (encoder_identity(spec.model, ModelStore()),)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        """Once, without a label."""
        return (TrialPlan(arm=spec.text, level=0, n_labels=0, seed=0, deterministic=True),)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        factor = 2e-6 if spec.model == _STATIC else 8e-5 * times_minilm(spec.model)
        return Estimate(fit_seconds=0.01, row_seconds=factor * setting.mean_characters)

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        return _FittedCosine(self.kept_as(spec, plan, setting), services)

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        require_body(read_plain(folder / _PLAIN)["encoder"], services)
        return _FittedCosine(about, services)


class _FittedCosine:
    """An encoder, and nothing else."""

    fit_usage = Usage()
    notes: tuple[Note, ...] = ()
    details: tuple[tuple[str, str], ...] = (("learned", "nothing: the option nearest to its question"),)

    def __init__(self, about: KeptAs, services: Services) -> None:
        self._about, self._reference, self._services = about, about.spec.model, services
        self._type, self._width = about.task.type, len(about.task.labels)

    @property
    def model(self) -> str:
        return self._services.encoder(self._reference).name

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        prediction = self._answer(rows, lambda texts: self._services.embed(self._reference, texts))
        if progress is not None:
            progress(len(rows), len(rows))
        return prediction, Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        encoder = self._services.encoder(self._reference)
        return timed_one_by_one(lambda row: self._answer(row, encoder.embed), rows)

    def save(self, folder: Path) -> None:
        """The encoder by its reference and digest."""
        with keeping(folder, self._about):
            write_plain(folder / _PLAIN, {"encoder": body_named(self._reference)})

    def _answer(self, rows: Inputs, embed: Embed) -> Prediction:
        candidates = Candidates.of(rows, self._type)
        return prediction_of(candidates.by_row(cosine_of(candidates, embed), self._width), _SCALE)


FAMILY = CosineFamily()
