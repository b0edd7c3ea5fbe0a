"""The scored table of a study: every arm, level and role measured once, for all later steps of the verdict.

    records -> scored -> choice -> calls -> rows and outlook -> warnings -> sentences -> verdict.json

Each step is a module that reads the results of those before it and goes back to none. Gold, answers and metric meet
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.runs import RunAnswers, commonest
from tuningfork.arms.results import TrialResult
from tuningfork.metrics.metric import Metric, metrics_of
from tuningfork.stats.crossed import PairedDifference, ScoreInterval
from tuningfork.study.decided_by import margin_of
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import TaskData
from tuningfork.task.task_type import TASK_TYPES
from tuningfork.verdict.scored_arms import (
    ScoredArm,
    answers_of,
    common_prefix,
    mean_or_none,
    scored_arms,
    validation_answers,
)
from tuningfork.verdict.scores import Scorer
from tuningfork.verdict.unread import unread_arms
from tuningfork.verdict.verdict_json import NotRead

_Found = TypeVar("_Found")
_MOST_CONSTANTS = 200
"""Of a score that takes a millisecond: a fifth of a second an arm."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """A study's arms with their scores in the study's metric, each found when it is first asked for and then kept.

    Attributes:
        arms: every arm with a finished trial, in the order of the study.
        checks: arms that see a part of each row, likewise; they stand for no side.
        not_read: by arm, what of its answers was not read; arms without a word to say about it are not there.
        evaluation, validation: score any answers to the first rows of these roles.
    """

    records: StudyRecords
    arms: tuple[ScoredArm, ...]
    checks: tuple[ScoredArm, ...] = ()
    not_read: Mapping[str, NotRead]
    evaluation: Scorer
    validation: Scorer
    _known: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @property
    def task(self) -> TaskData:
        """The rows in their roles."""
        return self.records.task

    @property
    def metric(self) -> Metric:
        """The metric that decides."""
        return self.evaluation.metric

    def oriented(self, score: float) -> float:
        """A score that is the higher the better: errors have their sign turned. Turned again, it is as it is told."""
        return score if self.metric.higher_is_better else -score

    @property
    def margin(self) -> float:
        """The smallest difference that matters, in the score's own numbers."""
        return margin_of(self.task.spec)

    @property
    def unread(self) -> Mapping[str, NotRead]:
        """Of the arms whose answers were mostly not read."""
        return {arm: found for arm, found in self.not_read.items() if found.mostly}

    @property
    def read(self) -> list[ScoredArm]:
        """The arms whose answers were read."""
        return [arm for arm in self.arms if arm.arm not in self.unread]

    def score(self, arm: ScoredArm, n: int | None = None) -> float | None:
        """Mean score over seeds on the first n evaluation rows, all that the arm answered by default; None where the
        metric is not defined on these rows."""
        rows = arm.n_eval if n is None else n
        return self._once(("score", arm.arm, rows), lambda: self.evaluation.score(arm.answers(rows)))

    def score_at(self, arm: ScoredArm, level: int, n: int) -> float | None:
        """The same of the arm's runs at another of its levels."""
        answers = answers_of(arm.levels[level], n)
        return self._once(("score_at", arm.arm, level, n), lambda: self.evaluation.score(answers))

    def score_of(self, trial: TrialResult) -> float | None:
        """Score of one finished trial on the evaluation rows that it answered."""
        return self._once(
            ("score_of", trial.plan), lambda: self.evaluation.score(answers_of([trial], common_prefix([trial])))
        )

    def interval(self, arm: ScoredArm, n: int | None = None) -> ScoreInterval | None:
        """The arm's score with its interval over rows and seeds; None where undefined."""
        rows = arm.n_eval if n is None else n
        return self._once(("interval", arm.arm, rows), lambda: self.evaluation.interval(arm, rows))

    def compare(self, a: ScoredArm, b: ScoredArm) -> PairedDifference | None:
        """b minus a on the evaluation rows that both answered; None where fewer than two rows or an undefined score
        leave nothing."""
        return self._once(("compare", a.arm, b.arm), lambda: self.evaluation.compare(a, b))

    @property
    def right_or_wrong(self) -> bool:
        """Whether answers are one or the other, and not more or less near."""
        return self.evaluation.gold.right_or_wrong

    def right(self, arm: ScoredArm, n: int) -> NDArray[np.bool_]:
        """Which of the first n evaluation rows the arm has right, shape (n, seeds)."""
        return self._once(("right", arm.arm, n), lambda: arm.answers(n).same(self.evaluation.gold.take(slice(n))))

    def metrics(self, arm: ScoredArm) -> dict[str, float]:
        """Every metric of the task's type that is defined on the arm's own evaluation rows, by name."""
        answers = arm.answers(arm.n_eval)
        scores = {
            name: self.score(arm) if name == self.metric.name else self._in(name).score(answers)
            for name in TASK_TYPES.get(self.task.spec.type).metrics
        }
        return {name: score for name, score in scores.items() if score is not None}

    def validation_interval(self, arm: ScoredArm) -> ScoreInterval | None:
        """The arm's score on the validation rows that all its compared runs answered; None where there is none."""
        answers = validation_answers(arm.trials)
        if answers is None:
            return None
        return self._once(
            ("validation", arm.arm),
            lambda: self.validation.interval_of(answers, random=arm.random, redrawn=arm.redrawn),
        )

    @property
    def validation_scorers(self) -> Iterator[Scorer]:
        """In the study's metric, and in accuracy for where that is undefined on the validation rows."""
        yield self.validation
        if self.metric.name != "accuracy" and "accuracy" in metrics_of(self.validation.gold.kind).names():
            yield Scorer.on(self.task.validation, "accuracy")

    def shifted_score(self, arm: ScoredArm) -> float | None:
        """Mean score over seeds on the shifted rows; None where there are none, or none was answered."""
        shifted = self.task.shifted
        answered = [trial.shifted for trial in arm.trials if trial.shifted is not None]
        if shifted is None or not answered:
            return None
        scorer = replace(self.evaluation, gold=shifted.answers, units=None)
        return mean_or_none([scorer.score(RunAnswers((answers.answers,))) for answers in answered])

    def on_rows(self, chosen: NDArray[np.bool_]) -> Scorer:
        """Scores answers to some of the first evaluation rows: those where `chosen` is True."""
        units = None if self.evaluation.units is None else self.evaluation.units[: len(chosen)][chosen]
        return replace(self.evaluation, gold=self.evaluation.gold.take(np.flatnonzero(chosen)), units=units)

    def constant_score(self, n: int) -> float:
        """Score of the best answer that is the same for each of the first n evaluation rows, of those that are right
        somewhere; of kinds with answers without number, of the ones that are right most often."""
        gold = self.evaluation.gold.take(slice(n))
        constants = (gold.take(np.full(n, row)) for row in commonest(gold, most=_MOST_CONSTANTS))
        scores = [self.evaluation.score(RunAnswers((column,))) for column in constants]
        best = max if self.metric.higher_is_better else min
        return best((score for score in scores if score is not None), default=0.0)

    def _in(self, metric: str) -> Scorer:
        return self._once(("scorer", metric), lambda: Scorer.of(self.task, metric))

    def _once(self, question: Hashable, answer: Callable[[], _Found]) -> _Found:
        if question not in self._known:
            self._known[question] = answer()
        found: _Found = self._known[question]
        return found


def score_study(records: StudyRecords) -> Scored:
    """The scored table of a study's trials so far."""
    task = records.task
    found = scored_arms(records)
    arms = tuple(arm for arm in found if not arm.is_check)
    return Scored(
        records=records,
        arms=arms,
        checks=tuple(arm for arm in found if arm.is_check),
        not_read=unread_arms(arms, task.labels.names),
        evaluation=Scorer.of(task),
        validation=Scorer.on(task.validation, task.metric),
    )
