"""Records of studies that never ran, with planted accuracies: `make_records(...)`.

    records = make_records(arms=[
        PlantedArm("linear", accuracy={32: 0.6, 128: 0.8}, seeds=5),
        PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.7}, seeds=3),
    ])

Accuracies are exact up to one row: of an arm with accuracy 0.8 on 400 rows, every seed has 320 right. Which rows
they are is random, partly the same for all arms (some rows are harder) and partly not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tuningfork.answers.category import Categories
from tuningfork.arms.results import NO_LABEL, Prediction, Side, TrialPlan, TrialResult, Usage
from tuningfork.study.records import StudyRecords
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Evaluation, Pool, Unlabelled, Validation
from tuningfork.task.schema import Note, TaskData, TaskSpec


@dataclass(frozen=True, kw_only=True)
class _Defaults:
    seeds: int = 5
    validation_accuracy: float | None = None
    side: Side | None = None
    model: str | None = None
    n_eval: int | None = None
    failure: str | None = None
    invalid: float = 0.0
    probabilities: bool = False
    spread: float = 0.01
    deterministic: bool = False
    identical_seeds: bool = False
    redrawn: bool = False
    usd: float | None = None
    ms_per_row: float = 1.0
    notes: tuple[Note, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    n_labels: Mapping[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class PlantedArm(_Defaults):
    """One arm.

    Attributes:
        arm: the spec; its family says the side unless `side` does.
        accuracy: by level (label count of trained arms, shots of prompts).
        seeds: trials a level.
        validation_accuracy: if given, its trials have answers to the validation rows with this accuracy.
        n_eval: how many evaluation rows it answered; all by default.
        failure: if given, no trial finished, for this reason.
        invalid: share of wrong answers that are no label.
        probabilities: whether its answers carry probabilities.
        spread: standard deviation of the accuracy over seeds.
        deterministic, identical_seeds: nothing random is left; all seeds answer the same.
        redrawn: its trials say what was drawn for them, each something else.
        usd: dollars a row, as billed.
        n_labels: label count of a level where it is not the level itself.
    """

    arm: str
    accuracy: Mapping[int, float] = field(default_factory=dict, kw_only=True)


def make_records(
    *,
    arms: Sequence[PlantedArm],
    labels: int = 2,
    rows: int = 400,
    validation_rows: int = 100,
    pool_rows: int = 4000,
    metric: str = "accuracy",
    margin: float = 0.03,
    groups: int | None = None,
    label_weights: Sequence[float] | None = None,
    remaining: Sequence[TrialPlan] = (),
    task_notes: Sequence[Note] = (),
    study_notes: Sequence[Note] = (),
    usd_per_hour: float | None = None,
    seed: int = 0,
) -> StudyRecords:
    """Records of a finished study of these arms.

    Args:
        labels, rows, validation_rows, pool_rows: sizes of the task.
        groups: if given, evaluation rows come in that many groups.
        label_weights: how frequent each label is; even by default.
        remaining: trials still to run.
        seed: other draws of rows and errors.
    """
    rng = np.random.default_rng(seed)
    task = _task(rng, labels, rows, validation_rows, pool_rows, metric, margin, groups, label_weights, task_notes)
    hardness = {len(part): rng.random(len(part)) for part in (task.evaluation, task.validation)}
    trials = [trial for arm in arms for trial in _trials(rng, arm, task, hardness)]
    usage = Usage(requests=0, usd=None)
    for trial in trials:
        usage = Usage(
            requests=usage.requests + trial.usage.requests,
            prompt_tokens=(usage.prompt_tokens or 0) + (trial.usage.prompt_tokens or 0),
            completion_tokens=(usage.completion_tokens or 0) + (trial.usage.completion_tokens or 0),
        )
    return StudyRecords(
        task=task,
        arms=tuple(arm.arm for arm in arms),
        trials=tuple(trials),
        remaining=tuple(remaining),
        usage=usage,
        seconds=93.0,
        usd_per_hour=usd_per_hour,
        notes=tuple(study_notes),
        environment=(("tuningfork", "0.1.0"), ("python", "3.11"), ("machine", "2 cores")),
    )


def _task(
    rng: np.random.Generator,
    labels: int,
    rows: int,
    validation_rows: int,
    pool_rows: int,
    metric: str,
    margin: float,
    groups: int | None,
    label_weights: Sequence[float] | None,
    notes: Sequence[Note],
) -> TaskData:
    weights = None if label_weights is None else np.array(label_weights) / np.sum(label_weights)

    def part(role: type[Any], n: int, name: str) -> Any:
        gold = rng.choice(labels, size=n, p=weights).astype(np.int32)
        named = None if groups is None else tuple(f"group {g}" for g in rng.integers(0, groups, size=n))
        ids = tuple(f"tickets.csv:{name}{row}" for row in range(n))
        return role(ids, tuple(f"{name} text {row} of label {g}" for row, g in enumerate(gold)), gold, named)

    return TaskData(
        spec=TaskSpec(
            data=Path("tickets.csv"), name="tickets", text="text", label="label", metric=metric, margin=margin
        ),
        labels=LabelSpace(tuple(Label(f"label_{i}", f"label {i}") for i in range(labels))),
        pool=part(Pool, pool_rows, "pool"),
        validation=part(Validation, validation_rows, "validation"),
        evaluation=part(Evaluation, rows, "evaluation"),
        shifted=None,
        unlabelled=part(Unlabelled, 0, "unlabelled"),
        notes=tuple(notes),
        fingerprint="0" * 64,
    )


def _trials(
    rng: np.random.Generator, arm: PlantedArm, task: TaskData, hardness: Mapping[int, np.ndarray]
) -> list[TrialResult]:
    side: Side = arm.side or ("llm" if arm.arm.startswith("prompt") else "fine-tuned")
    model = arm.model or arm.arm.partition("?")[0].partition(":")[2] or "tf-idf"
    trials = []
    for level, accuracy in arm.accuracy.items():
        first: TrialResult | None = None
        for seed in range(1 if arm.deterministic else arm.seeds):
            n_labels = arm.n_labels.get(level, level)
            plan = TrialPlan(arm=arm.arm, level=level, n_labels=n_labels, seed=seed, deterministic=arm.deterministic)
            if arm.failure is not None:
                trials.append(TrialResult(plan=plan, side=side, model=model, status="failed", failure=arm.failure))
                continue
            trial = _trial(rng, arm, plan, side, model, task, accuracy, hardness)
            if first is not None and arm.identical_seeds:
                trial = _trial_like(first, plan)
            first = first or trial
            trials.append(replace(trial, draw=f"sample {level} {seed}") if arm.redrawn else trial)
    return trials


def _trial(
    rng: np.random.Generator,
    arm: PlantedArm,
    plan: TrialPlan,
    side: Side,
    model: str,
    task: TaskData,
    accuracy: float,
    hardness: Mapping[int, np.ndarray],
) -> TrialResult:
    luck = 0.0 if arm.deterministic or arm.seeds == 1 else arm.spread * _luck(plan.seed, arm.seeds)
    n = arm.n_eval or len(task.evaluation)

    def answers(rows: Any, n: int, share: float) -> Prediction:
        gold = rows.gold[:n]
        labels = _answers(rng, gold, share, arm.invalid, len(task.labels), hardness[len(rows)][:n])
        probabilities = _probabilities(rng, labels, len(task.labels)) if arm.probabilities else None
        return Prediction(Categories(labels), probabilities)

    validated = arm.validation_accuracy
    return TrialResult(
        plan=plan,
        side=side,
        model=model,
        status="done",
        evaluation=answers(task.evaluation, n, min(1.0, accuracy + luck)),
        validation=None if validated is None else answers(task.validation, len(task.validation), validated),
        seconds_train=0.5,
        seconds_predict=n * arm.ms_per_row / 1000,
        latency_seconds=tuple(arm.ms_per_row / 1000 * (1 + rng.random(20))),
        usage=Usage(
            requests=n if side == "llm" else 0,
            prompt_tokens=100 * n if side == "llm" else 0,
            completion_tokens=3 * n if side == "llm" else 0,
            usd=None if arm.usd is None else arm.usd * n,
        ),
        notes=arm.notes,
        details=arm.details or (("recipe", "planted"),),
    )


def _trial_like(trial: TrialResult, plan: TrialPlan) -> TrialResult:
    return TrialResult(
        plan=plan,
        side=trial.side,
        model=trial.model,
        status="done",
        evaluation=trial.evaluation,
        validation=trial.validation,
        seconds_train=trial.seconds_train,
        seconds_predict=trial.seconds_predict,
        usage=trial.usage,
    )


def _luck(seed: int, seeds: int) -> float:
    """Evenly spread standard scores, so that the seeds' mean is the planted accuracy."""
    places = np.arange(seeds) - (seeds - 1) / 2
    return float(places[seed] / places.std()) if seeds > 1 else 0.0


def _answers(
    rng: np.random.Generator, gold: np.ndarray, accuracy: float, invalid: float, labels: int, hardness: np.ndarray
) -> np.ndarray:
    wrong = round((1 - accuracy) * len(gold))
    order = np.argsort(-(hardness + rng.random(len(gold))), kind="stable")[:wrong]
    answers = gold.copy()
    answers[order] = (gold[order] + rng.integers(1, labels, size=wrong)) % labels
    answers[order[: round(invalid * wrong)]] = NO_LABEL
    return answers.astype(np.int32)


def _probabilities(rng: np.random.Generator, answers: np.ndarray, labels: int) -> np.ndarray:
    sure = np.full((len(answers), labels), 0.1 / max(1, labels - 1), np.float32)
    rows = np.flatnonzero(answers >= 0)
    sure[rows, answers[rows]] = 0.9
    sure[answers < 0] = np.nan
    return sure
