"""One arm's repetitions: its score on every row under every seed, and what may be claimed from that many seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuningfork.stats.components import Members, Scores, SeedPart, are_equal, seed_part
from tuningfork.stats.jackknife import Labels, LeaveOneOut, Statistic, pseudo_values

Number = TypeVar("Number", bound=np.generic)

LEAST_SEEDS = 3
"""A random arm with fewer different seeds is never named as better."""
LEAST_IDENTICAL_RUNS = 5
"""Nor is one whose runs were drawn afresh and came out equal, with fewer runs: they show no spread to judge by."""


@dataclass(frozen=True, slots=True, eq=False)
class Repetitions:
    """Scores of one arm.

    Attributes:
        values: shape (n, k), a column a seed: row scores, or pseudo-values with the score of the seed as their mean.
        score: mean over the seeds; NaN where it does not exist.
        right: shape (n,), share of the seeds that had the row right.
        may_win: enough different seeds, or nothing random about the arm.
        cautions: what limits a claim about the recipe.
    """

    values: Scores
    score: float
    right: Scores
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


def of_scores(scores: ArrayLike, random: bool, redrawn: bool = False, differ: bool = False) -> Repetitions:
    """From row scores in [0, 1], shape (n, k) or (n,).

    Args:
        random: False for an arm that nothing random is left in.
        redrawn: the runs are known to have had different samples (or initialisations).
        differ: they are known to answer some row otherwise, so that they are no equal runs even where they are right
            on the same rows.

    Raises:
        ValueError: no row, no seed, or a score outside [0, 1].
    """
    matrix = _matrix(np.asarray(scores, dtype=np.float64), "scores")
    if not (np.isfinite(matrix).all() and matrix.min() >= 0 and matrix.max() <= 1):
        raise ValueError("row scores must be numbers from 0 to 1")
    equal = are_equal(matrix) and not differ
    kept, may_win, cautions = _settle(matrix.shape[1], equal, random or differ, redrawn or differ)
    runs = matrix[:, :kept]
    return Repetitions(runs, float(runs.mean()), runs.mean(axis=1), may_win, cautions)


def of_labels(
    gold: Labels,
    predicted: ArrayLike,
    random: bool,
    statistic: Statistic,
    leave_one_out: LeaveOneOut | None,
    redrawn: bool = False,
    members: Members | None = None,
) -> Repetitions:
    """From predicted labels, shape (n, k) or (n,), and a statistic on them.

    Where the rows cannot say anything (fewer than two, one class in `gold`) the values are NaN. Runs that predict
    otherwise are different runs, though they score alike.

    Args:
        members: units of rows that count as one draw.

    Raises:
        ValueError: no row, no seed, or not one gold label a row.
    """
    matrix = _matrix(np.asarray(predicted), "predictions")
    if gold.shape != matrix.shape[:1]:
        raise ValueError(f"{len(matrix)} rows of predictions, but gold labels of shape {gold.shape}")
    right = (matrix == gold[:, None]).astype(np.float64)
    values, scores = np.full(matrix.shape, np.nan), np.full(matrix.shape[1], np.nan)
    if len(np.unique(gold)) > 1:
        for seed, run in enumerate(matrix.T):
            score, per_row = pseudo_values(gold, run, statistic, leave_one_out=leave_one_out, members=members)
            values[:, seed], scores[seed] = per_row - per_row.mean() + score, score
    differ = bool((matrix != matrix[:, :1]).any())
    kept, may_win, cautions = _settle(matrix.shape[1], not differ, random or differ, redrawn or differ)
    return Repetitions(values[:, :kept], float(scores[:kept].mean()), right[:, :kept].mean(axis=1), may_win, cautions)


def enough_identical(runs: int) -> tuple[bool, str]:
    """Whether that many equal runs, drawn afresh, may win, and the caution that is told with them."""
    enough = runs >= LEAST_IDENTICAL_RUNS
    return enough, "identical_runs" if enough else "few_identical_runs"


def _matrix(array: NDArray[Number], what: str) -> NDArray[Number]:
    matrix = array[:, None] if array.ndim == 1 else array
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"{what} have a row a row and a column a seed, not shape {array.shape}")
    return matrix


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
