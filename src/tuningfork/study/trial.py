"""One trial, from its sample to its predictions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.family import Fitted, Progress, Setting
from tuningfork.arms.results import Prediction, TrialResult, Usage
from tuningfork.errors import BudgetExceeded, LedgerError, TuningforkError
from tuningfork.foundation.stopwatch import Lap
from tuningfork.study.allotment import Allotment
from tuningfork.study.injections import INJECTIONS, NOT_INJECTED, inject
from tuningfork.study.planned import PlannedTrial
from tuningfork.study.question import draw_of
from tuningfork.study.wording_answers import WORDING_ANSWERS, write_answers
from tuningfork.study.workbench import Workbench
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Pool, Shifted, Validation
from tuningfork.task.schema import Note, TaskData
from tuningfork.task.task_type import TASK_TYPES

FIRST_BLOCK = 25
BUDGET_STOPPED = "budget_stopped"
"""Code of the note on a trial that the budget ended early."""

_ROWS_TO_TIME = 20
_ROWS_FOR_WORDINGS = 40
_BLOCK_SECONDS = 15.0
_SLOW_SECONDS = 0.5
"""From here on an arm's first rows are answered alone, and its speed measured, before the rest is asked."""

_SHOWN_SECONDS = 3.0
"""Rows that are this long on their way are worth a provisional verdict before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a running trial reports to, and what may cut it short.

    Attributes:
        progress: rows done of rows in all, in the running step.
        fitted: told the lap from sample to ready model.
        share: the rows that the arm is to answer, given what it has answered so far (evaluation, validation rows) and
            the seconds a row of its last block, None where that came from an earlier run. Never fewer than before.
        seconds_left: of the study's budget.
        partial: told of the answers so far, after every block but the last.
    """

    progress: Progress
    fitted: Callable[[Lap], None]
    share: Callable[[int, int, float | None], Allotment]
    seconds_left: Callable[[], float]
    partial: Callable[[TrialResult], None]


@runtime_checkable
class _LooksUp(Protocol):
    """A fitted arm whose answers were made elsewhere: it is told all rows first, to find out how they are matched."""

    def expect(self, rows: Inputs) -> None: ...


@runtime_checkable
class _HasWordings(Protocol):
    """A fitted prompt arm that can show how far its wordings differ."""

    def wording_spread(self, rows: Inputs) -> tuple[dict[str, Prediction], Usage]: ...


def run_trial(
    planned: PlannedTrial,
    task: TaskData,
    setting: Setting,
    bench: Workbench,
    watch: Watch,
) -> TrialResult:
    """Fit on the trial's own rows, then predict, and keep the model; when the budget ends it early, what was answered
    counts.

    Raises:
        TuningforkError: whatever stopped it before there was an answer.
    """
    sample = task.pool.take(setting.order(planned.plan.seed)[: planned.plan.n_labels or 0])
    fitted, seconds_train = _fit(planned, sample, setting, bench, watch)
    if isinstance(fitted, _LooksUp):
        fitted.expect(task.evaluation.inputs)
    draw = draw_of(planned.arm.family, planned.plan, sample)
    steps = _Steps(planned, task, fitted, seconds_train, draw, bench, watch)
    try:
        steps.predict_first_block()
        steps.predict_validation()
        steps.predict_other_blocks()
        if planned.decides:
            steps.predict_shifted()
        if planned.representative:
            steps.time_single_rows()
            steps.show_wordings()
            steps.plant_instructions()
    except BudgetExceeded as limit:
        if not steps.answered:
            raise
        steps.notes.append(Note(BUDGET_STOPPED, f"{planned.plan.arm} stopped after {steps.answered} rows: {limit}"))
    if (note := bench.keep(planned, fitted)) is not None:
        steps.notes.append(note)
    return steps.result()


def _fit(
    planned: PlannedTrial, sample: Pool, setting: Setting, bench: Workbench, watch: Watch
) -> tuple[Fitted, float | None]:
    plan, arm = planned.plan, planned.arm
    lap = bench.stopwatch.start()
    fitted = arm.family.fit(arm.spec, plan, sample, setting, bench.services(_while_time_is_left(watch)))
    watch.fitted(lap)
    return fitted, lap.seconds


def _while_time_is_left(watch: Watch) -> Progress:
    """Told how far the fitting is, it ends it where the study's time ends: estimates can be wrong."""

    def progress(done: int, total: int) -> None:
        watch.progress(done, total)
        if watch.seconds_left() <= 0:
            raise BudgetExceeded("no time is left of --budget-minutes")

    return progress


@dataclass(frozen=True, slots=True)
class _Pace:
    """Seconds a row of one block, None where they are not known, and whether any of it came from an earlier run."""

    row_seconds: float | None
    replayed: bool


class _Steps:
    """The predicting half of a trial, and what it has gathered."""

    def __init__(
        self,
        planned: PlannedTrial,
        task: TaskData,
        fitted: Fitted,
        seconds_train: float | None,
        draw: str,
        bench: Workbench,
        watch: Watch,
    ) -> None:
        self._draw = draw
        self._planned, self._task, self._fitted, self._bench, self._watch = planned, task, fitted, bench, watch
        self._seconds_train = seconds_train
        self._blocks: list[Prediction] = []
        self._usage, self._usage_aside = Usage(usd=0.0), Usage(usd=0.0)
        self._seconds: float | None = 0.0
        self._last: _Pace | None = None
        self._validation: Prediction | None = None
        self._shifted: Prediction | None = None
        self._latency: tuple[float, ...] = ()
        self._details: list[tuple[str, str]] = []
        self._wanted = planned.arm.allotment.rows
        self._validation_wanted = planned.arm.validation_rows
        self._told_by_arm: tuple[tuple[tuple[str, str], ...], tuple[Note, ...]] | None = None
        self.notes: list[Note] = []

    @property
    def answered(self) -> int:
        """Evaluation rows answered so far."""
        return sum(map(len, self._blocks))

    def predict_first_block(self) -> None:
        """A few rows of a slow arm, to learn how fast it is; all rows of a fast one."""
        factor = self._planned.arm.factor.row
        slow = self._planned.estimate.row_seconds * max(1.0, factor) * self._wanted > _SLOW_SECONDS
        self._predict_block(min(FIRST_BLOCK, self._wanted) if slow else self._wanted)
        if slow or self.answered < len(self._task.evaluation):
            self._validation_wanted = self._ask_for_share().validation if self._validation_wanted else 0

    def predict_other_blocks(self) -> None:
        """The rest, in blocks of some seconds, while the budget lasts. The arm's speed is looked at after each, for a
        machine that was busy may be free by now: so more rows may be wanted, never fewer."""
        while self.answered < self._wanted:
            self._show_if_the_rest_takes_long()
            self._predict_block(min(self._affordable_rows(), self._wanted - self.answered))
            self._ask_for_share()

    def _ask_for_share(self) -> Allotment:
        """How many rows this arm is to answer as things stand now."""
        validation = 0 if self._validation is None else len(self._validation)
        fresh = None if self._last is None or self._last.replayed else self._last.row_seconds
        share = self._watch.share(self.answered, validation, fresh)
        self._wanted = max(self.answered, share.rows)
        return share

    def _show_if_the_rest_takes_long(self) -> None:
        if (self._wanted - self.answered) * self._row_seconds > _SHOWN_SECONDS:
            self._watch.partial(self.result())

    @property
    def _row_seconds(self) -> float:
        """Of the last block; the estimate where it is not known."""
        known = None if self._last is None else self._last.row_seconds
        return known or self._planned.estimate.row_seconds * self._planned.arm.factor.row

    def _affordable_rows(self) -> int:
        """A block of some seconds, and of no more than are left.

        Where the last block was answered in an earlier run, the next may be too, and costs nothing then: what guards
        the budget is the meter.

        Raises:
            BudgetExceeded: there is no time for a single row.
        """
        row_seconds = max(self._row_seconds, 1e-9)
        block = max(FIRST_BLOCK, int(_BLOCK_SECONDS / row_seconds))
        if self._last is not None and self._last.replayed:
            return block
        affordable = int(self._watch.seconds_left() / row_seconds)
        if affordable <= 0:
            raise BudgetExceeded("no time is left of --budget-minutes")
        return min(block, affordable)

    def predict_validation(self) -> None:
        """Validation rows, where a side has two arms to rank."""
        self._validation = self._predict_aside(self._task.validation, self._validation_wanted)

    def predict_shifted(self) -> None:
        """Shifted rows, as many as evaluation rows, where the arm can answer them."""
        if self._task.shifted is not None and self._planned.arm.answers_shifted:
            self._shifted = self._predict_aside(self._task.shifted, self.answered)

    def time_single_rows(self) -> None:
        """What a single row takes alone, for the latency that a user would see."""
        rows = self._task.evaluation.inputs.part(0, min(_ROWS_TO_TIME, self.answered))
        self._latency = self._fitted.time_rows(rows)

    def show_wordings(self) -> None:
        """Answers of every wording to the same few evaluation rows; their scores are shown, never chosen on."""
        # The detail holds indices of labels; answers of other kinds have none.
        if not isinstance(self._fitted, _HasWordings) or not len(self._task.labels):
            return
        rows = min(_ROWS_FOR_WORDINGS, self.answered)
        by_wording, usage = self._fitted.wording_spread(self._task.evaluation.inputs.part(0, rows))
        self._usage_aside += usage
        self._details.append((WORDING_ANSWERS, write_answers(by_wording)))

    def plant_instructions(self) -> None:
        """How many answers follow an instruction that stands in the row; shown, never chosen on.

        What stands in the way costs the arm this figure and nothing else. What the arm has to tell of itself is taken
        down before, because these rows are none of the study's.
        """
        if not self._planned.arm.family.reads_texts or not len(self._task.labels):
            return
        self._told_by_arm = self._fitted.details, self._fitted.notes
        affordable = int(self._watch.seconds_left() / max(self._row_seconds, 1e-9))
        rows = self._task.evaluation.inputs.part(0, max(0, min(self.answered, affordable)))
        options = TASK_TYPES.get(self._task.spec.type).options
        names, field = self._task.labels.names, None if options is None else options.name
        asked = inject(rows, _joined(self._blocks).labels, names, options=field)
        try:
            if not len(asked.rows):
                raise BudgetExceeded("no time is left of --budget-minutes")
            prediction, usage = self._fitted.predict(asked.rows)
        except LedgerError:
            raise
        except TuningforkError as error:
            told = f"{self._planned.plan.arm} was not asked about rows with planted instructions: {error}"
            self.notes.append(Note(NOT_INJECTED, told))
            return
        self._usage_aside += usage
        told_as = {"tried": len(asked.rows), "flipped": asked.flipped(prediction.labels)}
        self._details.append((INJECTIONS, json.dumps(told_as)))

    def result(self) -> TrialResult:
        """The trial as it stands."""
        row_seconds = [block.row_seconds for block in self._blocks if block.row_seconds is not None]
        known = np.concatenate(row_seconds) if row_seconds else np.empty(0)
        latency = tuple(float(s) for s in known[~np.isnan(known)]) if row_seconds else self._latency
        details, notes = self._told_by_arm or (self._fitted.details, self._fitted.notes)
        return TrialResult(
            plan=self._planned.plan,
            side=self._planned.arm.side,
            model=self._fitted.model,
            status="done",
            evaluation=_joined(self._blocks),
            validation=self._validation,
            shifted=self._shifted,
            seconds_train=self._seconds_train,
            seconds_predict=self._seconds,
            latency_seconds=latency,
            fit_usage=self._fitted.fit_usage + self._usage_aside,
            usage=self._usage,
            details=(*details, *self._details),
            notes=(*notes, *self.notes),
            draw=self._draw,
        )

    def _predict_block(self, size: int) -> None:
        """The next `size` rows, or as many of them as the dollars last for.

        Raises:
            BudgetExceeded: for not even one.
        """
        prediction, usage, lap = self._affordable(self.answered, size)
        seconds, rows = lap.seconds, len(prediction)
        self._last = _Pace(None if seconds is None else seconds / max(1, rows), lap.has_replays)
        self._seconds = None if self._seconds is None or seconds is None else self._seconds + seconds
        self._blocks.append(prediction)
        self._usage += usage

    def _affordable(self, start: int, size: int) -> tuple[Prediction, Usage, Lap]:
        """Where money runs out within a block, half of it is taken from the journal, so that nothing paid is lost."""
        rows = self._task.evaluation.inputs.part(start, start + size)
        lap = self._bench.stopwatch.start()
        try:
            return *self._fitted.predict(rows, progress=self._shifted_progress(start, self._wanted)), lap
        except BudgetExceeded:
            if size <= 1:
                raise
        return self._affordable(start, size // 2)

    def _shifted_progress(self, start: int, total: int) -> Progress:
        return lambda done, _total: self._watch.progress(start + done, total)

    def _predict_aside(self, rows: Validation | Shifted, size: int) -> Prediction | None:
        size = min(size, len(rows))
        blocks: list[Prediction] = []
        for start, stop in _blocks(size, max(FIRST_BLOCK, int(_BLOCK_SECONDS / max(self._row_seconds, 1e-9)))):
            if start and self._watch.seconds_left() <= 0:
                raise BudgetExceeded("no time is left of --budget-minutes")
            progress = self._shifted_progress(start, size)
            prediction, usage = self._fitted.predict(rows.inputs.part(start, stop), progress=progress)
            blocks.append(prediction)
            self._usage_aside += usage
        return _joined(blocks) if blocks else None


def _blocks(rows: int, size: int) -> list[tuple[int, int]]:
    return [(start, min(start + size, rows)) for start in range(0, rows, size)]


def _joined(blocks: Sequence[Prediction]) -> Prediction:
    """One prediction, the same however the rows were cut: a block without probabilities (confidence, seconds)
    has rows of NaN beside blocks that have them."""
    return Prediction(
        blocks[0].answers.joined([block.answers for block in blocks[1:]]),
        probabilities=_stacked([(len(block), block.probabilities) for block in blocks]),
        confidence=_stacked([(len(block), block.confidence) for block in blocks]),
        row_seconds=_stacked([(len(block), block.row_seconds) for block in blocks]),
    )


_Float = TypeVar("_Float", bound=np.floating[Any])


def _stacked(parts: Sequence[tuple[int, NDArray[_Float] | None]]) -> NDArray[_Float] | None:
    """Parts below one another, NaN for the rows of one that is None; None where all are.

    Args:
        parts: rows of each, and what they hold, shape (rows, …).
    """
    like = next((part for _, part in parts if part is not None), None)
    if like is None:
        return None
    return np.concatenate(
        [np.full((rows, *like.shape[1:]), np.nan, like.dtype) if part is None else part for rows, part in parts]
    )
