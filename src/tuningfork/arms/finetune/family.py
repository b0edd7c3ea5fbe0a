"""The family: what `finetune:ENCODER` accepts, its trials, and what they are likely to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from tuningfork.arms._label_names import learns_names
from tuningfork.arms._options import fit_options, load_options
from tuningfork.arms._trained import cannot_learn, fields_of, names_learned
from tuningfork.arms.family import Estimate, Family, Fitted, Services, Setting
from tuningfork.arms.finetune.losses.loss import LOSSES
from tuningfork.arms.finetune.recipe import Wishes
from tuningfork.arms.kept import KeptAs
from tuningfork.arms.results import Side, TrialPlan
from tuningfork.arms.schedules import trained_schedule
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.inner_choice import fits_needed
from tuningfork.errors import InputError
from tuningfork.models.encoders.opening import check_encoder, make_ready
from tuningfork.models.hardware import let_threads_spin_briefly
from tuningfork.models.references import parse_reference
from tuningfork.models.starters import Starter
from tuningfork.models.store import ModelStore
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.task_type import TaskType

_SURE_LABELS = 1000
_APART = 1.4
_SEEDS_AT_THE_TOP, _SEEDS_BELOW = 5, 3
_SECONDS_PER_TOKEN_AND_LAYER, _SECONDS_PER_UPDATE_AND_LAYER = 2e-5, 8e-4
_SECONDS_WHATEVER_THE_LABELS = 0.3
"""Of MiniLM: a token's way through one layer, and a row's share of changing a layer's weights once, in batches of 16.
Fitted to trainings on 8 to 5,356 labels with texts of 17 to 128 tokens on two machines: .88 to 1.7 of what they took.
"""
_HEAD_STRENGTHS, _SECONDS_PER_ROW_AND_LABEL = 6, 1e-6
_SMALL_DEPTH, _LARGE_DEPTH, _LARGE_FACTOR = 6, 12, 4.0
_SMALL = "minilm"


class FinetuneFamily(Family):
    """`finetune:ENCODER[?recipe=auto|pairs&layers=K|all|auto&epochs=&lr=&max_tokens=&names=yes|no]`.

    Needs the extra `finetune`.
    """

    name: ClassVar[str] = "finetune"
    side: ClassVar[Side] = "fine-tuned"
    redraws: ClassVar[bool] = True
    recipe_version: ClassVar[int] = 2
    """2: from 50 labels on all layers, for a number of epochs that follows from the label count; names are learned."""
    sure_labels: ClassVar[int | None] = _SURE_LABELS

    def check(self, spec: ArmSpec) -> None:
        Wishes.of(spec)
        learns_names(spec)
        if not spec.model or spec.url:
            raise InputError(f"{spec.text!r} names no encoder", remedy="Write finetune:minilm.")
        model = parse_reference(spec.model, "encoder")
        if isinstance(model, Starter) and not _has_layers_to_train(model):
            raise InputError(
                f"{spec.text!r}: {model.name} has no layers that can be trained", remedy="Write finetune:minilm."
            )
        _require_pytorch(spec)
        check_encoder(spec.model, ModelStore(), trained=True)

    def models(self, spec: ArmSpec) -> Sequence[str]:
        """The encoder."""
        return (spec.model,)

    def make_ready(self, spec: ArmSpec, store: ModelStore) -> None:
        make_ready(spec.model, store, trained=True)

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The encoder's weights, and the names that are learned from."""
        weights = ModelStore().fingerprint_at_hand(spec.model, "encoder")
        return (weights, names_learned(spec, setting).texts)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        if type_.kind not in LOSSES.names():
            return f"{self.name} has no loss for answers of the kind {type_.kind}"
        return cannot_learn(self, type_)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        setting = replace(setting, counts=_counts(setting))
        may_decide = _smallest_that_may_decide(setting)
        return trained_schedule(
            spec.text,
            setting,
            seeds_at=lambda count: _SEEDS_AT_THE_TOP if count >= may_decide else _SEEDS_BELOW,
            redraws=True,
        )

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        recipe = Wishes.of(spec).recipe(plan.n_labels or 0)
        small = spec.model == _SMALL
        depth = _SMALL_DEPTH if small else _LARGE_DEPTH
        tokens = min(recipe.max_tokens, 2 + setting.mean_characters / 4)
        size = 1 if small else _LARGE_FACTOR
        layer = tokens * _SECONDS_PER_TOKEN_AND_LAYER * size
        trained = depth if recipe.layers is None else min(depth, recipe.layers)
        # A backward pass costs two forward ones; early stopping trains once on four fifths, looks at the other after
        # every epoch, and trains once, shorter, on all. The first head is fitted on vectors of all layers.
        labels = len(setting.labels)
        rows = (plan.n_labels or 0) + len(names_learned(spec, setting).texts)
        passes = recipe.epochs * (1.7 if recipe.chooses_epochs else 1.0)
        if recipe.pair_steps:
            passes = recipe.pair_steps * min(recipe.batch_size, rows) / max(1, rows)
        head = fits_needed(rows, _HEAD_STRENGTHS) * rows * labels * _SECONDS_PER_ROW_AND_LABEL
        per_row = trained * passes * (3 * layer + _SECONDS_PER_UPDATE_AND_LAYER * size) + layer * depth
        return Estimate(fit_seconds=_SECONDS_WHATEVER_THE_LABELS + rows * per_row + head, row_seconds=layer * depth)

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        if setting.type.answers_among == "options":
            return fit_options(self, spec, plan, sample, setting, services)
        with services.stopwatch.not_counted():  # the first trial of a run loads PyTorch
            let_threads_spin_briefly()
            from tuningfork.arms.finetune.fitting import finetune

        return finetune(
            services.model_folder(spec.model),
            self.kept_as(spec, plan, setting),
            Wishes.of(spec),
            sample,
            fields=fields_of(setting.type),
            kind=setting.type.kind,
            named=names_learned(spec, setting),
            n_labels=len(setting.labels),
            seed=plan.seed,
            progress=services.progress,
            stopwatch=services.stopwatch,
        )

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        if about.task.type.answers_among == "options":
            return load_options(folder, about, services)
        with services.stopwatch.not_counted():
            _require_pytorch(about.spec)
            let_threads_spin_briefly()
            from tuningfork.arms.finetune.loading import load_finetuned

        return load_finetuned(folder, about, services)


def _require_pytorch(spec: ArmSpec) -> None:
    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"{spec.text!r} needs {' and '.join(missing)}", remedy="pip install 'tuningfork-nlp[finetune]'"
        )


def _counts(setting: Setting) -> tuple[int, ...]:
    """The study's counts; by default with the largest sure one among them, and above it none that a run of minutes
    would tell little of, because it lies close to that one or to the whole pool."""
    largest = max(setting.counts)
    if setting.counts_given or largest <= _SURE_LABELS:
        return setting.counts
    small = [count for count in setting.counts if count < _SURE_LABELS]
    between = [count for count in setting.counts if 2 * _SURE_LABELS <= count <= largest / _APART]
    return (*small, _SURE_LABELS, *between, largest)


def _smallest_that_may_decide(setting: Setting) -> int:
    """The smallest count that can turn out to be the largest that there is time for."""
    sure = [count for count in setting.counts if count <= _SURE_LABELS]
    return max(setting.counts) if setting.counts_given or not sure else max(sure)


def _has_layers_to_train(model: Starter) -> bool:
    return model.kind == "encoder" and any(file.path.endswith(".safetensors") for file in model.files)


FAMILY = FinetuneFamily()
