"""What earlier runs of a study have left, and what of a plan is still to run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from tuningfork.arms.results import TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.study.allotment import Allotment, Answered
from tuningfork.study.ledger import Ledger, has_begun
from tuningfork.study.models import TOPIC, changed_models
from tuningfork.study.plan import StudyPlan, make_plan, summed
from tuningfork.study.planned import PlannedTrial
from tuningfork.study.question import key_of
from tuningfork.study.rates import Rates
from tuningfork.study.replay import require_same_rows_in
from tuningfork.study.settings import StudySettings
from tuningfork.study.settlement import Settlement, read_settlement
from tuningfork.study.trial import BUDGET_STOPPED
from tuningfork.task.schema import Note, TaskData

MORE_ROWS = "more_rows"
"""Code of the note on a trial that was made longer when time was left."""

_GIVEN_UP = Answered(10**9, 10**9)
_NO_ROOM = "The budget leaves no room for any trial: tuningfork run will say what would do, and begin nothing."
_FROM_THE_JOURNAL = "What an LLM has answered to the same request comes from the study's journal."


@dataclass
class Past:
    """Trials that ended, by key, and of them those that a plan cannot take as they are.

    Attributes:
        ended: what need not run again: trials that ended well, and those that this budget had no room for.
        short: trials with fewer rows than are wanted now; they stand until a longer one has taken their place.
        outdated: trials of these arms whose question is not the present one, or not known; they answer nothing here.
        settlement: what was decided under this budget.
        models: what is written down of the models' files, by reference.
        seconds, usd: what all runs have spent; dollars at their worst case where they are not settled.
    """

    ended: dict[str, TrialResult] = field(default_factory=dict)
    short: dict[str, TrialResult] = field(default_factory=dict)
    outdated: list[TrialResult] = field(default_factory=list)
    settlement: Settlement = field(default_factory=Settlement)
    seconds: float = 0.0
    usd: float = 0.0
    models: Mapping[str, str] = field(default_factory=dict)
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
        return cls(
            ended=ended,
            settlement=settlement,
            seconds=ledger.seconds_spent(),
            usd=ledger.usd_committed(),
            models=ledger.facts(TOPIC),
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
        plan = make_plan(
            task,
            settings,
            arms,
            rates,
            seconds_left=settings.budget_minutes * 60 - self.seconds,
            usd_left=None if budget is None else max(0.0, budget - self.usd),
            settled={arm: share for arm, share in shares.items() if arm not in open_again},
            given={**self._answered_by_all(), **{arm: shares[arm] for arm in open_again & shares.keys()}},
            begun={**self._begun(), **running},
            closed=self.settlement.closed - open_again,
        )
        return replace(plan, notes=(*plan.notes, *changed_models(self.models, arms)))

    def _begun(self) -> dict[str, Answered]:
        everything = {**self.ended, **self.short}
        return {key: _answered(result) if result.status == "done" else _GIVEN_UP for key, result in everything.items()}

    def _answered_by_all(self) -> dict[str, Allotment]:
        """By arm, what each of its trials has answered under another budget, or in a run of version 1."""
        found: dict[str, Allotment] = {}
        unknown = [result for result in self.outdated if result.question is None]
        for result in (*self.ended.values(), *self.short.values(), *unknown):
            if result.status == "done":
                rows = _answered(result).rows
                known = found.get(result.plan.arm)
                found[result.plan.arm] = Allotment(rows if known is None else min(rows, known.rows), 0)
        return found

    def sort_out(self, plan: StudyPlan, *, refit: bool = True) -> None:
        """Of what earlier runs left, some is no answer to this plan: what hung on something that has changed, or that
        nobody wrote down, is set aside, and what is short of rows that are wanted now is run again.

        Args:
            refit: also trials whose model would have to be made again for a few rows more; what an LLM has answered is
                in the journal and goes on from there.
        """
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
            if result.status == "done" and self._is_wanted_longer(result, trial, refit=refit):
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

    def no_room_for(self, plan: StudyPlan, settings: StudySettings) -> InputError | None:
        """Why no trial can begin within the budget, where none has ended; a study that has some goes on with them."""
        if any(result.status == "done" for result in (*self.ended.values(), *self.short.values())) or not plan.trials:
            return None
        seconds_left = settings.budget_minutes * 60 - self.seconds
        quickest = min(plan.trials, key=lambda trial: trial.least_seconds)
        if quickest.least_seconds > seconds_left:
            minutes = math.ceil(10 * (self.seconds + quickest.least_seconds) / 60) / 10
            return InputError(
                f"no trial fits into the {settings.budget_minutes:g} minutes of --budget-minutes: "
                f"{max(0, seconds_left):.2g} seconds are left, and the quickest ({quickest.plan.arm}) takes about "
                f"{quickest.least_seconds:.2g}",
                remedy=f"Give --budget-minutes {minutes:g} or more.",
            )
        answered = {result.plan for result in self.outdated}
        usd = [
            # What an LLM has answered before may be had from the journal again.
            0.0 if trial.plan in answered else trial.estimate.usd_per_row or 0.0
            for trial in plan.trials
            if trial.least_seconds <= seconds_left
        ]
        if settings.budget_usd is None or min(usd) <= settings.budget_usd - self.usd:
            return None
        return InputError(
            f"no trial fits into the ${settings.budget_usd:g} of --budget-usd: a single request costs about "
            f"${min(usd):.2g}, and ${max(0.0, settings.budget_usd - self.usd):.2g} is left",
            remedy="Give more with --budget-usd, or an arm that sends no bill.",
        )

    def rest_of(self, plan: StudyPlan, settings: StudySettings) -> StudyPlan:
        """The same plan with only what is still to run, and why none of it can begin where that is so."""
        rest = [self._without_answered(trial) for trial in plan.trials if trial.key not in self.ended]
        no_room = () if self.no_room_for(plan, settings) is None else (Note("no_trial", _NO_ROOM),)
        plan = replace(plan, notes=(*plan.notes, *self.again(rest), *no_room))
        if len(rest) == len(plan.trials) and not self.short:
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


def _told_by_arm(results: Sequence[TrialResult]) -> str:
    """'6 trials of linear and 1 of prompt:m'."""
    counts = Counter(result.plan.arm for result in results)
    parts = [
        f"{count}{'' if place else ' trials' if count > 1 else ' trial'} of {arm}"
        for place, (arm, count) in enumerate(counts.items())
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _was_cut(result: TrialResult) -> bool:
    return any(note.code == BUDGET_STOPPED for note in result.notes)
