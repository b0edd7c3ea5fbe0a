"""Label counts and seeds that several families share."""

from __future__ import annotations

from collections.abc import Callable

from tuningfork.arms.family import Setting
from tuningfork.arms.results import TrialPlan


def trained_schedule(
    arm: str, setting: Setting, *, seeds_at: Callable[[int], int], redraws: bool
) -> tuple[TrialPlan, ...]:
    """Every count of the study with its seeds, small counts first.

    Args:
        seeds_at: the family's default number of seeds at a count; the user's number replaces it.
        redraws: the recipe itself is random. If not, the whole pool leaves nothing to redraw: one run there.
    """
    plans: list[TrialPlan] = []
    for count in setting.counts:
        settled = count == len(setting.pool) and not redraws
        seeds = 1 if settled else (setting.seeds or seeds_at(count))
        plans += [
            TrialPlan(arm=arm, level=count, n_labels=count, seed=seed, deterministic=settled) for seed in range(seeds)
        ]
    return tuple(plans)
