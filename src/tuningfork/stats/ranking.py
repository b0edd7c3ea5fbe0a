"""Choosing within a side on validation rows: an order, who cannot be told apart, and whether the choice held.

Validation rows order the arms of one side; a hundred of them cannot tell arms two points apart, and an order alone
hides that. Evaluation rows then say whether another arm of the side beats the chosen one, and whether the arm scores
there as it did on validation rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuningfork.stats.components import Units
from tuningfork.stats.crossed import PairedDifference, ScoreInterval, compare_rows, compare_statistic
from tuningfork.stats.jackknife import Labels, LeaveOneOut, Statistic
from tuningfork.stats.multiplicity import holm

DIFFERS_FROM = 3.0
"""Standard errors between validation and evaluation score that are not luck of the rows."""

_DIGITS = 12
"""Scores are compared to this many decimals, lest rounding decide a tie."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValidationRuns:
    """What one arm did on validation rows.

    Attributes:
        values: shape (n, k), a column a run, on the first n validation rows: row scores in [0, 1] for `rank_rows`,
            predicted labels for `rank_statistic`. n may differ between arms.
        samples: what each run was trained on, k names; runs of two arms pair where these are equal. None where that
            is not known or the arm was not trained.
    """

    values: ArrayLike
    samples: tuple[Hashable, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One arm's place.

    Attributes:
        score: mean over its runs, on its own rows; None where it does not exist (macro-F1 of one class), and then
            the arm stands last, in the order given.
        rows, runs: behind `score`.
        behind: how far the first arm is ahead on the rows that both answered; 0 for the first itself.
        standard_error: of `behind`, over rows and runs; None for the first, and where nothing can be said.
        told_apart: behind by more than one standard error. False for the first, and where nothing can be said.
    """

    arm: str
    score: float | None
    rows: int
    runs: int
    behind: float | None
    standard_error: float | None
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """Arms, best first."""

    standings: tuple[Standing, ...]

    @property
    def first(self) -> str | None:
        """The arm ahead; None where no arm has a score."""
        return self.standings[0].arm if self.standings and self.standings[0].score is not None else None

    @property
    def not_told_apart(self) -> tuple[str, ...]:
        """Arms within one standard error of the first, best first, without the first itself."""
        return tuple(one.arm for one in self.standings[1:] if one.score is not None and not one.told_apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationGap:
    """How an arm's score on validation rows compares with that on evaluation rows.

    Attributes:
        difference: validation minus evaluation.
        standard_error: of the difference, from the rows of both.
        z: their quotient.
    """

    difference: float
    standard_error: float
    z: float

    @property
    def differs(self) -> bool:
        """More than the luck of the rows."""
        return abs(self.z) > DIFFERS_FROM


def rank_rows(arms: Mapping[str, ValidationRuns], *, units: Units | None = None) -> Ranking:
    """Rank arms by their mean row score.

    A tie goes to the arm given first. Where arms answered different numbers of rows, a shorter one is placed by its
    distance, on its own rows, from the arm that answered most, so that nobody gains from easy rows.

    Args:
        arms: by name, row scores in [0, 1].
        units: one name a validation row, at least as many as the longest arm has; rows of a unit are one draw.

    Raises:
        ValueError: scores that do not fit, as for `compare_rows`, or too few units.
    """

    def score(runs: Runs) -> float | None:
        return float(np.mean(runs))

    def compare(a: Runs, b: Runs, same_samples: bool) -> PairedDifference:
        return compare_rows(a, b, same_samples=same_samples, units=_first(units, len(a)))

    return _rank(arms, score, compare)


def rank_statistic(
    gold: Labels,
    arms: Mapping[str, ValidationRuns],
    *,
    statistic: Statistic,
    leave_one_out: LeaveOneOut | None = None,
    units: Units | None = None,
) -> Ranking:
    """Rank arms by a score that is no mean over rows, such as macro-F1; as `rank_rows`.

    Args:
        gold: indices of labels, at least as many as the longest arm has rows.
        arms: by name, predicted indices (-1 is no label).
        statistic, leave_one_out: as for `compare_statistic`.
        units: as for `rank_rows`.

    Raises:
        ValueError: predictions that do not fit, as for `compare_statistic`, or too few units.
    """

    def score(runs: Runs) -> float | None:
        found = float(np.mean([statistic(gold[: len(runs)], run) for run in runs.T]))
        return found if math.isfinite(found) else None

    def compare(a: Runs, b: Runs, same_samples: bool) -> PairedDifference:
        return compare_statistic(
            gold[: len(a)],
            a,
            b,
            statistic=statistic,
            leave_one_out=leave_one_out,
            same_samples=same_samples,
            units=_first(units, len(a)),
        )

    return _rank(arms, score, compare)


def beaten_by(others: Mapping[str, PairedDifference]) -> tuple[str, ...]:
    """Arms that beat the chosen one on evaluation rows, the farthest ahead first; all together err at most 5 %.

    Args:
        others: for each other arm of the side, that arm minus the chosen one.
    """
    known = {arm: d for arm, d in others.items() if d.p_value is not None}
    adjusted = holm([d.p_value for d in known.values() if d.p_value is not None])
    found = [
        arm
        for (arm, d), p in zip(known.items(), adjusted, strict=True)
        if p < 0.05 and d.is_better and d.difference > 0
    ]
    return tuple(sorted(found, key=lambda arm: -known[arm].difference))


def validation_gap(validation: ScoreInterval, evaluation: ScoreInterval) -> ValidationGap | None:
    """Whether an arm scores on evaluation rows as it did on validation rows; None where one says nothing.

    The same trained models stand on both sides (give both intervals the same runs), so that their luck is in both
    scores and leaves the difference: only the rows' parts of the two variances belong to it, and they add up, for
    the rows are different ones.
    """
    if validation.score is None or evaluation.score is None:
        return None
    if validation.variance_rows is None or evaluation.variance_rows is None:
        return None
    difference = validation.score - evaluation.score
    error = math.sqrt(validation.variance_rows + evaluation.variance_rows)
    return ValidationGap(difference=difference, standard_error=error, z=difference / error)


Runs = NDArray[Any]
"""Shape (n, k): one arm's row scores or predicted labels."""


def _rank(
    arms: Mapping[str, ValidationRuns],
    score: Callable[[Runs], float | None],
    compare: Callable[[Runs, Runs, bool], PairedDifference],
) -> Ranking:
    runs = {arm: _matrix(arm, given) for arm, given in arms.items()}
    scores = {arm: score(matrix) for arm, matrix in runs.items()}
    placed = _placed(runs, scores, score)
    order = sorted(runs, key=lambda arm: -round(placed[arm], _DIGITS) if arm in placed else math.inf)
    standings = []
    for arm in order:
        behind = error = None
        if arm == order[0]:
            behind = 0.0 if arm in placed else None
        elif arm in placed:
            n = min(len(runs[order[0]]), len(runs[arm]))
            pair = compare(runs[order[0]][:n], runs[arm][:n], _are_paired(arms[order[0]], arms[arm]))
            if pair.p_value is not None:
                behind, error = -pair.difference, math.sqrt(pair.variance)
        standings.append(
            Standing(
                arm=arm,
                score=scores[arm],
                rows=len(runs[arm]),
                runs=runs[arm].shape[1],
                behind=behind,
                standard_error=error,
                told_apart=behind is not None and error is not None and behind > error,
            )
        )
    return Ranking(tuple(standings))


def _placed(
    runs: Mapping[str, Runs], scores: Mapping[str, float | None], score: Callable[[Runs], float | None]
) -> dict[str, float]:
    """What the order is by, for every arm that has a score: that on the rows of the arm with most of them."""
    known = {arm: value for arm, value in scores.items() if value is not None}
    if not known:
        return {}
    longest = max(known, key=lambda arm: len(runs[arm]))
    placed = {}
    for arm, value in known.items():
        there = score(runs[longest][: len(runs[arm])])
        placed[arm] = value if there is None else value - there + known[longest]
    return placed


def _are_paired(a: ValidationRuns, b: ValidationRuns) -> bool:
    return a.samples is not None and a.samples == b.samples


def _matrix(arm: str, given: ValidationRuns) -> Runs:
    matrix = np.asarray(given.values)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(f"{arm}: a row a row and a column a run, not shape {matrix.shape}")
    if given.samples is not None and len(given.samples) != matrix.shape[1]:
        raise ValueError(f"{arm}: {matrix.shape[1]} runs and {len(given.samples)} samples")
    return matrix


def _first(units: Units | None, n: int) -> Sequence[Hashable] | NDArray[np.integer[Any]] | None:
    return None if units is None else units[:n]
