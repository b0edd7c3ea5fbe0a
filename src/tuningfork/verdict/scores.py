"""Answers to rows of one role, scored in one metric, with intervals and comparisons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tuningfork.metrics.metric import METRICS, Metric
from tuningfork.stats.break_even import BreakEvenResult, break_even, break_even_statistic
from tuningfork.stats.crossed import (
    PairedDifference,
    ScoreInterval,
    compare_rows,
    compare_statistic,
    score_interval,
    statistic_interval,
)
from tuningfork.stats.jackknife import Labels, LeaveOneOut, macro_f1_left_out
from tuningfork.stats.ranking import Ranking, ValidationRuns, rank_rows, rank_statistic
from tuningfork.task.rows import Evaluation, Gold, Validation
from tuningfork.task.schema import TaskData
from tuningfork.task.units import Units, n_units
from tuningfork.verdict.scored_arms import Answers, ScoredArm, answers_vary, mean_or_none, share_samples

_LEFT_OUT: Mapping[str, LeaveOneOut] = {"macro_f1": macro_f1_left_out}
"""Fast ways to leave one row out, where a metric has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Scores answers to the evaluation rows in one metric, with its intervals and comparisons.

    Attributes:
        units: which draw each row belongs to; None where every row is a draw of its own.
    """

    metric: Metric
    gold: Gold
    units: Units | None
    n_labels: int

    @classmethod
    def of(cls, task: TaskData, metric: str | None = None) -> Scorer:
        """The scorer of the task's evaluation rows, in the study's metric unless another is named."""
        return cls.on(task.evaluation, metric or task.metric, len(task.labels))

    @classmethod
    def on(cls, rows: Evaluation | Validation, metric: str, n_labels: int) -> Scorer:
        """The scorer of these rows in a metric."""
        units = rows.units if n_units(rows.units) < len(rows) else None
        return cls(METRICS.get(metric), rows.gold, units, n_labels)

    def score(self, answers: Answers) -> float | None:
        """Mean score over seeds; None where the metric is not defined on these rows."""
        gold = self.gold[: len(answers)]
        return mean_or_none([self.metric.score(gold, column, self.n_labels) for column in answers.T])

    def interval(self, arm: ScoredArm, n: int) -> ScoreInterval | None:
        """The arm's score on the first n rows with its interval over rows and seeds; None where undefined."""
        return self.interval_of(arm.answers(n), random=arm.random, redrawn=arm.redrawn)

    def interval_of(self, answers: Answers, *, random: bool, redrawn: bool) -> ScoreInterval | None:
        """The same of answers to the first rows; the arguments are those of `score_interval`."""
        if len(answers) < 2 or self.score(answers) is None:
            return None
        units, rows = self._units(len(answers)), self._row_scores(answers)
        if rows is not None:
            return score_interval(rows, random=random, redrawn=redrawn, differ=answers_vary(answers), units=units)
        return statistic_interval(
            self.gold[: len(answers)],
            answers,
            statistic=self._statistic,
            leave_one_out=_LEFT_OUT.get(self.metric.name),
            random=random,
            redrawn=redrawn,
            units=units,
        )

    def compare(self, a: ScoredArm, b: ScoredArm) -> PairedDifference | None:
        """b minus a on their shared rows; None where fewer than two rows or an undefined score leave nothing."""
        n = min(a.n_eval, b.n_eval)
        first, second = a.answers(n), b.answers(n)
        if n < 2 or self.score(first) is None:
            return None
        return self.difference(
            first,
            second,
            same_samples=share_samples(a, b),
            random_a=a.random,
            random_b=b.random,
            redrawn_a=a.redrawn,
            redrawn_b=b.redrawn,
        )

    def difference(
        self,
        a: Answers,
        b: Answers,
        *,
        same_samples: bool,
        random_a: bool,
        random_b: bool,
        redrawn_a: bool = False,
        redrawn_b: bool = False,
    ) -> PairedDifference:
        """b minus a on the same first rows; the arguments are those of `compare_rows`.

        Runs that answer otherwise are different runs, whatever was said of them, though they hit the same rows.
        """
        units, rows_a, rows_b = self._units(len(a)), self._row_scores(a), self._row_scores(b)
        if rows_a is not None and rows_b is not None:
            return compare_rows(
                rows_a,
                rows_b,
                same_samples=same_samples,
                random_a=random_a,
                random_b=random_b,
                redrawn_a=redrawn_a,
                redrawn_b=redrawn_b,
                differ_a=answers_vary(a),
                differ_b=answers_vary(b),
                units=units,
            )
        return compare_statistic(
            self.gold[: len(a)],
            a,
            b,
            statistic=self._statistic,
            leave_one_out=_LEFT_OUT.get(self.metric.name),
            same_samples=same_samples,
            random_a=random_a,
            random_b=random_b,
            redrawn_a=redrawn_a,
            redrawn_b=redrawn_b,
            units=units,
        )

    def rank(self, arms: Mapping[str, ValidationRuns]) -> Ranking:
        """Arms by their answers to the first rows, the best first."""
        rows = {
            arm: replace(runs, values=scores)
            for arm, runs in arms.items()
            if (scores := self._row_scores(np.asarray(runs.values, np.int32))) is not None
        }
        most = max((len(np.asarray(runs.values)) for runs in arms.values()), default=0)
        if len(rows) == len(arms):
            return rank_rows(rows, units=self._units(most))
        return rank_statistic(
            self.gold,
            arms,
            statistic=self._statistic,
            leave_one_out=_LEFT_OUT.get(self.metric.name),
            units=self._units(most),
        )

    def break_even(
        self, llm: ScoredArm, curve: Mapping[int, Answers], *, n_pool: int, redrawn: Collection[int] = ()
    ) -> BreakEvenResult:
        """Where a learning curve (answers to the same first rows, by label count) meets an LLM arm's score.

        Args:
            curve: at least one label count; all with the same number of rows, at most `llm.n_eval`.
            n_pool: rows in the pool, at least the largest count.
            redrawn: the counts whose runs are known to have had different samples.
        """
        n = len(next(iter(curve.values())))
        answers = llm.answers(n)
        llm_rows = self._row_scores(answers)
        curve_rows = {count: rows for count, at in curve.items() if (rows := self._row_scores(at)) is not None}
        if llm_rows is not None and len(curve_rows) == len(curve):
            return break_even(
                curve_rows,
                llm_rows,
                n_pool=n_pool,
                random_llm=llm.random,
                redrawn=redrawn,
                redrawn_llm=llm.redrawn,
                units=self._units(n),
            )
        return break_even_statistic(
            self.gold[:n],
            curve,
            answers,
            statistic=self._statistic,
            leave_one_out=_LEFT_OUT.get(self.metric.name),
            n_pool=n_pool,
            random_llm=llm.random,
            redrawn=redrawn,
            redrawn_llm=llm.redrawn,
            units=self._units(n),
        )

    def _row_scores(self, answers: Answers) -> NDArray[np.float64] | None:
        columns = [self.metric.row_scores(self.gold[: len(answers)], column) for column in answers.T]
        found = [column for column in columns if column is not None]
        return np.column_stack(found) if len(found) == len(columns) else None

    def _statistic(self, gold: Labels, predicted: Labels) -> float:
        value = self.metric.score(gold.astype(np.int32), predicted.astype(np.int32), self.n_labels)
        return float("nan") if value is None else value

    def _units(self, n: int) -> Sequence[int] | None:
        """Of the first n rows, as the statistics take them."""
        return None if self.units is None else self.units[:n].tolist()
