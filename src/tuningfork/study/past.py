"""What earlier runs of a study have left, and what of a plan is still to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tuningfork.arms.records import TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.study.allotment import Allotment
from tuningfork.study.ledger import Ledger
from tuningfork.study.plan import PlannedTrial, StudyPlan, make_plan, summed
from tuningfork.study.rates import Rates
from tuningfork.study.settings import StudySettings
from tuningfork.study.trial import BUDGET_STOPPED
from tuningfork.task.schema import Note, TaskData

_ALLOTMENT = "allotment"


@dataclass
class Past:
    """Trials that ended well, by key, and of them those that a plan cannot take as they are.

    Attributes:
        ended: what need not run again.
        short: trials with fewer rows than are wanted now; they stand until a longer one has taken their place.
        seconds, usd: what all runs have spent; dollars at their worst case where they are not settled.
    """

    ended: dict[str, TrialResult] = field(default_factory=dict)
    short: dict[str, TrialResult] = field(default_factory=dict)
    settled: dict[str, Allotment] = field(default_factory=dict)
    seconds: float = 0.0
    usd: float = 0.0

    @classmethod
    def of(cls, ledger: Ledger, settings: StudySettings, arms: Sequence[tuple[ArmSpec, str]]) -> Past:
        """Read from a ledger.

        Raises:
            LedgerError: it cannot be read.
        """
        return cls(
            ended={key: result for key, result in ledger.trials().items() if result.status == "done"},
            settled=settled_allotments(ledger, settings, arms),
            seconds=ledger.seconds_spent(),
            usd=ledger.usd_committed(),
        )

    def plan(
        self, task: TaskData, settings: StudySettings, arms: Sequence[tuple[ArmSpec, str]], rates: Rates
    ) -> StudyPlan:
        """The whole study, ended trials included, within what is left of its budget.

        Raises:
            InputError: see `make_plan`.
        """
        ended = {
            key: (result.seconds_train or 0.0) + (result.seconds_predict or 0.0) for key, result in self.ended.items()
        }
        budget = settings.budget_usd
        return make_plan(
            task,
            settings,
            arms,
            rates,
            seconds_left=settings.budget_minutes * 60 - self.seconds,
            usd_left=None if budget is None else max(0.0, budget - self.usd),
            settled=self.settled,
            ended=ended,
        )

    def sort_out(self, plan: StudyPlan) -> None:
        """Of what earlier runs left, some is no answer to this plan: what hung on a file that has changed is dropped,
        and what is short of rows that are wanted now is run again (what an LLM has answered is in the journal)."""
        planned = {trial.plan: trial for trial in plan.trials}
        for key, result in list(self.ended.items()):
            trial = planned.get(result.plan)
            if trial is None:
                continue
            if trial.key != key:
                del self.ended[key]
            elif _is_short(result, trial) and not (_was_cut(result) and result.plan.arm in self.settled):
                self.short[key] = self.ended.pop(key)

    def rest_of(self, plan: StudyPlan) -> StudyPlan:
        """The same plan with only what is still to run."""
        rest = [trial for trial in plan.trials if trial.key not in self.ended]
        if len(rest) == len(plan.trials):
            return plan
        ended = len(plan.trials) - len(rest)
        note = Note("goes_on", f"{ended} of {len(plan.trials)} trials ended in earlier runs; this is the rest.")
        return summed(plan.arms, rest, plan.setting, (*plan.notes, note))


def settled_allotments(
    ledger: Ledger, settings: StudySettings, arms: Sequence[tuple[ArmSpec, str]]
) -> dict[str, Allotment]:
    """Rows and repetitions that this study decided on under the same budget, by arm."""
    names, found = {spec.text for spec, _ in arms}, {}
    for key, value in ledger.facts(_ALLOTMENT).items():
        budget, _, arm = key.partition(" ")
        if budget == _budget_name(settings) and arm in names:
            rows, _, trials = value.partition(" ")
            found[arm] = Allotment(int(rows), int(trials))
    return found


def keep_allotment(ledger: Ledger, settings: StudySettings, arm: str, share: Allotment) -> None:
    """Settle an arm's rows and repetitions for as long as the budget stays the same."""
    ledger.remember(_ALLOTMENT, f"{_budget_name(settings)} {arm}", f"{share.rows} {share.trials}")


def _budget_name(settings: StudySettings) -> str:
    return f"{settings.budget_minutes:g}min/{settings.budget_usd}usd"


def _is_short(result: TrialResult, trial: PlannedTrial) -> bool:
    """Rows are wanted that it did not answer: an arm has joined its side, or the budget has grown."""
    answered = [0 if rows is None else len(rows) for rows in (result.evaluation, result.validation)]
    return answered[0] < trial.arm.allotment.rows or answered[1] < trial.arm.validation_rows


def _was_cut(result: TrialResult) -> bool:
    return any(note.code == BUDGET_STOPPED for note in result.notes)
