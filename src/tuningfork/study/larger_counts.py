"""Which label counts above a family's sure ones a study runs, and with how many seeds, as far as its time goes.

Training on thousands of labels takes minutes a run, so that not everything that a curve could use fits. What is worth
most comes first: one run at the largest count; then the runs that let a count decide, at the largest count for which
there is time; then its further seeds; then the counts between, each with all its seeds or not at all, for a point
without its spread says nothing of where two curves meet.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tuningfork.arms.results import TrialPlan
from tuningfork.study.deciding import RUNS_TO_DECIDE

LARGEST_ONCE = 1
"""Turn of the first run at the largest count; 0 is that of trials that are in no such order."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of an arm's schedule a study runs.

    Attributes:
        turns: of every trial that is in: 0, `LARGEST_ONCE`, or a later place in the arm's own order.
        left_out: trials for which there is no time, in the schedule's order.
        decides_at: the largest count with enough runs for a verdict among those that had to be chosen; None where
            there is none.
    """

    turns: Mapping[TrialPlan, int]
    left_out: tuple[TrialPlan, ...] = ()
    decides_at: int | None = None


def choose_larger(
    plans: Sequence[TrialPlan],
    *,
    sure: int | None,
    seconds: Callable[[TrialPlan], float],
    room: float,
    seeds_given: bool,
    begun: Collection[TrialPlan] = (),
) -> Chosen:
    """Choose among the trials of one arm.

    Args:
        plans: its whole schedule.
        sure: counts up to this are run whatever they take; None: all are.
        seconds: of one trial.
        room: seconds that the trials above `sure` may take.
        seeds_given: the user gave the number of seeds, so that counts between have that many too.
        begun: trials that have begun or ended: they are in, and take nothing more.
    """
    smallest = min(plan.level for plan in plans)
    above = sorted({plan.level for plan in plans if sure is not None and plan.level > max(sure, smallest)})
    if not above:
        return Chosen(dict.fromkeys(plans, 0))
    runs = {level: [plan for plan in plans if plan.level == level] for level in {plan.level for plan in plans}}
    chosen = _Choosing(seconds, room, frozenset(begun))
    most_between = max(map(len, runs.values())) if seeds_given else RUNS_TO_DECIDE
    largest = next((level for level in reversed(above) if chosen.take(runs[level][:1])), None)
    below = [level for level in reversed(above) if largest is not None and level <= largest]
    decides = next((level for level in below if chosen.take(runs[level][:RUNS_TO_DECIDE])), None)
    small = [plan for level, of_level in runs.items() if level not in above for plan in of_level]
    if decides is not None:
        for plan in runs[decides][RUNS_TO_DECIDE:]:
            chosen.take([plan])
        small = [plan for plan in small if seeds_given or plan.seed < RUNS_TO_DECIDE or plan in chosen.begun]
    for level in above:
        chosen.take(runs[level][:most_between])
    turns = {plan: chosen.turns.get(plan, 0) for plan in plans if plan in small or plan in chosen.turns}
    ended = {plan: 0 for plan in plans if plan in chosen.begun and plan not in turns}
    wanted = [*runs[above[-1]], *(plan for level in above[:-1] for plan in runs[level][:most_between])]
    left_out = tuple(plan for plan in plans if plan in wanted and plan not in turns and plan not in ended)
    return Chosen({plan: (turns | ended)[plan] for plan in plans if plan in turns or plan in ended}, left_out, decides)


class _Choosing:
    """Trials that are in, in the order in which they were chosen, and the seconds that are left for others."""

    def __init__(self, seconds: Callable[[TrialPlan], float], room: float, begun: frozenset[TrialPlan]) -> None:
        self._seconds, self._room, self.begun = seconds, room, begun
        self.turns: dict[TrialPlan, int] = {}

    def take(self, together: Sequence[TrialPlan]) -> bool:
        """All of these, if there is room for those that have not begun; else none."""
        fresh = [plan for plan in together if plan not in self.turns]
        cost = sum(self._seconds(plan) for plan in fresh if plan not in self.begun)
        if cost > self._room and cost > 0:
            return False
        self._room -= cost
        for plan in fresh:
            self.turns[plan] = LARGEST_ONCE + len(self.turns)
        return True
