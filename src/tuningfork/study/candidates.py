"""An arm that is to be planned: its trials with what each is likely to take, before rows and time are shared out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Self

from tuningfork.arms.family import FAMILIES, Elsewhere, Estimate, Family, Setting, ToAnswer
from tuningfork.arms.results import Side, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.study.allotment import Answered, Demand
from tuningfork.study.deciding import by_level, deciding_level
from tuningfork.study.elsewhere import question_read
from tuningfork.study.larger_counts import Chosen, choose_larger
from tuningfork.study.question import key_of, question_of
from tuningfork.study.rates import Factor, Rates
from tuningfork.task.schema import TaskData

_ONCE_AN_ARM_ROWS_OF_LLM = 120
"""Wordings (2 further x 40 rows), repeats (20) and planted instructions (20) that an LLM arm may predict beside its
trials, at most."""

_ENOUGH = 10**9
"""Rows of a trained trial at a count that does not decide, as far as sharing out goes: it is made again to answer more
only where time is left over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One arm with its schedule.

    Attributes:
        question: the digest of what its answers hang on beside spec and rows.
        why: the reason it is in.
        plans, keys, estimates, turns: of its trials, in one order; a turn is as in `larger_counts`.
        sure: counts above this are run as far as there is time; None: all are run.
        seeds_given: the user gave the number of seeds.
    """

    spec: ArmSpec
    family: Family
    question: str
    side: Side
    why: str
    plans: tuple[TrialPlan, ...]
    keys: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    turns: tuple[int, ...]
    factor: Factor
    elsewhere: Elsewhere | None
    sure: int | None
    counts_given: bool
    seeds_given: bool

    @classmethod
    def of(cls, spec: ArmSpec, why: str, setting: Setting, rates: Rates, rows: ToAnswer) -> Self:
        """The arm of a spec.

        Raises:
            InputError: it has nothing to run on these rows, or its files cannot be used.
        """
        family = FAMILIES.get(spec.family)
        plans = family.schedule(spec, setting)
        if not plans:
            raise InputError(f"{spec.text!r} has nothing to run on these rows")
        elsewhere = family.elsewhere(spec, setting, rows)
        question = question_read(question_of(family, spec, setting), elsewhere)
        return cls(
            spec=spec,
            family=family,
            question=question,
            side=family.side_of(spec),
            why=why,
            plans=plans,
            keys=tuple(key_of(plan, question, setting) for plan in plans),
            estimates=tuple(family.estimate(spec, plan, setting) for plan in plans),
            turns=(0,) * len(plans),
            factor=rates.factor(f"{spec.family}:{spec.model}"),
            elsewhere=elsewhere,
            sure=family.sure_labels,
            counts_given=setting.counts_given,
            seeds_given=setting.seeds is not None,
        )

    @property
    def is_llm(self) -> bool:
        """Whether rows are asked of an LLM."""
        return self.estimates[0].requests_per_row > 0

    def is_dear(self, plan: TrialPlan) -> bool:
        """Whether a trial is run only where there is time for it."""
        smallest = min(one.level for one in self.plans)
        return self.sure is not None and plan.level > max(self.sure, smallest)

    def seconds(self, plan: TrialPlan, rows: int) -> float:
        """Of one of its trials that predicts so many rows."""
        estimate = self.estimates[self.plans.index(plan)]
        return self.factor.fit_seconds(estimate.fit_seconds) + estimate.row_seconds * self.factor.row * rows

    def choose(self, rows: int, room: float, begun: Collection[str]) -> Chosen:
        """Which of its trials a study runs.

        Args:
            rows: that each predicts.
            room: seconds for those that are dear.
            begun: keys of trials that have begun.
        """
        return choose_larger(
            self.plans,
            sure=self.sure,
            seconds=lambda plan: self.seconds(plan, rows),
            room=room,
            seeds_given=self.seeds_given,
            begun=[plan for plan, key in zip(self.plans, self.keys, strict=True) if key in begun],
        )

    def only(self, turns: Mapping[TrialPlan, int]) -> Self:
        """The arm with these trials, at these turns, in the schedule's order."""
        kept = [place for place, plan in enumerate(self.plans) if plan in turns]
        return replace(
            self,
            plans=tuple(self.plans[place] for place in kept),
            keys=tuple(self.keys[place] for place in kept),
            estimates=tuple(self.estimates[place] for place in kept),
            turns=tuple(turns[self.plans[place]] for place in kept),
        )

    def extra_rows(self, task: TaskData) -> int:
        """Rows that it predicts once, beside its trials."""
        return min(_ONCE_AN_ARM_ROWS_OF_LLM, 4 * len(task.evaluation)) if self.is_llm else 0

    def demand(self, task: TaskData, validation_rows: int, begun: Mapping[str, Answered]) -> Demand:
        """What it would still take."""
        decides, levels = deciding_level(by_level(self.plans)), {plan.level for plan in self.plans}
        answered = [begun.get(key) for key in self.keys]
        fits = [(self.factor.fit_seconds(e.fit_seconds), one) for e, one in zip(self.estimates, answered, strict=True)]
        return Demand(
            trials=len(self.plans),
            fit_seconds=sum(seconds for seconds, one in fits if one is None),
            answered=tuple(
                one
                if self.is_llm or one.under_way or plan.level == decides
                else replace(one, rows=_ENOUGH, validation=_ENOUGH)
                for plan, one in zip(self.plans, answered, strict=True)
                if one is not None
            ),
            refit_seconds=None if self.is_llm else self._refit_seconds(fits),
            row_seconds=fmean(e.row_seconds for e in self.estimates) * self.factor.row,
            row_usd=self.estimates[0].usd_per_row,
            validation_rows=validation_rows,
            shifted_rows=self._shifted_rows(task),
            extra_rows=self.extra_rows(task),
            redraws=self.is_llm and len(levels) == 1,
        )

    def _shifted_rows(self, task: TaskData) -> int:
        """Of each trial; for a trained arm few, for only where it is compared does it predict them."""
        unanswered = self.elsewhere is not None and "shifted" in self.elsewhere.unanswered
        return 0 if task.shifted is None or unanswered or not self.is_llm else len(task.shifted)

    @staticmethod
    def _refit_seconds(fits: Sequence[tuple[float, Answered | None]]) -> float:
        return max((seconds for seconds, one in fits if one is not None), default=0)
