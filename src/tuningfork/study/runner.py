"""Runs a plan: cheap trials first, everything kept, never past the budget."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tuningfork.arms.results import TrialResult
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
from tuningfork.foundation.stopwatch import Lap
from tuningfork.study.allotment import Allotment, Answered
from tuningfork.study.asked import asked_for, beyond
from tuningfork.study.budget import Clock
from tuningfork.study.deciding import by_level, deciding_level
from tuningfork.study.environment import environment
from tuningfork.study.events import Observer, Position
from tuningfork.study.growth import compared_arms, is_worth_it
from tuningfork.study.ledger import Ledger
from tuningfork.study.models import sizes_in
from tuningfork.study.past import Past
from tuningfork.study.plan import StudyPlan
from tuningfork.study.planned import PlannedTrial
from tuningfork.study.question import label_space_of
from tuningfork.study.rates import Rates
from tuningfork.study.records import StudyRecords
from tuningfork.study.replay import keep_state
from tuningfork.study.settings import StudySettings
from tuningfork.study.settlement import keep_end, keep_share, read_settlement
from tuningfork.study.trial import BUDGET_STOPPED, Watch, run_trial
from tuningfork.study.workbench import Workbench
from tuningfork.task.schema import Note, TaskData

_REPORT_EVERY = 0.2
_TELLS_WHAT_OTHERS_TAKE_SECONDS = 5.0
"""A training that took so long is news for the plan: more or fewer of its kind may fit."""
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
        self._no_time_for: set[str] = set()
        self._tried_again: set[str] = set()
        self._timed: set[str] = set()
        self._session: int | None = None
        self._last_report = 0.0
        self._step_started: tuple[float, int] | None = None
        self.plan = self._make_plan()
        self._past.sort_out(self.plan, refit=False)
        for note in self._past.again(self.remaining):
            observer.announce(note.message)

    def run(self) -> StudyRecords:
        """Run what is still to run, and use up what that leaves of the budget where it narrows the verdict.
        Interrupting is safe at any time: what ended is in the ledger."""
        if not self.remaining and not self._uses_what_is_left():
            self._close()
            self._observer.announce(f"Nothing is left to run: all {len(self.plan.trials)} trials have ended.")
            keep_state(self._ledger, self.records())
            return self.records()
        self._session = self._ledger.start_session()
        keep_state(self._ledger, self.records())
        try:
            while self.remaining or self._uses_what_is_left():
                self._run_one(self._next())
            self._close()
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
        plans, ended = tuple(trial.plan for trial in self.plan.trials), tuple(self._ended.values())
        partial = [] if self._partial is None else [self._partial]
        return StudyRecords(
            task=self._task,
            arms=tuple(spec.text for spec, _ in self._arms),
            trials=(*asked_for(ended, plans), *partial),
            remaining=tuple(trial.plan for trial in self.remaining),
            usage=self._ledger.usage(),
            seconds=self._ledger.seconds_spent(),
            usd_per_hour=self._settings.usd_per_hour,
            notes=(*self.plan.notes, *beyond(ended, plans)),
            environment=environment(),
            looks=self._ledger.looks(),
            questions={arm.spec.text: arm.question for arm in self.plan.arms},
            read=self.plan.read,
            model_sizes=sizes_in(self._past.models),
        )

    # ----------------------------------------------------------------------------------------------------

    @property
    def _names(self) -> frozenset[str]:
        return frozenset(spec.text for spec, _ in self._arms)

    def _has_ended(self, trial: PlannedTrial) -> bool:
        return trial.key in self._ended

    def _make_plan(
        self,
        *,
        open_again: frozenset[str] = frozenset(),
        running: Mapping[str, Answered] = MappingProxyType({}),
    ) -> StudyPlan:
        self._past.settlement = read_settlement(self._ledger, self._settings, self._names)
        self._past.seconds, self._past.usd = self._clock.spent, self._ledger.usd_committed()
        return self._past.plan(
            self._task, self._settings, self._arms, self._rates, open_again=open_again, running=running
        )

    def _settled(self) -> Mapping[str, Allotment]:
        return read_settlement(self._ledger, self._settings, self._names).shares

    def _next(self) -> PlannedTrial:
        """In the plan's order; of those that only add rows the count first at which the arm is compared."""
        fresh = [trial for trial in self.remaining if trial.key not in self._past.short]
        if fresh:
            return fresh[0]
        plans = [trial.plan for trial in self.plan.trials]
        decides = {arm: deciding_level(by_level([p for p in plans if p.arm == arm])) for arm in {p.arm for p in plans}}

        def worth(trial: PlannedTrial) -> tuple[bool, bool, int, int]:
            plan = trial.plan
            return (trial.keeps_answers, plan.level == decides[plan.arm], plan.level, -plan.seed)

        return max(self.remaining, key=worth)

    # what is left of the budget ---------------------------------------------------------------------------

    def _uses_what_is_left(self) -> bool:
        """Open again what unspent time or money is best used for; False where nothing is to be had for it.

        Rows of the arms that the verdict compares come first, then trials (seeds, counts) that there seemed to be no
        time for, then rows of the other arms.
        """
        settlement = read_settlement(self._ledger, self._settings, self._names)
        cut = frozenset(settlement.shares) - settlement.closed
        ended = [result for result in self._ended.values() if result.plan.arm in self._names]
        compared = cut & compared_arms(self._task, ended)
        self._past.sort_out(self.plan)
        return bool(self.remaining) or self._grow(compared) or self._try_again() or self._grow(cut)

    def _grow(self, arms: frozenset[str]) -> bool:
        """Give these arms more rows and repetitions, if there is room for more."""
        shares = self._settled()
        offered = {arm.spec.text: arm.allotment for arm in self._make_plan(open_again=arms).arms} if arms else {}
        for arm in sorted(arms):
            share = shares[arm].or_more(offered[arm])
            if is_worth_it(shares[arm], share, rows=len(self._task.evaluation)):
                self._keep_larger(arm, shares[arm], share)
        self.plan = self._make_plan()
        self._past.sort_out(self.plan)
        return bool(self.remaining)

    def _keep_larger(self, arm: str, before: Allotment, share: Allotment) -> None:
        keep_share(self._ledger, self._settings, arm, share)
        if share.rows > before.rows:
            self._observer.announce(f"{arm} answers {share.rows} evaluation rows, not {before.rows}: time is left.")

    def _try_again(self) -> bool:
        """Trials that seemed to take too long, once each, if they fit by what is known of the speed now."""
        fitting = [
            trial
            for trial in self.plan.trials
            if trial.key in self._no_time_for and trial.least_seconds < self._clock.left
        ]
        for trial in fitting:
            self._no_time_for.remove(trial.key)
            self._tried_again.add(trial.key)
            del self._ended[trial.key]
        return bool(fitting)

    def _close(self) -> None:
        """The study has ended under this budget; what failed may be tried again."""
        ended = [(trial, self._ended[trial.key]) for trial in self.plan.trials if trial.key in self._ended]
        failed = {trial.plan.arm for trial, result in ended if result.status == "failed"}
        closed = [arm for arm in self.plan.arms if arm.spec.text not in failed]
        for arm in closed:
            if arm.spec.text not in self._settled():
                keep_share(self._ledger, self._settings, arm.spec.text, arm.allotment)
        given_up = [trial.key for trial, result in ended if result.status == "stopped"]
        keep_end(self._ledger, self._settings, [arm.spec.text for arm in closed], given_up)
        self.plan = self._make_plan()

    # one trial --------------------------------------------------------------------------------------------

    def _run_one(self, planned: PlannedTrial) -> None:
        plan = planned.plan
        if plan.arm in self._hopeless:
            result = self._failed(planned, self._hopeless[plan.arm])
        elif self._clock.left < planned.least_seconds:
            result = self._stopped(planned, "it would pass --budget-minutes")
            if planned.key not in self._tried_again and planned.key not in self._past.short:
                self._no_time_for.add(planned.key)
        else:
            result = self._attempt(planned)
        before, planned = planned, planned.named_now(self.plan.setting)
        if planned.key != before.key:
            self.plan = self._make_plan()
        result = self._past.instead_of_short(planned.key, result)
        self._partial, self._step_started = None, None
        result = replace(result, question=planned.arm.question, label_space=label_space_of(self._task.labels))
        self._ended[planned.key] = result = self._ledger.record(planned.key, result)
        if result.status == "done":
            self._settle(planned)
        if (result.seconds_train or 0.0) > _TELLS_WHAT_OTHERS_TAKE_SECONDS:
            self.plan = self._make_plan()
        self._note_time()
        keep_state(self._ledger, self.records())
        self._observer.trial_ended(result)
        self._observer.records(self.records())

    def _settle(self, planned: PlannedTrial) -> None:
        """What this arm answers is decided by now, for as long as the budget stays the same."""
        arm, share = planned.plan.arm, planned.arm.allotment
        known = self._settled().get(arm)
        if known is None:
            keep_share(self._ledger, self._settings, arm, share)
        elif known.validation < share.validation:
            keep_share(self._ledger, self._settings, arm, replace(known, validation=share.validation))

    def _attempt(self, planned: PlannedTrial) -> TrialResult:
        try:
            return run_trial(planned, self._task, self.plan.setting, self._bench, self._watch(planned))
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
            fitted=lambda lap: self._learn_fit(planned, lap),
            share=lambda rows, validation, seconds: self._share(
                planned, Answered(rows, validation, under_way=True), seconds
            ),
            seconds_left=lambda: self._clock.left,
            partial=self._show_partial,
        )

    def _share(self, planned: PlannedTrial, answered: Answered, row_seconds: float | None) -> Allotment:
        """How many rows the running trial's arm answers, now that its speed is known better; never fewer than before.

        Args:
            row_seconds: of the last block; None where that came from an earlier run, which teaches nothing.
        """
        arm, rows = planned.plan.arm, len(self._task.evaluation)
        if row_seconds is not None:
            self._learn_row(planned, row_seconds)
        known = self._settled().get(arm)
        if known is None:
            share = self._offered(planned, answered) if row_seconds is not None else planned.arm.allotment
            keep_share(self._ledger, self._settings, arm, share)
        elif row_seconds is None or known.rows >= rows:
            return known
        else:
            share = replace(known.or_more(self._offered(planned, answered)), validation=known.validation)
            if not is_worth_it(known, share, rows=rows):
                return known
            self._keep_larger(arm, known, share)
        self.plan = self._make_plan()
        return share

    def _offered(self, planned: PlannedTrial, answered: Answered) -> Allotment:
        arm = planned.plan.arm
        plan = self._make_plan(open_again=frozenset({arm}), running={planned.key: answered})
        return next(one.allotment for one in plan.arms if one.spec.text == arm)

    def _learn_row(self, planned: PlannedTrial, row_seconds: float) -> None:
        """For this run's plan at once; for the next study's as one measurement a trial."""
        factor = row_seconds / planned.estimate.row_seconds
        if planned.key in self._timed:
            self._rates.see_row(planned.arm.rate_name, factor)
        else:
            self._timed.add(planned.key)
            self._rates.learn_row(planned.arm.rate_name, factor)

    def _learn_fit(self, planned: PlannedTrial, lap: Lap) -> None:
        """By the clock, as estimates are: vectors that an earlier trial made cost a later one nothing. What comes from
        an earlier run teaches nothing."""
        if not lap.has_replays:
            estimated = planned.estimate.fit_seconds
            self._rates.learn_fit(planned.arm.rate_name, estimated=estimated, seconds=lap.clock_seconds)

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
        left = [(t.seconds * t.arm.factor.extremes[0], t.seconds * t.arm.factor.extremes[1]) for t in self.remaining]
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
