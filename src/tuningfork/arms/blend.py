"""`blend:ENCODER`: probabilities of `linear` and of `head:ENCODER`, mixed by a share that a trial's own rows choose.

Counts of words and vectors of sentences err on other rows. Which of them is to be trusted more, and how far, differs
from task to task, so that a plain mean loses on many intents what it wins on emotions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms._label_names import learns_names
from tuningfork.arms._local import seeds_of_a_cheap_arm
from tuningfork.arms._options import fit_options, load_options
from tuningfork.arms._trained import cannot_learn
from tuningfork.arms.family import (
    FAMILIES,
    Estimate,
    Family,
    Fitted,
    Keepable,
    Progress,
    Services,
    Setting,
    load_fitted,
)
from tuningfork.arms.kept import KeptAs, keeping, read_plain, write_plain
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.inner_choice import FEWEST_TO_CHOOSE, fits_needed, inner_splits
from tuningfork.errors import InputError
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType

_SHARES = np.linspace(0.0, 1.0, 11)
_FIXED_SHARE = 0.2
_PLAIN, _PARTS = "blend.json", ("words", "vectors")
_LEAST_PROBABILITY = 1e-4
"""No held-out row may decide alone."""


class BlendFamily(Family):
    """`blend:ENCODER[?names=yes|no]`."""

    name: ClassVar[str] = "blend"
    side: ClassVar[Side] = "fine-tuned"

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("names")
        learns_names(spec)
        if not spec.model or spec.url:
            raise InputError(f"{spec.text!r} names no encoder", remedy="Write blend:minilm or blend:wordllama.")
        for part in _parts(spec):
            FAMILIES.get(part.family).check(part)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return cannot_learn(self, type_)

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """Whatever its parts hang on."""
        return [FAMILIES.get(part.family).identity(part, setting) for part in _parts(spec)]

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return trained_schedule(spec.text, setting, seeds_at=seeds_of_a_cheap_arm, redraws=False)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        parts = [FAMILIES.get(part.family).estimate(part, plan, setting) for part in _parts(spec)]
        fits = fits_needed(plan.n_labels or 0, 1)
        return Estimate(
            fit_seconds=fits * sum(part.fit_seconds for part in parts),
            row_seconds=sum(part.row_seconds for part in parts),
        )

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        if setting.type.answers_among == "options":
            return fit_options(self, spec, plan, sample, setting, services)

        def fit_both(rows: Pool) -> tuple[Fitted, Fitted]:
            words, vectors = (
                FAMILIES.get(part.family).fit(part, plan, rows, setting, services) for part in _parts(spec)
            )
            return words, vectors

        share, basis = _FIXED_SHARE, "fixed below 50 labels"
        if len(sample) >= FEWEST_TO_CHOOSE and (splits := inner_splits(sample.units)):
            blocks = []
            for split in splits:
                held_out = sample.take(split.held_out)
                both = [_asked(part, held_out.inputs) for part in fit_both(sample.take(split.fit))]
                blocks.append([part[np.arange(len(held_out)), held_out.gold] for part in both])
            share, basis = _best_share(*(np.concatenate(block) for block in zip(*blocks, strict=True))), "its own rows"
        return _FittedBlend(self.kept_as(spec, plan, setting), *fit_both(sample), share, basis)

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        if about.task.type.answers_among == "options":
            return load_options(folder, about, services)
        plain = read_plain(folder / _PLAIN)
        words, vectors = (load_fitted(folder / name, services)[1] for name in _PARTS)
        return _FittedBlend(about, words, vectors, plain["share"], plain["basis"])


class _FittedBlend:
    """Two arms that are ready, and the share of the first."""

    fit_usage = Usage()
    notes: tuple[Note, ...] = ()

    def __init__(self, about: KeptAs, words: Fitted, vectors: Fitted, share: float, basis: str) -> None:
        self._about, self._words, self._vectors, self._share, self._basis = about, words, vectors, share, basis

    @property
    def model(self) -> str:
        return f"{self._words.model} and {self._vectors.model}"

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        return (("share of linear", f"{self._share:.0%}"), ("chosen on", self._basis))

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        words, vectors = (_asked(part, rows) for part in (self._words, self._vectors))
        mixed: NDArray[np.float32] = (self._share * words + (1 - self._share) * vectors).astype(np.float32)
        if progress is not None:
            progress(len(rows), len(rows))
        return Prediction(Categories(mixed.argmax(axis=1).astype(np.int32)), mixed), Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        both = zip(self._words.time_rows(rows), self._vectors.time_rows(rows), strict=True)
        return tuple(sum(pair) for pair in both)

    def save(self, folder: Path) -> None:
        """Its parts, each a model of its own, and the share."""
        with keeping(folder, self._about):
            write_plain(folder / _PLAIN, {"share": self._share, "basis": self._basis})
            for name, part in zip(_PARTS, (self._words, self._vectors), strict=True):
                assert isinstance(part, Keepable), "both parts are trained on this machine"
                part.save(folder / name)


def _parts(spec: ArmSpec) -> tuple[ArmSpec, ArmSpec]:
    names = f"?names={spec.options['names']}" if "names" in spec.options else ""
    return ArmSpec.parse(f"linear{names}"), ArmSpec.parse(f"head:{spec.model}{names}")


def _asked(fitted: Fitted, rows: Inputs) -> NDArray[np.float32]:
    probabilities = fitted.predict(rows)[0].probabilities
    assert probabilities is not None
    return probabilities


def _best_share(words: NDArray[np.float32], vectors: NDArray[np.float32]) -> float:
    """The share of the first with the lowest log loss.

    Args:
        words, vectors: what each gave the right label of held-out rows, shape (n,).
    """
    mixed = _SHARES[:, None] * words + (1 - _SHARES[:, None]) * vectors
    return float(_SHARES[np.argmax(np.log(mixed + _LEAST_PROBABILITY).sum(axis=1))])


FAMILY = BlendFamily()
