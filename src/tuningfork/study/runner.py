"""Runs a plan: cheap trials first, everything kept, never past the budget."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tuningfork.arms.records import Side, TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import (
    BudgetExceeded,
    CannotWrite,
    InputError,
    LedgerError,
    ModelUnavailable,
    ProviderError,
    TuningforkError,
)
from tuningfork.foundation.files import is_no_room, write_text
from tuningfork.study.allotment import Allotment
from tuningfork.study.budget import Clock
from tuningfork.study.environment import environment
from tuningfork.study.events import Observer, Position
from tuningfork.study.ledger import Ledger
from tuningfork.study.past import Past, keep_allotment, settled_allotments
from tuningfork.study.plan import PlannedTrial, StudyPlan, cheap_first
from tuningfork.study.question import key_of, label_space_of, question_of
from tuningfork.study.rates import Rates
from tuningfork.study.records import StudyRecords
from tuningfork.study.replay import keep_state
from tuningfork.study.settings import StudySettings
from tuningfork.study.trial import BUDGET_STOPPED, Watch, run_trial
from tuningfork.study.workbench import Workbench
from tuningfork.task.schema import Note, TaskData

_EARLY_LOOK_SECONDS = 12.0
_REPORT_EVERY = 0.2
_SAME_REASON_FOR_ALL = (InputError, ModelUnavailable, ProviderError)


class Runner:
    """One run of a study.

    Args:
        arms: specs with the reason each is in.
        folder: the study's folder.
    """

    def __init__(
        self,
        task: TaskData,
        settings: StudySettings,
        arms: Sequence[tuple[ArmSpec, str]],
        *,
        folder: Path,
        ledger: Ledger,
        bench: Workbench,
        clock: Clock,
        rates: Rates,
        observer: Observer,
    ) -> None:
        self._task, self._settings, self._arms, self._folder = task, settings, tuple(arms), folder
        self._ledger, self._bench, self._clock, self._rates, self._observer = ledger, bench, clock, rates, observer
        self._past = Past.of(ledger, settings, self._arms)
        self._ended = self._past.ended
        self._partial: TrialResult | None = None
        self._hopeless: dict[str, str] = {}
        self._session: int | None = None
        self._last_report = 0.0
        self._step_started: tuple[float, int] | None = None
        self.plan = self._make_plan()
        self._past.sort_out(self.plan)
        for note in self._past.again(self.remaining):
            observer.announce(note.message)

    def run(self) -> StudyRecords:
        """Run what is still to run. Interrupting is safe at any time: what ended is in the ledger."""
        if not self.remaining:
            self._observer.announce(f"Nothing is left to run: all {len(self.plan.trials)} trials have ended.")
            keep_state(self._ledger, self.records())
            return self.records()
        self._session = self._ledger.start_session()
        keep_state(self._ledger, self.records())
        try:
            while (planned := self._next()) is not None:
                self._run_one(planned)
        finally:
            self._note_time()
            self._rates.save()
            keep_state(self._ledger, self.records())
        return self.records()

    @property
    def remaining(self) -> tuple[PlannedTrial, ...]:
        """Trials that have not ended, in the order they will run."""
        return tuple(trial for trial in self.plan.trials if not self._has_ended(trial))

    def records(self) -> StudyRecords:
        """The study as it stands, the running trial's answers so far included."""
        ended = [result for result in self._ended.values() if result.plan.arm in self._names]
        partial = [] if self._partial is None else [self._partial]
        return StudyRecords(
            task=self._task,
            arms=tuple(spec.text for spec, _ in self._arms),
            trials=(*ended, *partial),
            remaining=tuple(trial.plan for trial in self.remaining),
            usage=self._ledger.usage(),
            seconds=self._ledger.seconds_spent(),
            usd_per_hour=self._settings.usd_per_hour,
            notes=self.plan.notes,
            environment=environment(),
            looks=self._ledger.looks(),
            questions={arm.spec.text: arm.question for arm in self.plan.arms},
        )

    # ----------------------------------------------------------------------------------------------------

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(spec.text for spec, _ in self._arms)

    def _has_ended(self, trial: PlannedTrial) -> bool:
        return trial.key in self._ended

    def _make_plan(self) -> StudyPlan:
        self._past.settled = settled_allotments(self._ledger, self._settings, self._arms)
        self._past.seconds, self._past.usd = self._clock.spent, self._ledger.usd_committed()
        plan = self._past.plan(self._task, self._settings, self._arms, self._rates)
        return replace(plan, trials=early_look(plan.trials))

    def _settled(self) -> dict[str, Allotment]:
        return settled_allotments(self._ledger, self._settings, self._arms)

    def _next(self) -> PlannedTrial | None:
        return next(iter(self.remaining), None)

    def _run_one(self, planned: PlannedTrial) -> None:
        plan = planned.plan
        if plan.arm in self._hopeless:
            result = self._failed(planned, self._hopeless[plan.arm])
        elif self._clock.left < self._least_seconds(planned):
            result = self._stopped(planned, "it would pass --budget-minutes")
        else:
            result = self._attempt(planned)
        planned = self._named_now(planned)
        if result.status != "done":
            result = self._past.short.get(planned.key, result)
        self._partial, self._step_started = None, None
        result = replace(result, question=planned.arm.question, label_space=label_space_of(self._task.labels))
        self._ended[planned.key] = result = self._ledger.record(planned.key, result)
        if result.status == "done" and plan.arm not in self._settled():
            keep_allotment(self._ledger, self._settings, plan.arm, planned.arm.allotment)
        self._note_time()
        keep_state(self._ledger, self.records())
        self._observer.trial_ended(result)
        self._observer.records(self.records())

    def _named_now(self, planned: PlannedTrial) -> PlannedTrial:
        """The trial under its present name: a model that was fetched only now has a digest, which is in the name of its
        trials from now on."""
        arm = planned.arm
        try:
            question = question_of(arm.family, arm.spec, self.plan.setting)
        except TuningforkError:  # its weights are gone, say; the trial has told so
            return planned
        if question == arm.question:
            return planned
        self.plan = self._make_plan()
        key = key_of(planned.plan, question, self.plan.setting)
        return replace(planned, arm=replace(arm, question=question), key=key)

    def _least_seconds(self, planned: PlannedTrial) -> float:
        """A slow arm can stop between rows, so it needs little to start; others need all of their time."""
        estimate, factor = planned.estimate, planned.arm.factor
        fit = estimate.fit_seconds * factor.fit
        return fit + min(planned.seconds - fit, 25 * estimate.row_seconds * factor.row)

    def _attempt(self, planned: PlannedTrial) -> TrialResult:
        try:
            return run_trial(
                planned,
                self._task,
                self.plan.setting,
                self._bench,
                self._watch(planned),
            )
        except BudgetExceeded as limit:
            return self._stopped(planned, str(limit))
        except (LedgerError, CannotWrite):
            raise  # what stops this arm will stop the others too, and nothing that they do could be kept
        except TuningforkError as error:
            if isinstance(error, _SAME_REASON_FOR_ALL):
                self._hopeless[planned.plan.arm] = str(error)
            return self._failed(planned, str(error))
        except Exception as error:
            if isinstance(error, OSError) and is_no_room(error):
                raise CannotWrite(error.filename or "the output, or a file of the study,", error) from error
            self._keep_traceback(planned)
            return self._failed(planned, f"{type(error).__name__}: {error}")

    def _watch(self, planned: PlannedTrial) -> Watch:
        return Watch(
            progress=lambda done, total: self._report(planned, done, total),
            fitted=lambda seconds: self._learn_fit(planned, seconds),
            rows_wanted=lambda seconds_per_row: self._settle(planned, seconds_per_row),
            seconds_left=lambda: self._clock.left,
            partial=self._show_partial,
        )

    def _settle(self, planned: PlannedTrial, seconds_per_row: float) -> int:
        """Decide, once for this arm and budget, how many rows it answers, now that its speed is known."""
        arm = planned.plan.arm
        settled = self._settled()
        if arm not in settled:
            self._rates.learn(planned.arm.rate_name, row=seconds_per_row / planned.estimate.row_seconds)
            self.plan = self._make_plan()
            share = next(a.allotment for a in self.plan.arms if a.spec.text == arm)
            keep_allotment(self._ledger, self._settings, arm, share)
            self.plan = self._make_plan()
            return share.rows
        return settled[arm].rows

    def _learn_fit(self, planned: PlannedTrial, seconds: float) -> None:
        """Wall time, as estimates are: vectors that an earlier trial made cost a later one nothing."""
        if planned.estimate.fit_seconds > 0:
            self._rates.learn(planned.arm.rate_name, fit=seconds / planned.estimate.fit_seconds)

    def _note_time(self) -> None:
        assert self._session is not None, "only a run that has something to do takes time"
        self._ledger.note_session(self._session, self._clock.this_run)

    def _show_partial(self, result: TrialResult) -> None:
        self._partial = result
        self._note_time()
        self._observer.records(self.records())

    def _report(self, planned: PlannedTrial, done: int, total: int) -> None:
        now = time.monotonic()
        if done <= 1 or self._step_started is None or done < self._step_started[1]:
            self._step_started = (now, done)
        if now - self._last_report < _REPORT_EVERY and done < total:
            return
        self._last_report = now
        left = [(t.seconds * t.arm.factor.spread[0], t.seconds * t.arm.factor.spread[1]) for t in self.remaining]
        self._observer.position(
            Position(
                done=len(self.plan.trials) - len(left),
                total=len(self.plan.trials),
                trial=planned.plan,
                rows_done=done,
                rows_total=total,
                rows_per_second=self._speed(now, done),
                spent_usd=self._ledger.usage().usd,
                seconds_spent=self._clock.spent,
                seconds_left=(sum(low for low, _ in left), sum(high for _, high in left)),
            )
        )

    def _speed(self, now: float, done: int) -> float | None:
        if self._step_started is None:
            return None
        began, first = self._step_started
        return (done - first) / (now - began) if now - began > 1 and done > first else None

    def _failed(self, planned: PlannedTrial, reason: str) -> TrialResult:
        return TrialResult(
            plan=planned.plan, side=planned.arm.side, model=planned.arm.spec.model, status="failed", failure=reason
        )

    def _stopped(self, planned: PlannedTrial, reason: str) -> TrialResult:
        note = Note(BUDGET_STOPPED, f"{planned.plan.arm} at {planned.plan.n_labels} labels was not run: {reason}.")
        return TrialResult(
            plan=planned.plan, side=planned.arm.side, model=planned.arm.spec.model, status="stopped", notes=(note,)
        )

    def _keep_traceback(self, planned: PlannedTrial) -> None:
        """For a bug report; the report shows the one-line reason."""
        write_text(self._folder / "failures" / f"{planned.key[:12]}.txt", traceback.format_exc())


def early_look(trials: Sequence[PlannedTrial]) -> tuple[PlannedTrial, ...]:
    """Cheap trials first, but the cheapest trial of each side within the first seconds, so that a first verdict
    has both sides to compare."""
    ordered = cheap_first(trials)
    spent, position = 0.0, 0
    while position < len(ordered) and spent + ordered[position].seconds <= _EARLY_LOOK_SECONDS:
        spent += ordered[position].seconds
        position += 1
    seen: set[Side] = {trial.arm.side for trial in ordered[:position]}
    pulled: list[PlannedTrial] = []
    for trial in ordered[position:]:
        if trial.arm.side not in seen:
            seen.add(trial.arm.side)
            pulled.append(trial)
    rest = [trial for trial in ordered[position:] if trial not in pulled]
    return (*ordered[:position], *pulled, *rest)
