"""Counts above the one that an arm is compared at: too few runs to decide, but not to be kept quiet about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tuningfork.arms.results import Side, TrialResult
from tuningfork.study.deciding import RUNS_TO_DECIDE
from tuningfork.study.records import StudyRecords
from tuningfork.task.command import abridged
from tuningfork.verdict import numbers
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm, common_prefix
from tuningfork.verdict.verdict_json import Caution

MAY_DO_BETTER, SHOWN_ONLY = "more_labels_may_do_better", "larger_count_shown_only"
_STEP_MINUTES = 5
_ROOM = 2.2
"""Seconds of a budget that surely leave a second for more training, once the rest of a study has run."""


def larger_count_cautions(scored: Scored, choice: ChosenArms, *, ahead: Side | None) -> Iterator[Caution]:
    """One caution for each arm that ran at a larger count too seldom to be compared there, and has no more to run.

    Args:
        ahead: the side that the verdict recommends: more on its side changes nothing.
    """
    records = scored.records
    for arm in scored.read:
        largest = max(arm.levels)
        if largest <= arm.level or any(p.arm == arm.arm and p.level == largest for p in records.remaining):
            continue
        trials, stands = arm.levels[largest], choice.best.get(arm.side, arm)
        answered = common_prefix(trials)
        rows = min(answered, stands.n_eval)
        score, decided = scored.score_at(arm, largest, rows), scored.score(stands, rows)
        if score is None or decided is None:
            continue
        better = score > decided and arm.side != ahead
        told = f"{_ran(arm, trials)} scored {_beside(score, decided)} that decided"
        if rows < stands.n_eval:
            told += f", on the {rows} rows that {'it' if len(trials) == 1 else 'they'} answered"
        on_curve = "It stands on the curve, and neither" if answered >= arm.n_eval else "Neither"
        yield Caution(
            code=MAY_DO_BETTER if better else SHOWN_ONLY,
            message=f"{told}. {on_curve} verdict nor break-even labels rest on it: "
            f"{_what_it_takes(records, arm, trials)}",
        )


def _ran(arm: ScoredArm, trials: Sequence[TrialResult]) -> str:
    runs = "One run" if len(trials) == 1 else f"{len(trials)} runs"
    return f"{runs} of {arm.arm} with {numbers.count(trials[0].plan.n_labels or 0)} labels"


def _beside(score: float, decided: float) -> str:
    """'0.58, above the 0.54', with as many decimals as it takes to see that."""
    where = "above" if score > decided else "below" if score < decided else "as"
    alike = score != decided and numbers.score(score) == numbers.score(decided)
    told, other = (numbers.score(one, digits=3 if alike else 2) for one in (score, decided))
    return f"{told}, {where} the {other}"


def _what_it_takes(records: StudyRecords, arm: ScoredArm, trials: Sequence[TrialResult]) -> str:
    """How many runs would let this count decide, and, unless it is failures that keep it from them, the command with
    the minutes for them."""
    level = trials[0].plan.level
    failed = any(
        trial.status == "failed" and (trial.plan.arm, trial.plan.level) == (arm.arm, level) for trial in records.trials
    )
    more = RUNS_TO_DECIDE - len(trials)
    known = [t.seconds_train + (t.seconds_predict or 0.0) for t in trials if t.seconds_train is not None]
    runs = "one more run" if more == 1 else f"{more} more runs"
    if not known or failed:
        return f"{runs} would let it decide."
    each = max(known)
    minutes = _STEP_MINUTES * math.ceil((records.seconds + _ROOM * more * each) / 60 / _STEP_MINUTES)
    took = f"of about {max(1, round(each / 60))} min{' each' if more > 1 else ''}"
    return f"{runs} {took} would let it decide: {abridged(records.task.spec, f'--budget-minutes {minutes}')}"
