"""Which trials that take long a study's minutes leave room for, and what is said of those that they do not."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tuningfork.arms.results import TrialPlan
from tuningfork.study.allotment import Allotment, Answered, Demand, room_beside
from tuningfork.study.candidates import Candidate
from tuningfork.study.deciding import by_level, deciding_level
from tuningfork.study.larger_counts import Chosen
from tuningfork.study.settings import StudySettings
from tuningfork.task.command import command_on_files
from tuningfork.task.schema import Note, TaskData, TaskSpec

LARGEST_LEFT_OUT, BETWEEN_LEFT_OUT = "labels_left_out", "counts_left_out"
"""Codes: a larger count could decide if there were time; or counts and seeds beside the one that decides."""

_STEP_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Time:
    """What a plan knows of its time.

    Attributes:
        seconds_left: of the budget.
        settled: rows and repetitions that are decided, by arm.
        closed: arms of which no further trial is chosen, unless what they hung on has changed since.
    """

    settings: StudySettings
    spec: TaskSpec
    seconds_left: float
    settled: Mapping[str, Allotment]
    closed: Collection[str] = ()

    def with_minutes(self, minutes: int) -> float:
        """Seconds that would be left with another `--budget-minutes`."""
        return self.seconds_left + 60 * (minutes - self.settings.budget_minutes)


def within(
    time: Time,
    candidates: Sequence[Candidate],
    task: TaskData,
    validation_rows: Mapping[str, int],
    begun: Mapping[str, Answered],
) -> tuple[list[Candidate], tuple[Note, ...]]:
    """The arms with the trials that there is time for, and a note for each that loses some.

    Counts that the user gave are run, all of them. Else trials that take long share what the others leave; where slow
    arms could use up everything, half of it.
    """
    if not any(candidate.is_dear(plan) for candidate in candidates for plan in candidate.plans):
        return list(candidates), ()
    rows = {c.spec.text: len(task.evaluation) + validation_rows[c.spec.text] for c in candidates}
    demands = {c.spec.text: _sure(c).demand(task, validation_rows[c.spec.text], begun) for c in candidates}
    beside = _Beside(demands, time.settled, len(task.evaluation))
    everything = {c.spec.text: c.choose(rows[c.spec.text], math.inf, begun) for c in candidates}
    wanted = {c.spec.text: _dear_seconds(c, everything[c.spec.text], rows[c.spec.text], begun) for c in candidates}
    room, chosen = beside.room(time.seconds_left), dict(everything)
    waiting = sorted(
        (c for c in candidates if wanted[c.spec.text] and not c.counts_given), key=lambda c: wanted[c.spec.text]
    )
    for place, candidate in enumerate(waiting):
        name = candidate.spec.text
        has_ended = name in time.closed and not begun.keys().isdisjoint(candidate.keys)
        share = 0.0 if has_ended else room / (len(waiting) - place)
        chosen[name] = candidate.choose(rows[name], share, begun)
        room -= _dear_seconds(candidate, chosen[name], rows[name], begun)
    minutes = _minutes_for(sum(wanted.values()), beside, time)
    notes = [_note(c, chosen[c.spec.text], rows[c.spec.text], minutes, time) for c in candidates]
    kept = [candidate.only(chosen[candidate.spec.text].turns) for candidate in candidates]
    return kept, tuple(note for note in notes if note is not None)


@dataclass(frozen=True, slots=True)
class _Beside:
    """What else a study does."""

    demands: Mapping[str, Demand]
    settled: Mapping[str, Allotment]
    rows: int

    def room(self, seconds: float) -> float:
        """Seconds for trials that take long, of so many."""
        open_ones = {arm: demand for arm, demand in self.demands.items() if arm not in self.settled}
        settled = sum(
            self.demands[arm].seconds(replace(share, trials=min(share.trials, self.demands[arm].trials)))
            for arm, share in self.settled.items()
            if arm in self.demands
        )
        return room_beside(open_ones, rows=self.rows, seconds=seconds, settled_seconds=settled)


def _sure(candidate: Candidate) -> Candidate:
    """The arm without the trials that take long."""
    return candidate.only({plan: 0 for plan in candidate.plans if not candidate.is_dear(plan)})


def _dear_seconds(candidate: Candidate, chosen: Chosen, rows: int, begun: Mapping[str, Answered]) -> float:
    fresh = {plan for plan, key in zip(candidate.plans, candidate.keys, strict=True) if key not in begun}
    return sum(candidate.seconds(plan, rows) for plan in chosen.turns if candidate.is_dear(plan) and plan in fresh)


def _minutes_for(seconds: float, beside: _Beside, time: Time) -> int:
    """`--budget-minutes` with which there is room for all."""
    minutes = _STEP_MINUTES * math.ceil(time.settings.budget_minutes / _STEP_MINUTES)
    while beside.room(time.with_minutes(minutes)) < seconds:
        minutes += _STEP_MINUTES
    return minutes


def _note(candidate: Candidate, chosen: Chosen, rows: int, minutes: int, time: Time) -> Note | None:
    if not chosen.left_out:
        return None
    largest = max(plan.level for plan in candidate.plans)
    seconds = sum(candidate.seconds(plan, rows) for plan in chosen.left_out)
    takes = f"about {max(1, round(seconds / 60))} more minutes of training"
    command = f"{command_on_files(time.spec)} … --budget-minutes {minutes}"
    if chosen.decides_at == largest:
        told = f"{candidate.spec.text} leaves out {_in_words(chosen.left_out)}, for lack of time"
        return Note(BETWEEN_LEFT_OUT, f"{told}: {takes} ({command}).")
    compared_at = chosen.decides_at or deciding_level(by_level(tuple(chosen.turns)))
    told = f"{candidate.spec.text} is compared at {compared_at:,} labels or fewer"
    missing = f"for {_in_words(chosen.left_out)} there is no time"
    return Note(LARGEST_LEFT_OUT, f"{told}: {missing}. They would take {takes}: {command}")


def _in_words(left_out: Sequence[TrialPlan]) -> str:
    """'3 runs with 4,096 labels and 4 with 6,717'."""
    parts: list[str] = []
    for level in sorted({plan.level for plan in left_out}):
        runs = sum(plan.level == level for plan in left_out)
        noun = "" if parts else " run" if runs == 1 else " runs"
        parts.append(f"{runs}{noun} with {level:,}{'' if parts else ' labels'}")
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
