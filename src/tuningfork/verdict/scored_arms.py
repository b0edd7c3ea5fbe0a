"""From trials to arms: each with its runs by level, and the level at which it is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tuningfork.answers.runs import RunAnswers
from tuningfork.arms.results import Side, TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.study.deciding import FEWEST_ROWS, can_decide, deciding_level
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.names import ArmName, name_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoredArm:
    """An arm with finished trials.

    Attributes:
        levels: finished trials by level, each level sorted by seed.
        level: the level that is compared: the largest finished one.
        trials: the compared level's trials; one alone where nothing random is left.
        random: False where nothing is left to redraw, so that the arm is one deterministic run.
        redrawn: its runs are known to have had different samples, or other initialisations: equal answers are then
            what the recipe gives, and no slip.
        whole_pool: the compared level used every pool row.
    """

    arm: str
    side: Side
    model: str
    levels: Mapping[int, tuple[TrialResult, ...]]
    level: int
    trials: tuple[TrialResult, ...]
    random: bool
    redrawn: bool
    whole_pool: bool

    @property
    def is_check(self) -> bool:
        """Whether it sees a part of each row only, and stands for no side."""
        return ArmSpec.parse(self.arm).is_check

    @property
    def name(self) -> ArmName:
        """The arm in words."""
        return name_of(self.arm, self.side)

    @property
    def n_eval(self) -> int:
        """Evaluation rows that every compared trial answered: a prefix of their fixed order."""
        return common_prefix(self.trials)

    @property
    def n_labels(self) -> int | None:
        """Pool rows handed to a compared trial, the most over the seeds; None where not known."""
        counts = [trial.plan.n_labels for trial in self.trials]
        return max((count for count in counts if count is not None), default=None)

    def answers(self, n: int) -> RunAnswers:
        """Answers to the first n evaluation rows, one column a seed."""
        return answers_of(self.trials, n)


def scored_arms(records: StudyRecords) -> tuple[ScoredArm, ...]:
    """Every arm with a finished trial, in the order of the study."""
    found = (_scored_arm(records, arm) for arm in records.arms)
    return tuple(arm for arm in found if arm is not None)


def share_samples(a: ScoredArm, b: ScoredArm) -> bool:
    """Whether both arms were given the same labels for each seed, so that their seeds pair as well as their rows."""
    if not (a.random and b.random) or a.level != b.level:
        return False
    given_a = {trial.plan.seed: trial.plan.n_labels for trial in a.trials}
    given_b = {trial.plan.seed: trial.plan.n_labels for trial in b.trials}
    return given_a == given_b and None not in given_a.values()


def common_prefix(trials: Sequence[TrialResult]) -> int:
    """Evaluation rows that all these finished trials answered."""
    return min((len(trial.evaluation) for trial in trials if trial.evaluation is not None), default=0)


def answers_of(trials: Sequence[TrialResult], n: int) -> RunAnswers:
    """The first n evaluation answers of finished trials, one column a trial."""
    return RunAnswers.first_of([trial.evaluation.answers for trial in trials if trial.evaluation is not None], n)


def validation_answers(trials: Sequence[TrialResult]) -> RunAnswers | None:
    """Answers to the validation rows that all of these trials answered that have any, one column a trial."""
    answered = [trial.validation.answers for trial in trials if trial.validation is not None]
    n = min(map(len, answered), default=0)
    return RunAnswers.first_of(answered, n) if n else None


def mean_or_none(values: Sequence[float | None]) -> float | None:
    """The mean where every value is known."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def _scored_arm(records: StudyRecords, arm: str) -> ScoredArm | None:
    levels = _finished_trials(records, arm)
    if not levels:
        return None
    level = _compared_level(records, arm, levels)
    trials, pool_size = levels[level], len(records.task.pool)
    whole_pool = pool_size > 0 and all(trial.plan.n_labels == pool_size for trial in trials)
    settled = any(trial.plan.deterministic for trial in trials) or (whole_pool and _identical(trials))
    return ScoredArm(
        arm=arm,
        side=trials[0].side,
        model=trials[0].model,
        levels=levels,
        level=level,
        trials=trials[:1] if settled else trials,
        random=not settled,
        redrawn=were_redrawn(trials),
        whole_pool=whole_pool,
    )


def _finished_trials(records: StudyRecords, arm: str) -> dict[int, tuple[TrialResult, ...]]:
    """By level and seed; without those that have only begun to answer, or were stopped there, once others have gone on:
    a score on so few rows is no point of the curve, and would cut the rows of all runs beside it."""
    done = [trial for trial in records.trials if trial.plan.arm == arm and trial.status == "done"]
    enough = [trial for trial in done if common_prefix([trial]) >= FEWEST_ROWS]
    found: dict[int, dict[int, TrialResult]] = {}
    for trial in enough or done:
        found.setdefault(trial.plan.level, {})[trial.plan.seed] = trial
    return {level: tuple(found[level][seed] for seed in sorted(found[level])) for level in sorted(found)}


def _compared_level(records: StudyRecords, arm: str, levels: Mapping[int, tuple[TrialResult, ...]]) -> int:
    """The largest level with runs enough, even if more are to come; else the largest that has all it planned; else the
    largest begun."""
    runs = {level: [trial.plan for trial in trials] for level, trials in levels.items()}
    if any(map(can_decide, runs.values())):
        return deciding_level(runs)
    waiting = {plan.level for plan in records.remaining if plan.arm == arm}
    lost = {trial.plan.level for trial in records.trials if trial.plan.arm == arm and trial.status != "done"}
    return max([level for level in runs if level not in waiting | lost] or runs)


def were_redrawn(trials: Sequence[TrialResult]) -> bool:
    """Every run says what was drawn for it, and no two say the same; or their answers differ, which shows it."""
    draws = [trial.draw for trial in trials]
    told = None not in draws and len(set(draws)) == len(draws)
    return told or answers_of(trials, common_prefix(trials)).vary


def _identical(trials: Sequence[TrialResult]) -> bool:
    if len(trials) < 2:
        return False
    return not answers_of(trials, common_prefix(trials)).vary
