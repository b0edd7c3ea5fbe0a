"""Choosing within a side on validation rows: an order, who cannot be told apart, and whether the choice held.

Validation rows order the arms of one side; a hundred of them cannot tell arms two points apart, and an order alone
hides that. Evaluation rows then say whether another arm of the side beats the chosen one, and whether the arm scores
there as it did on validation rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from tuningfork.stats.crossed import PairedDifference, ScoreInterval, compare
from tuningfork.stats.measured import Measured
from tuningfork.stats.multiplicity import holm

DIFFERS_FROM = 3.0
"""Standard errors between validation and evaluation score that are not luck of the rows."""

_DIGITS = 12
"""Scores are compared to this many decimals, lest rounding decide a tie."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contender:
    """What one arm did on validation rows.

    Attributes:
        rows: how many it answered, the first ones of their order.
        measured: its runs on the first n of these; n is at most `rows`.
        samples: what each run was trained on, one name a run; runs of two arms pair where these are equal. None where
            that is not known or the arm was not trained.
    """

    rows: int
    measured: Callable[[int], Measured]
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


def rank(arms: Mapping[str, Contender]) -> Ranking:
    """Rank arms by their score.

    A tie goes to the arm given first. Where arms answered different numbers of rows, a shorter one is placed by its
    distance, on its own rows, from the arm that answered most, so that nobody gains from easy rows.

    Args:
        arms: by name, all by one score.

    Raises:
        ValueError: names of samples that are not one a run, or as for `compare`.
    """
    whole = {arm: _whole(arm, given) for arm, given in arms.items()}
    scores = {arm: _score(found) for arm, found in whole.items()}
    placed = _placed(arms, scores)
    order = sorted(arms, key=lambda arm: -round(placed[arm], _DIGITS) if arm in placed else math.inf)
    standings = []
    for arm in order:
        behind = error = None
        if arm == order[0]:
            behind = 0.0 if arm in placed else None
        elif arm in placed:
            first = arms[order[0]]
            n = min(first.rows, arms[arm].rows)
            paired = first.samples is not None and first.samples == arms[arm].samples
            pair = compare(first.measured(n), arms[arm].measured(n), same_samples=paired)
            if pair.p_value is not None:
                behind, error = -pair.difference, math.sqrt(pair.variance)
        standings.append(
            Standing(
                arm=arm,
                score=scores[arm],
                rows=arms[arm].rows,
                runs=whole[arm].runs,
                behind=behind,
                standard_error=error,
                told_apart=behind is not None and error is not None and behind > error,
            )
        )
    return Ranking(tuple(standings))


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


def _whole(arm: str, given: Contender) -> Measured:
    found = given.measured(given.rows)
    if given.samples is not None and len(given.samples) != found.runs:
        raise ValueError(f"{arm}: {found.runs} runs and {len(given.samples)} samples")
    return found


def _score(found: Measured) -> float | None:
    return found.score if math.isfinite(found.score) else None


def _placed(arms: Mapping[str, Contender], scores: Mapping[str, float | None]) -> dict[str, float]:
    """What the order is by, for every arm that has a score: that on the rows of the arm with most of them."""
    known = {arm: value for arm, value in scores.items() if value is not None}
    if not known:
        return {}
    longest = max(known, key=lambda arm: arms[arm].rows)
    placed = {}
    for arm, value in known.items():
        there = _score(arms[longest].measured(arms[arm].rows))
        placed[arm] = value if there is None else value - there + known[longest]
    return placed
