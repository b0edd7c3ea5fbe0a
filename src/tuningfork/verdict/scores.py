"""Answers to rows of one role, scored in one metric, with intervals and comparisons."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from tuningfork.answers.category import bare
from tuningfork.answers.column import Column
from tuningfork.answers.runs import RunAnswers
from tuningfork.metrics.metric import Metric, metrics_of
from tuningfork.stats.break_even import BreakEvenResult, break_even
from tuningfork.stats.crossed import PairedDifference, ScoreInterval, compare, interval
from tuningfork.stats.measured import Measured, measured
from tuningfork.stats.ranking import Contender, Ranking, rank
from tuningfork.task.rows import Evaluation, Validation
from tuningfork.task.schema import TaskData
from tuningfork.task.units import Units, n_units
from tuningfork.verdict.scored_arms import ScoredArm, mean_or_none, share_samples


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValidationRuns:
    """What one arm did on validation rows.

    Attributes:
        values: answers to the first n validation rows, one column a run; n may differ between arms.
        samples: what each run was trained on, k names; runs of two arms pair where these are equal. None where that
            is not known or the arm was not trained.
    """

    values: RunAnswers
    samples: tuple[Hashable, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scorer:
    """Scores answers to the evaluation rows in one metric, with its intervals and comparisons.

    Attributes:
        units: which draw each row belongs to; None where every row is a draw of its own.
    """

    metric: Metric
    gold: Column
    units: Units | None

    @classmethod
    def of(cls, task: TaskData, metric: str | None = None) -> Scorer:
        """The scorer of the task's evaluation rows, in the study's metric unless another is named."""
        return cls.on(task.evaluation, metric or task.metric)

    @classmethod
    def on(cls, rows: Evaluation | Validation, metric: str) -> Scorer:
        """The scorer of these rows in a metric."""
        units = rows.units if n_units(rows.units) < len(rows) else None
        return cls(metrics_of(rows.answers.kind).get(metric), rows.answers, units)

    def score(self, answers: RunAnswers) -> float | None:
        """Mean score over seeds; None where the metric is not defined on these rows."""
        gold = self._gold_of(answers)
        return mean_or_none([self.metric.score(gold, bare(column)) for column in answers.columns])

    def interval(self, arm: ScoredArm, n: int) -> ScoreInterval | None:
        """The arm's score on the first n rows with its interval over rows and seeds; None where undefined."""
        return self.interval_of(arm.answers(n), random=arm.random, redrawn=arm.redrawn)

    def interval_of(self, answers: RunAnswers, *, random: bool, redrawn: bool) -> ScoreInterval | None:
        """The same of answers to the first rows; `random` and `redrawn` are those of `Measured`."""
        if len(answers) < 2 or self.score(answers) is None:
            return None
        found = interval(self._measured(answers, random=random, redrawn=redrawn))
        return found if self.metric.higher_is_better else found.turned

    def compare(self, a: ScoredArm, b: ScoredArm) -> PairedDifference | None:
        """b minus a on their shared rows; None where fewer than two rows or an undefined score leave nothing."""
        n = min(a.n_eval, b.n_eval)
        first, second = a.answers(n), b.answers(n)
        if n < 2 or None in (self.score(first), self.score(second)):
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
        a: RunAnswers,
        b: RunAnswers,
        *,
        same_samples: bool,
        random_a: bool,
        random_b: bool,
        redrawn_a: bool = False,
        redrawn_b: bool = False,
    ) -> PairedDifference:
        """b minus a on the same first rows; the arguments are those of `compare` and `Measured`.

        Runs that answer otherwise are different runs, whatever was said of them, though they score alike.
        """
        first = self._measured(a, random=random_a, redrawn=redrawn_a)
        return compare(first, self._measured(b, random=random_b, redrawn=redrawn_b), same_samples=same_samples)

    def told(self, score: float) -> float:
        """A score of a ranking as it is told."""
        return score if self.metric.higher_is_better else -score

    def rank(self, arms: Mapping[str, ValidationRuns]) -> Ranking:
        """Arms by their answers to the first rows, the best first; where less is better, scores have their sign
        turned."""
        return rank({arm: self._contender(runs) for arm, runs in arms.items()})

    def break_even(
        self, llm: ScoredArm, curve: Mapping[int, RunAnswers], *, n_pool: int, redrawn: Collection[int] = ()
    ) -> BreakEvenResult:
        """Where a learning curve (answers to the same first rows, by label count) meets an LLM arm's score.

        Args:
            curve: at least one label count; all with the same number of rows, at most `llm.n_eval`.
            n_pool: rows in the pool, at least the largest count.
            redrawn: the counts whose runs are known to have had different samples.
        """
        n = len(next(iter(curve.values())))
        return break_even(
            {count: self._measured(answers, redrawn=count in redrawn) for count, answers in curve.items()},
            self._measured(llm.answers(n), random=llm.random, redrawn=llm.redrawn),
            n_pool=n_pool,
        )

    def _contender(self, runs: ValidationRuns) -> Contender:
        return Contender(
            rows=len(runs.values), measured=lambda n: self._measured(runs.values.take(slice(n))), samples=runs.samples
        )

    def _measured(self, answers: RunAnswers, *, random: bool = True, redrawn: bool = False) -> Measured:
        """Answers to the first rows, as the statistics take them."""
        n, gold = len(answers), self._gold_of(answers)
        return measured(
            self.metric,
            [self.metric.measure(gold, bare(column)) for column in answers.columns],
            rows=n,
            random=random,
            redrawn=redrawn,
            differ=answers.vary,
            units=None if self.units is None else self.units[:n],
        )

    def _gold_of(self, answers: RunAnswers) -> Any:
        """What answers to the first rows should be, as the metric takes it."""
        return bare(self.gold.take(slice(len(answers))))
