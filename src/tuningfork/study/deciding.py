"""At which of its levels an arm is compared: the largest that has runs enough to speak of the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuningfork.arms.results import TrialPlan

RUNS_TO_DECIDE = 3
"""Runs of a random recipe below which no winner may be named; a count with fewer is shown and decides nothing where
another has them."""


FEWEST_ROWS = 50
"""Evaluation rows below which nothing is called."""


def can_decide(runs: Sequence[TrialPlan]) -> bool:
    """Whether these trials of one level are enough: three, or one that leaves nothing random."""
    return len(runs) >= RUNS_TO_DECIDE or any(run.deterministic for run in runs)


def deciding_level(levels: Mapping[int, Sequence[TrialPlan]]) -> int:
    """The largest level with runs enough; where none has them, the largest.

    Args:
        levels: trials of one arm by level; at least one level.
    """
    enough = [level for level, runs in levels.items() if can_decide(runs)]
    return max(enough or levels)


def by_level(plans: Sequence[TrialPlan]) -> dict[int, list[TrialPlan]]:
    """Trials of one arm by level."""
    found: dict[int, list[TrialPlan]] = {}
    for plan in plans:
        found.setdefault(plan.level, []).append(plan)
    return found
