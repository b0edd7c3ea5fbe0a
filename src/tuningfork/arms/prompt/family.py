"""The family `prompt`: an LLM is asked, with label names, descriptions and perhaps examples; no weight changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.answers.column import Column
from tuningfork.arms.family import Estimate, Family, Fitted, Services, Setting
from tuningfork.arms.prompt.arm import PromptArm
from tuningfork.arms.prompt.asking import Asker
from tuningfork.arms.prompt.choosing import choose_wording
from tuningfork.arms.prompt.estimating import estimate
from tuningfork.arms.prompt.forms.form import FORMS, AnswerForm
from tuningfork.arms.prompt.neutral import labels_as_data
from tuningfork.arms.prompt.options import PromptOptions
from tuningfork.arms.prompt.rows import PromptTask
from tuningfork.arms.prompt.shots import NEAREST_ENCODER, FixedShots, NearestShots, ShotSource, shots_of, walk
from tuningfork.arms.prompt.unread import Unread, takes
from tuningfork.arms.prompt.wordings import Wording, wordings_of
from tuningfork.arms.results import Side, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.encoders.opening import encoder_identity
from tuningfork.models.llm.opening import ChatDescription, Prices, check_chat_model, server_identity
from tuningfork.models.store import ModelStore
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType


class PromptFamily(Family):
    """Any chat model, zero-shot, with fixed examples, or with each row's nearest ones."""

    name: ClassVar[str] = "prompt"
    side: ClassVar[Side] = "llm"
    recipe_version: ClassVar[int] = 2
    """2: answers are read in other writings and other places. What servers said is in the journal, so that reading it
    again costs no request."""

    def check(self, spec: ArmSpec) -> None:
        if not spec.model and spec.url is None:
            raise InputError(f"{spec.text!r} names no model", remedy="Write prompt:smollm2-135m or prompt:MODEL@URL.")
        PromptOptions.of(spec)
        _described(spec)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        options = PromptOptions.of(spec)
        if not type_.prompts:
            return f"no words are known for a prompt of the type {type_.name}"
        if type_.kind not in FORMS.names():
            return f"it does not know how a model is to write answers of the kind {type_.kind}"
        if (options.wording or 1) > len(type_.prompts):
            return f"prompts of the type {type_.name} have {len(type_.prompts)} wordings, and wording={options.wording}"
        if options.permute > 1 and type_.options is None:
            return f"permute= changes the order of a row's own options, and rows of the type {type_.name} have none"
        return None

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """Who is asked (of a local model its weights), all that prompts are made of beside the rows, and what finds the
        nearest examples. (In how many orders options are shown stands in the spec.)"""
        options, store = PromptOptions.of(spec), ModelStore()
        nearest = options.selects_nearest(len(setting.labels))
        return (
            server_identity(spec.model, spec.url, spec.options, store),
            [(label.name, label.description) for label in setting.labels.labels],
            setting.task_description,
            [asdict(wording) for wording in _wordings(options, setting.type)],
            encoder_identity(NEAREST_ENCODER, store) if nearest else None,
            *([] if setting.type.has_one_text else [PromptTask(setting.labels, None, *_rows_in(setting)).captions]),
        )

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        """Zero-shot: once. Fixed shots: three draws, or as many as asked for, each with the rows that somebody
        labelled to get them.
        Nearest: three draws of the largest count, or of every count with `curve=yes`.
        """
        options = PromptOptions.of(spec)
        if options.shots == 0:
            return (TrialPlan(arm=spec.text, level=0, n_labels=0, seed=0, deterministic=True),)
        if options.selects_nearest(len(setting.labels)):
            return _nearest_schedule(spec, options, setting)
        return tuple(
            TrialPlan(arm=spec.text, level=options.shots, n_labels=_walked(options, setting, seed), seed=seed)
            for seed in range(options.draws)
        )

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        return estimate(PromptOptions.of(spec), plan, setting, _described(spec, setting.prices))

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        """Pick the examples, make sure that the prompt fits, and choose a wording where that is allowed.

        Raises:
            RoleError: `sample` is not of the pool.
            ArmFailed: the prompt does not fit the context window even without examples; nothing was asked.
        """
        for_choosing(sample)
        options = PromptOptions.of(spec)
        chat = services.chat(spec)
        form = FORMS.get(setting.type.kind)(_task(setting))
        asker = Asker(chat, form, longest=form.rows(setting.pool.inputs))
        for wording in _wordings(options, setting.type):
            asker.window.require_room(wording)
        nearest = options.selects_nearest(len(setting.labels))
        classes, n_classes = _to_balance(sample.answers, setting)
        shown, _ = ((), 0) if nearest else walk(sample.texts, classes, options.shots, n_classes)
        source = (
            _nearest_source(form, sample, options, services) if nearest else FixedShots(shots_of(form, sample, shown))
        )
        choice = choose_wording(asker, source, sample, shown, forced=options.wording)
        return PromptArm(
            chat,
            asker,
            source,
            choice,
            unread=Unread(spec, form.names, takes(self.check), called=form.called),
            recipe=_recipe(options, sample, len(shown), nearest=nearest),
            notes=(*_notes(options, sample, len(shown), nearest=nearest), *choice.notes),
            shots_wanted=options.shots,
            permute=options.permute,
            stopwatch=services.stopwatch,
        )


def _task(setting: Setting) -> PromptTask:
    """What prompts say of the study's task."""
    return PromptTask(labels_as_data(setting.labels), setting.task_description, *_rows_in(setting))


def _rows_in(setting: Setting) -> tuple[TaskType, Mapping[str, str]]:
    """Which fields the rows have, and what they are called."""
    return setting.type, setting.captions


def _wordings(options: PromptOptions, type_: TaskType) -> tuple[Wording, ...]:
    """Those that may be used: the one asked for, or all."""
    known = wordings_of(type_)
    return known if options.wording is None else (known[options.wording - 1],)


def _described(spec: ArmSpec, prices: Prices | None = None) -> ChatDescription:
    return check_chat_model(spec.model, spec.url, spec.options, ModelStore(), prices=prices)


def _walked(options: PromptOptions, setting: Setting, seed: int) -> int:
    """Rows that have to be labelled, in this seed's order, to get the shots."""
    order = setting.order(seed)
    texts = [setting.pool.texts[row] for row in order.tolist()]
    classes, n_classes = _to_balance(setting.pool.answers.take(order), setting)
    return walk(texts, classes, options.shots, n_classes)[1]


def _to_balance(answers: Column, setting: Setting) -> tuple[NDArray[np.int32], int]:
    """What shots should have equally often, by row, and how many of it there are; all rows are alike where answers are
    no categories."""
    if isinstance(answers, Categories):
        return answers.indices, len(setting.labels)
    return np.zeros(len(answers), np.int32), 1


def _nearest_schedule(spec: ArmSpec, options: PromptOptions, setting: Setting) -> tuple[TrialPlan, ...]:
    counts = setting.counts if options.curve else setting.counts[-1:]
    plans: list[TrialPlan] = []
    for count in sorted({min(count, len(setting.pool)) for count in counts}):
        whole_pool = count == len(setting.pool)
        plans += [
            TrialPlan(arm=spec.text, level=count, n_labels=count, seed=seed, deterministic=whole_pool)
            for seed in range(1 if whole_pool else options.draws)
        ]
    return tuple(plans)


def _nearest_source(form: AnswerForm, sample: Pool, options: PromptOptions, services: Services) -> ShotSource:
    return NearestShots(
        shots=shots_of(form, sample),
        vectors=services.embed(NEAREST_ENCODER, sample.texts),
        count=options.shots,
        embed=lambda texts: services.embed(NEAREST_ENCODER, texts),
    )


def _recipe(options: PromptOptions, sample: Pool, shown: int, *, nearest: bool) -> list[tuple[str, str]]:
    if options.shots == 0:
        return [("shots", "none (zero-shot)")]
    if nearest:
        return [
            ("shots", f"{options.shots} for each row, out of {len(sample)} labelled rows"),
            ("select", f"nearest by cosine of {NEAREST_ENCODER} vectors, the nearest next to the row"),
        ]
    return [
        ("shots", f"{shown}, the same for every row; {len(sample)} rows were labelled to get them"),
        ("select", "fixed"),
    ]


def _notes(options: PromptOptions, sample: Pool, shown: int, *, nearest: bool) -> list[Note]:
    available = len(sample) if nearest else shown
    if available >= options.shots:
        return []
    return [Note("fewer_shots", f"The {len(sample)} labelled rows give {available} of {options.shots} examples")]
