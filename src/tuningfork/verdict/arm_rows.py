"""The rows of `arms[]`: what is shown of every arm, failed ones with their reason."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.answers.runs import RunAnswers
from tuningfork.arms.results import UNREAD, TrialResult
from tuningfork.metrics.calibration import expected_calibration_error
from tuningfork.study.injections import INJECTIONS
from tuningfork.study.wording_answers import WORDING_ANSWERS, read_answers
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.money import Bill, bill_of, runs_here
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm, common_prefix, mean_or_none
from tuningfork.verdict.verdict_json import ArmRow, CurvePoint, Injections

WORDING_SCORES = "wording_scores"
"""Key in a row's details: a JSON object, score by wording in the study's metric, on the rows that show the spread. In
the details of older trials: scores in a metric that nobody wrote down."""
NO_LABEL_GIVEN = "no_label"
"""Reason of an invalid answer: what was said is no label of the task."""
CHANGED_ON_REPEAT = "changed_on_repeat"
"""Key in a trial's details: share of answers that changed when asked again, as a number."""


def arm_rows(scored: Scored, choice: ChosenArms) -> tuple[ArmRow, ...]:
    """One row for every arm with a trial that ended, in the order of the study; none for checks that went well, which
    have rows of their own."""
    arms, checked = {arm.arm: arm for arm in scored.arms}, {arm.arm for arm in scored.checks}
    rows = []
    for name in scored.records.arms:
        if name in arms:
            rows.append(_finished_row(scored, arms[name], choice.validation_scores.get(name)))
        elif name in checked:
            continue
        elif ended := [trial for trial in scored.records.trials if trial.plan.arm == name]:
            rows.append(_unfinished_row(ended))
    return tuple(rows)


def curve_points(scored: Scored) -> tuple[CurvePoint, ...]:
    """Every finished trial's score on its own evaluation rows, unless it was stopped before it had answered as many as
    its arm is compared on: on other rows it would seem better or worse than it is."""
    points = []
    for arm in scored.arms:
        for trials in arm.levels.values():
            for trial in trials:
                score = scored.score_of(trial)
                if score is not None and common_prefix([trial]) >= arm.n_eval:
                    points.append(
                        CurvePoint(
                            arm=arm.arm,
                            n_labels=trial.plan.n_labels,
                            seed=trial.plan.seed,
                            score=score,
                            seconds_train=trial.seconds_train,
                        )
                    )
    return tuple(points)


def _finished_row(scored: Scored, arm: ScoredArm, validation_score: float | None) -> ArmRow:
    n = arm.n_eval
    interval = scored.interval(arm)
    bill = bill_of(arm, usd_per_hour=scored.records.usd_per_hour)
    p50, p95 = _latencies(arm)
    metrics = scored.metrics(arm)
    invalid = float(np.mean(~arm.answers(n).valid))
    wordings = _wordings(scored, arm.trials)
    return ArmRow(
        arm=arm.arm,
        side=arm.side,
        model=arm.model,
        status="done",
        failure=None,
        n_labels=arm.n_labels,
        n_eval=n,
        seeds=len(arm.trials),
        score=scored.score(arm),
        ci95=None if interval is None else interval.ci95,
        accuracy=metrics.get("accuracy"),
        macro_f1=metrics.get("macro_f1"),
        metrics=metrics,
        invalid=invalid,
        invalid_reasons={NO_LABEL_GIVEN: invalid} if invalid else {},
        usd_per_1k=_usd_per_1k(bill),
        latency_ms_p50=p50,
        latency_ms_p95=p95,
        ms_per_row=bill.ms_per_row,
        seconds_train=_seconds_train(arm),
        ece=_calibration_error(scored, arm),
        validation_score=validation_score,
        shifted_score=scored.shifted_score(arm),
        wordings=None if wordings is None else tuple(score for score in wordings.values() if score is not None),
        changed_on_repeat=_changed_on_repeat(arm.trials),
        injections=_injections(arm.trials),
        not_read=scored.not_read.get(arm.arm),
        details=_details(arm.trials[0], wordings),
    )


def _seconds_train(arm: ScoredArm) -> float | None:
    """None for answers made elsewhere: reading their file trained nothing."""
    if runs_here(arm.arm) is None:
        return None
    return median_of_known([trial.seconds_train for trial in arm.trials])


def _unfinished_row(ended: Sequence[TrialResult]) -> ArmRow:
    """The row of an arm without one finished trial; a failure is told before a stop."""
    told = next((trial for trial in reversed(ended) if trial.status == "failed"), ended[-1])
    return ArmRow(
        arm=told.plan.arm,
        side=told.side,
        model=told.model,
        status=told.status,
        failure=told.failure,
        n_labels=told.plan.n_labels,
        n_eval=0,
        seeds=0,
        score=None,
        ci95=None,
        accuracy=None,
        macro_f1=None,
        invalid=None,
        usd_per_1k=None,
        latency_ms_p50=None,
        latency_ms_p95=None,
        ms_per_row=None,
        seconds_train=None,
        ece=None,
        details=told.details,
    )


def _usd_per_1k(bill: Bill) -> float | None:
    return None if bill.usd_per_row is None else 1000 * bill.usd_per_row


def _latencies(arm: ScoredArm) -> tuple[float | None, float | None]:
    """Median and 95th percentile in ms of rows timed alone; of an LLM's answers where rows are asked one by one. A
    trained model is as fast at any count, so that one of another count stands in where none was timed at this one."""
    alone = _timed_alone(arm.trials)
    if not alone:
        asked = [trial.evaluation.row_seconds for trial in arm.trials if trial.evaluation is not None]
        alone = [float(seconds) for rows in asked if rows is not None for seconds in rows if np.isfinite(seconds)]
    if not alone:
        alone = _timed_alone([trial for trials in arm.levels.values() for trial in trials])
    if not alone:
        return None, None
    p50, p95 = np.percentile(alone, [50, 95])
    return 1000 * float(p50), 1000 * float(p95)


def _timed_alone(trials: Sequence[TrialResult]) -> list[float]:
    return [seconds for trial in trials for seconds in trial.latency_seconds]


def _calibration_error(scored: Scored, arm: ScoredArm) -> float | None:
    """Mean over seeds of the expected calibration error, 15 equal-width bins; None without probabilities, and of
    answers that are no categories.

    A trial without any, because none of its answers was a label, has no part in it, as such rows have none.
    """
    gold = scored.evaluation.gold
    if not isinstance(gold, Categories):
        return None
    errors: list[float | None] = []
    for trial in arm.trials:
        assert trial.evaluation is not None, "finished trials have answers"
        probabilities: NDArray[np.float32] | None = trial.evaluation.probabilities
        right = gold.indices[: len(trial.evaluation)]
        errors.append(expected_calibration_error(right, trial.evaluation.labels, probabilities))
    return mean_or_none([error for error in errors if error is not None])


def median_of_known(values: Sequence[float | None]) -> float | None:
    """The middle of the known values, of two middle ones their mean; None where none is known."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _told(trials: Sequence[TrialResult], key: str) -> str | None:
    """A detail that is measured once an arm, whichever trial did."""
    found = (value for trial in trials for name, value in trial.details if name == key)
    return next(found, None)


def _wordings(scored: Scored, trials: Sequence[TrialResult]) -> dict[str, float | None] | None:
    """Score of each wording in the study's metric, None for one that the metric is not defined for."""
    told = _told(trials, WORDING_ANSWERS)
    if told is None:
        return None
    return {
        name: scored.evaluation.score(RunAnswers.of_labels(labels[:, None]))
        for name, labels in read_answers(told).items()
    }


def _details(trial: TrialResult, wordings: Mapping[str, float | None] | None) -> tuple[tuple[str, str], ...]:
    """The trial's details with the wordings' scores in place of their answers."""
    shown = {
        WORDING_ANSWERS: (WORDING_SCORES, json.dumps(wordings)),
        WORDING_SCORES: ("scores of the wordings", "not known: an older version kept them without their metric"),
    }
    return tuple(shown.get(name, (name, value)) for name, value in trial.details if name != UNREAD)


def _changed_on_repeat(trials: Sequence[TrialResult]) -> float | None:
    told = _told(trials, CHANGED_ON_REPEAT)
    return None if told is None else float(told)


def _injections(trials: Sequence[TrialResult]) -> Injections | None:
    told = _told(trials, INJECTIONS)
    return None if told is None else Injections.model_validate_json(told)
