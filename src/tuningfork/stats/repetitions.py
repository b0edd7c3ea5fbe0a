"""What may be claimed from the runs of one arm: how many of them count, and whether it may be named as better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuningfork.stats.components import Members, Scores, SeedPart, are_equal, seed_part
from tuningfork.stats.measured import Measured

LEAST_SEEDS = 3
"""A random arm with fewer different seeds is never named as better."""
LEAST_IDENTICAL_RUNS = 5
"""Nor is one whose runs were drawn afresh and came out equal, with fewer runs: they show no spread to judge by."""


@dataclass(frozen=True, slots=True, eq=False)
class Repetitions:
    """The runs of one arm that count.

    Attributes:
        values: shape (n, k), a column a run: row values, or pseudo-values with the score of the run as their mean.
        score: mean over the runs; NaN where it does not exist.
        right: shape (n,), share of the runs that had the row right, where that is another thing than its value.
        may_win: enough different runs, or nothing random about the arm.
        cautions: what limits a claim about the recipe.
    """

    values: Scores
    score: float
    right: Scores | None
    may_win: bool
    cautions: tuple[str, ...]

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def seeds(self) -> int:
        return int(self.values.shape[1])

    def seed_part(self, members: Members | None) -> SeedPart | None:
        """The seeds' part of the variance; None where there is one run."""
        return seed_part(self.values, members) if self.seeds > 1 else None


def of(arm: Measured) -> Repetitions:
    """The runs that count.

    Runs are equal where their answers are; where those are not known, where their row values are, if there are any.
    """
    equal = not arm.differ and (are_equal(arm.per_row) or bool(np.isnan(arm.per_row).any()))
    kept, may_win, cautions = _settle(arm.runs, equal, arm.random or arm.differ, arm.redrawn or arm.differ)
    right = None if arm.right is None else arm.right[:, :kept].mean(axis=1)
    return Repetitions(arm.per_row[:, :kept], float(arm.theta[:kept].mean()), right, may_win, cautions)


def enough_identical(runs: int) -> tuple[bool, str]:
    """Whether that many equal runs, drawn afresh, may win, and the caution that is told with them."""
    enough = runs >= LEAST_IDENTICAL_RUNS
    return enough, "identical_runs" if enough else "few_identical_runs"


def _settle(seeds: int, equal: bool, random: bool, redrawn: bool) -> tuple[int, bool, tuple[str, ...]]:
    """How many of the runs count, whether the arm may be named as better, and cautions."""
    if seeds == 1:
        return (1, False, ("one_seed",)) if random else (1, True, ())
    if not equal:
        return (seeds, False, ("few_seeds",)) if seeds < LEAST_SEEDS else (seeds, True, ())
    if not random:
        return 1, True, ("whole_pool",)
    if not redrawn:
        return 1, False, ("identical_seeds",)
    enough, caution = enough_identical(seeds)
    return seeds, enough, (caution,)
