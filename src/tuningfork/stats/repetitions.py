"""One arm's repetitions: its score on every row under every seed, and what may be claimed from that many seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuningfork.stats.components import Members, Scores, SeedPart, seed_part
from tuningfork.stats.jackknife import Labels, LeaveOneOut, Statistic, pseudo_values

Number = TypeVar("Number", bound=np.generic)

LEAST_SEEDS = 3
"""A random arm with fewer different seeds is never named as better."""


@dataclass(frozen=True, slots=True, eq=False)
class Repetitions:
    """Scores of one arm.

    Attributes:
        values: shape (n, k), a column a seed: row scores, or pseudo-values with the score of the seed as their mean.
        right: shape (n,), share of the seeds that had the row right.
        may_win: enough different seeds, or nothing random about the arm.
        cautions: what limits a claim about the recipe.
    """

    values: Scores
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


def of_scores(scores: ArrayLike, random: bool) -> Repetitions:
    """From row scores in [0, 1], shape (n, k) or (n,).

    Raises:
        ValueError: no row, no seed, or a score outside [0, 1].
    """
    matrix = _matrix(np.asarray(scores, dtype=np.float64), "scores")
    if not (np.isfinite(matrix).all() and matrix.min() >= 0 and matrix.max() <= 1):
        raise ValueError("row scores must be numbers from 0 to 1")
    runs, may_win, cautions = _settle(matrix, random)
    return Repetitions(runs, runs.mean(axis=1), may_win, cautions)


def of_labels(
    gold: Labels, predicted: ArrayLike, random: bool, statistic: Statistic, leave_one_out: LeaveOneOut | None
) -> Repetitions:
    """From predicted labels, shape (n, k) or (n,), and a statistic on them.

    Where the rows cannot say anything (fewer than two, one class in `gold`) the values are NaN.

    Raises:
        ValueError: no row, no seed, or not one gold label a row.
    """
    matrix = _matrix(np.asarray(predicted), "predictions")
    if gold.shape != matrix.shape[:1]:
        raise ValueError(f"{len(matrix)} rows of predictions, but gold labels of shape {gold.shape}")
    runs, may_win, cautions = _settle(matrix, random)
    right: Scores = (runs == gold[:, None]).mean(axis=1)
    values = np.full(runs.shape, np.nan)
    if len(np.unique(gold)) > 1:
        for seed, run in enumerate(runs.T):
            score, per_row = pseudo_values(gold, run, statistic, leave_one_out=leave_one_out)
            values[:, seed] = per_row - per_row.mean() + score
    return Repetitions(values, right, may_win, cautions)


def _matrix(array: NDArray[Number], what: str) -> NDArray[Number]:
    matrix = array[:, None] if array.ndim == 1 else array
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"{what} have a row a row and a column a seed, not shape {array.shape}")
    return matrix


def _settle(runs: NDArray[Number], random: bool) -> tuple[NDArray[Number], bool, tuple[str, ...]]:
    """Runs that count, whether the arm may be named as better, and cautions."""
    seeds = runs.shape[1]
    if seeds == 1:
        return (runs, False, ("one_seed",)) if random else (runs, True, ())
    if bool((runs == runs[:, :1]).all()):
        return (runs[:, :1], False, ("identical_seeds",)) if random else (runs[:, :1], True, ("whole_pool",))
    if seeds < LEAST_SEEDS:
        return runs, False, ("few_seeds",)
    return runs, True, ()
