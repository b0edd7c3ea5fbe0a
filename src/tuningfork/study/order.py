"""In which order the trials of a study run."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from tuningfork.arms.results import Side
from tuningfork.study.larger_counts import LARGEST_ONCE
from tuningfork.study.planned import PlannedTrial

_EARLY_LOOK_SECONDS = 12.0


def in_order(
    trials: Sequence[PlannedTrial], *, seconds_left: float = math.inf, begun: Collection[str] = ()
) -> tuple[PlannedTrial, ...]:
    """Cheap trials first, but the cheapest of each side within the first seconds, so that a first verdict has both
    sides to compare.

    After these first seconds an arm with a largest count that takes long runs it once before its smaller counts go on:
    were an estimate too low, time would else run out before it. What it adds to that, seeds there and counts between,
    comes after all other trials.

    Where there is no time for all, an arm that would come too late has its first trial before the others' further ones:
    a comparison needs every arm once more than it needs a twentieth training sample.

    Args:
        seconds_left: of the budget.
        begun: keys of trials that have ended or are running; they take nothing more.
    """
    ordered = _cheap_first([trial for trial in trials if not trial.turn])
    early = _early(ordered)
    in_early = {trial.key for trial in early}
    once = {trial.plan.arm: trial for trial in trials if trial.turn == LARGEST_ONCE}
    rest = _cheap_first([*(trial for trial in ordered if trial.key not in in_early), *once.values()], waiting_for=once)
    later = sorted((t for t in trials if t.turn > LARGEST_ONCE), key=lambda t: (t.turn, t.plan.arm))
    return (*early, *_none_too_late([*rest, *later], early, seconds_left, begun))


def _none_too_late(
    trials: Sequence[PlannedTrial], early: Sequence[PlannedTrial], seconds_left: float, begun: Collection[str]
) -> list[PlannedTrial]:
    """The trials in their order, but that no further trial of an arm takes the time of another arm's first."""
    seen = {trial.plan.arm for trial in (*early, *(one for one in trials if one.key in begun))}
    firsts = {trial.plan.arm: trial for trial in reversed(trials) if trial.plan.arm not in seen}
    is_first = {trial.key for trial in firsts.values()}
    free = seconds_left - sum(trial.seconds for trial in (*early, *firsts.values()) if trial.key not in begun)
    for place, trial in enumerate(trials):
        if trial.key in begun or trial.key in is_first:
            continue
        if trial.seconds > free:
            rest = trials[place:]
            waiting = [one for one in rest if one.key in is_first]
            return [*trials[:place], *waiting, *(one for one in rest if one.key not in is_first)]
        free -= trial.seconds
    return list(trials)


def _early(ordered: Sequence[PlannedTrial]) -> list[PlannedTrial]:
    """What fits into the first seconds, and then the cheapest trial of each side that is not among it."""
    spent, position = 0.0, 0
    while position < len(ordered) and spent + ordered[position].seconds <= _EARLY_LOOK_SECONDS:
        spent += ordered[position].seconds
        position += 1
    early = list(ordered[:position])
    seen: set[Side] = {trial.arm.side for trial in early}
    for trial in ordered[position:]:
        if trial.arm.side not in seen:
            seen.add(trial.arm.side)
            early.append(trial)
    return early


def _cheap_first(
    trials: Sequence[PlannedTrial], *, waiting_for: Mapping[str, PlannedTrial] | None = None
) -> list[PlannedTrial]:
    """By seconds; the seeds of one arm and level in their order, though the first also answers what is asked once:
    where a budget leaves one repetition, it has to be the one that has run.

    Args:
        waiting_for: by arm, the trial that goes before all others of its arm.
    """
    first = waiting_for or {}
    cheapest: dict[tuple[str, int], float] = {}
    for trial in trials:
        group = (trial.plan.arm, trial.plan.level)
        cheapest[group] = min(trial.seconds, cheapest.get(group, trial.seconds))

    def place(trial: PlannedTrial) -> tuple[float, str, bool, float, int, int]:
        plan = trial.plan
        own, leader = cheapest[plan.arm, plan.level], first.get(plan.arm)
        waits = own if leader is None else max(own, leader.seconds)
        return (waits, plan.arm, leader is not None and trial is not leader, own, plan.level, plan.seed)

    return sorted(trials, key=place)
