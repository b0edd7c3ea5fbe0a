"""What earlier runs of a study have left, and what of a plan is still to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tuningfork.arms.records import TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.study.allotment import Allotment
from tuningfork.study.ledger import Ledger, has_begun
from tuningfork.study.plan import PlannedTrial, StudyPlan, make_plan, summed
from tuningfork.study.question import key_of
from tuningfork.study.rates import Rates
from tuningfork.study.replay import require_same_rows_in
from tuningfork.study.settings import StudySettings
from tuningfork.study.trial import BUDGET_STOPPED
from tuningfork.task.schema import Note, TaskData

_ALLOTMENT = "allotment"
_FROM_THE_JOURNAL = "What an LLM has answered to the same request comes from the study's journal."


@dataclass
class Past:
    """Trials that ended well, by key, and of them those that a plan cannot take as they are.

    Attributes:
        ended: what need not run again.
        short: trials with fewer rows than are wanted now; they stand until a longer one has taken their place.
        outdated: trials of these arms whose question is not the present one, or not known; they answer nothing here.
        seconds, usd: what all runs have spent; dollars at their worst case where they are not settled.
    """

    ended: dict[str, TrialResult] = field(default_factory=dict)
    short: dict[str, TrialResult] = field(default_factory=dict)
    outdated: list[TrialResult] = field(default_factory=list)
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

    @classmethod
    def in_folder(
        cls, folder: Path, task: TaskData, settings: StudySettings, arms: Sequence[tuple[ArmSpec, str]]
    ) -> Past:
        """What a study's folder holds, read only; nothing where none has begun there.

        Raises:
            InputError: it is a study of other rows.
            LedgerError: it cannot be read.
        """
        if not has_begun(folder):
            return cls()
        require_same_rows_in(folder, task)
        with Ledger(folder, writable=False) as ledger:
            return cls.of(ledger, settings, arms)

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
        """Of what earlier runs left, some is no answer to this plan: what hung on something that has changed, or that
        nobody wrote down, is set aside, and what is short of rows that are wanted now is run again (what an LLM has
        answered is in the journal)."""
        planned = {trial.plan: trial for trial in plan.trials}
        questions = {arm.spec.text: arm.question for arm in plan.arms}
        for key, result in list(self.ended.items()):
            question = questions.get(result.plan.arm)
            if question is not None and key != key_of(result.plan, question, plan.setting):
                self.outdated.append(self.ended.pop(key))
                continue
            trial = planned.get(result.plan)
            if trial is None:
                continue
            if _is_short(result, trial) and not (_was_cut(result) and result.plan.arm in self.settled):
                self.short[key] = self.ended.pop(key)

    def rest_of(self, plan: StudyPlan) -> StudyPlan:
        """The same plan with only what is still to run."""
        rest = [trial for trial in plan.trials if trial.key not in self.ended]
        plan = replace(plan, notes=(*plan.notes, *self.again(rest)))
        if len(rest) == len(plan.trials):
            return plan
        ended = len(plan.trials) - len(rest)
        note = Note("goes_on", f"{ended} of {len(plan.trials)} trials ended in earlier runs; this is the rest.")
        return summed(plan.arms, rest, plan.setting, (*plan.notes, note))

    def again(self, rest: Sequence[PlannedTrial]) -> tuple[Note, ...]:
        """What of the rest has ended before and does not count, and why."""
        waiting = {trial.plan for trial in rest}
        found = [result for result in self.outdated if result.plan in waiting]
        unknown, changed = (
            _told_by_arm([result for result in found if (result.question is None) == missing])
            for missing in (True, False)
        )
        notes = []
        if unknown:
            told = f"An earlier version of tuningfork ran {unknown} and did not keep what they hung on: they run again."
            notes.append(Note("older_version", f"{told} {_FROM_THE_JOURNAL}"))
        if changed:
            told = f"What {changed} hung on has changed since: they run again."
            notes.append(Note("question_changed", f"{told} {_FROM_THE_JOURNAL}"))
        return tuple(notes)


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


def _told_by_arm(results: Sequence[TrialResult]) -> str:
    """'6 trials of linear and 1 of prompt:m'."""
    counts = Counter(result.plan.arm for result in results)
    parts = [
        f"{count}{'' if place else ' trials' if count > 1 else ' trial'} of {arm}"
        for place, (arm, count) in enumerate(counts.items())
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _is_short(result: TrialResult, trial: PlannedTrial) -> bool:
    """Rows are wanted that it did not answer: an arm has joined its side, or the budget has grown."""
    answered = [0 if rows is None else len(rows) for rows in (result.evaluation, result.validation)]
    return answered[0] < trial.arm.allotment.rows or answered[1] < trial.arm.validation_rows


def _was_cut(result: TrialResult) -> bool:
    return any(note.code == BUDGET_STOPPED for note in result.notes)
