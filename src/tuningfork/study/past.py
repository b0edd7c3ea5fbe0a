"""What earlier runs of a study have left, and what of a plan is still to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tuningfork.arms.records import TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.study.allotment import Allotment, Answered
from tuningfork.study.ledger import Ledger
from tuningfork.study.plan import PlannedTrial, StudyPlan, make_plan, summed
from tuningfork.study.rates import Rates
from tuningfork.study.settings import StudySettings
from tuningfork.study.settlement import Settlement, read_settlement
from tuningfork.study.trial import BUDGET_STOPPED
from tuningfork.task.schema import Note, TaskData

MORE_ROWS = "more_rows"
"""Code of the note on a trial that was made longer when time was left."""

_GIVEN_UP = Answered(10**9, 10**9)


@dataclass
class Past:
    """Trials that ended, by key, and of them those that a plan cannot take as they are.

    Attributes:
        ended: what need not run again: trials that ended well, and those that this budget had no room for.
        short: trials with fewer rows than are wanted now; they stand until a longer one has taken their place.
        settlement: what was decided under this budget.
        seconds, usd: what all runs have spent; dollars at their worst case where they are not settled.
    """

    ended: dict[str, TrialResult] = field(default_factory=dict)
    short: dict[str, TrialResult] = field(default_factory=dict)
    settlement: Settlement = field(default_factory=Settlement)
    seconds: float = 0.0
    usd: float = 0.0
    _stays: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, ledger: Ledger, settings: StudySettings, arms: Sequence[tuple[ArmSpec, str]]) -> Past:
        """Read from a ledger.

        Raises:
            LedgerError: it cannot be read.
        """
        settlement = read_settlement(ledger, settings, [spec.text for spec, _ in arms])
        ended = {
            key: result
            for key, result in ledger.trials().items()
            if result.status == "done" or (result.status == "stopped" and key in settlement.given_up)
        }
        return cls(ended=ended, settlement=settlement, seconds=ledger.seconds_spent(), usd=ledger.usd_committed())

    def plan(
        self,
        task: TaskData,
        settings: StudySettings,
        arms: Sequence[tuple[ArmSpec, str]],
        rates: Rates,
        *,
        open_again: frozenset[str] = frozenset(),
        running: Mapping[str, Answered] = MappingProxyType({}),
    ) -> StudyPlan:
        """The whole study, ended trials included, within what is left of its budget.

        Args:
            open_again: arms whose share may grow, whatever was settled.
            running: what the running trial has answered so far, by key.

        Raises:
            InputError: see `make_plan`.
        """
        budget = settings.budget_usd
        shares = self.settlement.shares
        return make_plan(
            task,
            settings,
            arms,
            rates,
            seconds_left=settings.budget_minutes * 60 - self.seconds,
            usd_left=None if budget is None else max(0.0, budget - self.usd),
            settled={arm: share for arm, share in shares.items() if arm not in open_again},
            given={**self._answered_by_all(), **{arm: shares[arm] for arm in open_again & shares.keys()}},
            begun={**self._begun(), **running},
        )

    def _begun(self) -> dict[str, Answered]:
        everything = {**self.ended, **self.short}
        return {key: _answered(result) if result.status == "done" else _GIVEN_UP for key, result in everything.items()}

    def _answered_by_all(self) -> dict[str, Allotment]:
        """By arm, what each of its trials has answered under another budget."""
        found: dict[str, Allotment] = {}
        for result in (*self.ended.values(), *self.short.values()):
            if result.status == "done":
                rows = _answered(result).rows
                known = found.get(result.plan.arm)
                found[result.plan.arm] = Allotment(rows if known is None else min(rows, known.rows), 0)
        return found

    def sort_out(self, plan: StudyPlan, *, refit: bool = True) -> None:
        """Of what earlier runs left, some is no answer to this plan: what hung on a file that has changed is dropped,
        and what is short of rows that are wanted now is run again.

        Args:
            refit: also trials whose model would have to be made again for a few rows more; what an LLM has answered is
                in the journal and goes on from there.
        """
        planned = {trial.plan: trial for trial in plan.trials}
        for key, result in list(self.ended.items()):
            trial = planned.get(result.plan)
            if trial is None:
                continue
            if trial.key != key:
                del self.ended[key]
            elif result.status == "done" and self._is_wanted_longer(result, trial, refit=refit):
                self.short[key] = self.ended.pop(key)

    def _is_wanted_longer(self, result: TrialResult, trial: PlannedTrial, *, refit: bool) -> bool:
        """An arm has joined its side, so that validation rows are wanted; or its share of the rows has grown."""
        arm, answered = result.plan.arm, _answered(result)
        settled = self.settlement.shares.get(arm)
        if trial.key in self._stays or (settled is not None and _was_cut(result)):
            return False
        if answered.validation < trial.arm.validation_rows:
            newly = settled is None or settled.validation < trial.arm.validation_rows
            if newly or arm not in self.settlement.closed:
                return True
        if arm in self.settlement.closed:
            return False
        return answered.rows < trial.arm.allotment.rows and (refit or trial.keeps_answers)

    def instead_of_short(self, key: str, result: TrialResult) -> TrialResult:
        """The result of a trial that has run; where it was to answer more rows, the longer one. What could not be made
        longer stays as it was, and is not tried again in this run."""
        short = self.short.pop(key, None)
        if short is None:
            return result
        before, now = _answered(short), _answered(result)
        if result.status != "done" or now.rows < before.rows:
            self._stays.add(key)
            return short
        if now.rows == before.rows:
            return result
        arm = result.plan.arm
        told = f"{arm} answered {before.rows} evaluation rows at first, and {now.rows} when time was left over."
        return replace(result, notes=(*result.notes, Note(MORE_ROWS, told)))

    def rest_of(self, plan: StudyPlan) -> StudyPlan:
        """The same plan with only what is still to run."""
        rest = [self._without_answered(trial) for trial in plan.trials if trial.key not in self.ended]
        if len(rest) == len(plan.trials) and not self.short:
            return plan
        ended = len(plan.trials) - len(rest)
        note = Note("goes_on", f"{ended} of {len(plan.trials)} trials ended in earlier runs; this is the rest.")
        return summed(plan.arms, rest, plan.setting, (*plan.notes, note))

    def _without_answered(self, trial: PlannedTrial) -> PlannedTrial:
        """A trial that goes on asks only for what it has no answer to."""
        known = self.short.get(trial.key)
        if known is None or not trial.keeps_answers:
            return trial
        answered = _answered(known)
        rows = max(0, trial.arm.allotment.rows - answered.rows)
        rows += max(0, trial.arm.validation_rows - answered.validation)
        row_seconds = trial.estimate.row_seconds * trial.arm.factor.row
        return replace(trial, rows=rows, seconds=trial.seconds - row_seconds * (trial.rows - rows))


def _answered(result: TrialResult) -> Answered:
    rows, validation = (0 if one is None else len(one) for one in (result.evaluation, result.validation))
    return Answered(rows, validation)


def _was_cut(result: TrialResult) -> bool:
    return any(note.code == BUDGET_STOPPED for note in result.notes)
