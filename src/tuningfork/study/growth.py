"""What is done with time and money that the planned trials have left over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tuningfork.answers.category import bare
from tuningfork.arms.results import Side, TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.metrics.metric import metrics_of
from tuningfork.study.allotment import Allotment
from tuningfork.study.deciding import by_level, deciding_level
from tuningfork.task.schema import TaskData

_LEAST_GAIN = 1.1
"""Rows over rows before; less would not narrow an interval by 5 %."""


def compared_arms(task: TaskData, ended: Sequence[TrialResult]) -> frozenset[str]:
    """The arm of each side that the verdict is likely to compare: the best on validation rows at its deciding level,
    or the only one; all of a side where its arms cannot be ranked yet. No evaluation row is looked at."""
    by_side: dict[Side, dict[str, list[TrialResult]]] = {}
    for result in ended:
        if result.status == "done" and not ArmSpec.parse(result.plan.arm).is_check:
            by_side.setdefault(result.side, {}).setdefault(result.plan.arm, []).append(result)
    found: set[str] = set()
    for arms in by_side.values():
        scores = {arm: _validation_score(task, trials) for arm, trials in arms.items()}
        known = {arm: score for arm, score in scores.items() if score is not None}
        found |= {max(known, key=known.__getitem__)} if len(known) == len(arms) else set(arms)
    return frozenset(found)


def is_worth_it(before: Allotment, after: Allotment, *, rows: int) -> bool:
    """Whether a larger share changes anything that a reader would see.

    Args:
        rows: evaluation rows there are.
    """
    if after.trials > before.trials:
        return True
    return after.rows > before.rows and (after.rows == rows or after.rows >= _LEAST_GAIN * before.rows)


def _validation_score(task: TaskData, trials: Sequence[TrialResult]) -> float | None:
    """The higher the better: errors have their sign turned."""
    decides = deciding_level(by_level([trial.plan for trial in trials]))
    gold, scores = task.validation.answers, []
    metric = metrics_of(gold.kind).get(task.metric)
    for trial in trials:
        if trial.plan.level == decides and trial.validation is not None and len(trial.validation):
            right = bare(gold.take(slice(len(trial.validation))))
            scores.append(metric.score(right, bare(trial.validation.answers)))
    known = [score for score in scores if score is not None]
    sign = 1.0 if metric.higher_is_better else -1.0
    return sign * float(np.mean(known)) if known else None
