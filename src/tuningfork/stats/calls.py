"""From a paired difference to a call at a margin, and what an undecided one needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from tuningfork.stats.crossed import PairedDifference
from tuningfork.stats.repetitions import LEAST_IDENTICAL_RUNS, LEAST_SEEDS
from tuningfork.stats.student import t_cdf, t_pdf, t_quantile

Call = Literal["better", "same", "cheaper_will_do", "undecided"]
Arm = Literal["a", "b"]

_NORMAL = NormalDist()
_SHOW_DIFFERENT = _NORMAL.inv_cdf(0.975) + _NORMAL.inv_cdf(0.8)
_SHOW_SAME = _NORMAL.inv_cdf(0.95) + _NORMAL.inv_cdf(0.9)
"""Standard errors that must fit into a margin for 80 % power of two one-sided tests, if the arms are equal: 2.93."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MustChoose:
    """What to do if one must choose today.

    Attributes:
        arm: the arm ahead, the cheaper one at a tie.
        worst_loss: the most that it can cost (95 %), in the score's own numbers; 0 where the arm is ahead for sure.
        expected_loss: on average over what the truth may be; None with one degree of freedom, where no mean exists,
            and for the best seen of several arms, whose lead is partly luck of having been picked.
    """

    arm: Arm
    worst_loss: float
    expected_loss: float | None


def make_call(d: PairedDifference, *, margin: float, cheaper: Arm | None) -> Call:
    """Call a comparison at a margin that was set before the run.

    'better': a winner is shown, whatever its size. 'same': two one-sided tests pass at the margin. 'cheaper_will_do':
    the one-sided test alone, that the cheaper arm is not worse by the margin. Where too few seeds allow no winner,
    nothing is called, for each call speaks of the recipe and not of the trained models at hand.

    Args:
        margin: smallest difference that matters, above 0, in the score's own numbers (of fractions 0.03 is 3 points).
        cheaper: the cheaper arm, or None where it is not known.

    Raises:
        ValueError: `margin` is not positive.
    """
    _check_margin(margin)
    if not d.winner_allowed:
        return "undecided"
    if d.is_better:
        return "better"
    if d.same_within < margin:
        return "same"
    if cheaper is not None and d.no_worse_bound(cheaper) < margin:
        return "cheaper_will_do"
    return "undecided"


def must_choose(d: PairedDifference, cheaper: Arm | None) -> MustChoose:
    """The arm to take if one must choose today, and what that can cost.

    Args:
        cheaper: taken at a tie; `a` where it is not known.
    """
    if d.centre == 0:
        arm: Arm = cheaper or "a"
    else:
        arm = "b" if d.centre > 0 else "a"
    ahead, error = abs(d.centre), math.sqrt(d.variance)
    worst = max(0.0, t_quantile(1 - 0.05 / d.alternatives, d.df) * error - ahead)
    expected = _expected_loss(ahead / error, error, d) if d.alternatives == 1 else None
    return MustChoose(arm=arm, worst_loss=min(d.limit, worst), expected_loss=expected)


def rows_needed(d: PairedDifference, margin: float) -> int | None:
    """Rows in all that would settle an undecided comparison with 80 % power, at the present seeds.

    With that many rows equal arms are shown to be the same within the margin, and arms a margin apart to differ.
    None where no number of rows would do: the seeds' part alone is too large, or there are too few seeds to call
    anything.

    Raises:
        ValueError: `margin` is not positive.
    """
    _check_margin(margin)
    if not d.winner_allowed:
        return None
    room = (margin / _show_same(d)) ** 2 - d.variance_seeds
    if room > 0 and (total := d.n * d.variance_rows / room) > d.n:
        return math.ceil(total)
    room = _surely_settled(d, margin) - d.variance_seeds
    return math.ceil(d.n * (d.variance_call - d.variance_seeds) / room) if room > 0 else None


def seeds_needed(d: PairedDifference, margin: float, seeds: tuple[int, int]) -> int | None:
    """Seeds a random arm, in all, that would settle an undecided comparison with 80 % power, at the present rows.

    None where no number of seeds would do: the rows' part alone is too large, nothing is random, or nothing can be
    called by a score that was not simulated. A single run says nothing of the seeds' spread, and equal runs show none;
    then it is the least number that allows a call.

    Args:
        seeds: present seeds of (a, b).

    Raises:
        ValueError: `margin` is not positive.
    """
    _check_margin(margin)
    if d.p_value is None or (d.winner_allowed and sum(d.seed_variances) == 0) or "not_simulated" in d.cautions:
        return None
    room = (margin / _show_same(d)) ** 2 - d.variance_rows
    if room <= 0:
        return None
    total = _of_one_seed(d.seed_excess, seeds) / room
    if not d.winner_allowed or total > max(seeds):
        least = LEAST_IDENTICAL_RUNS if "few_identical_runs" in d.cautions else LEAST_SEEDS
        return max(least, math.ceil(total))
    room = _surely_settled(d, margin) - d.variance_rows
    return math.ceil(_of_one_seed(d.seed_variances, seeds) / room) if room > 0 else None


def smallest_difference(n: int, disagreement: float) -> float:
    """The smallest true difference that n rows find with 80 % power, before the seeds' part; at most 1.

    Args:
        n: shared rows, at least 1; where rows repeat or come in groups, their units.
        disagreement: share of the rows on which exactly one arm is right, in (0, 1].

    Raises:
        ValueError: arguments out of range.
    """
    return _in_standard_errors(_SHOW_DIFFERENT, n, disagreement)


def smallest_margin(n: int, disagreement: float) -> float:
    """The smallest margin at which n rows show equal arms the same with 80 % power; as `smallest_difference`."""
    return _in_standard_errors(_SHOW_SAME, n, disagreement)


def _in_standard_errors(count: float, n: int, disagreement: float) -> float:
    if n < 1 or not 0 < disagreement <= 1:
        raise ValueError(f"at least one row and a disagreement in (0, 1] are needed: {n=}, {disagreement=}")
    return min(1.0, count * math.sqrt(disagreement / n))


def _of_one_seed(variances: tuple[float, float], seeds: tuple[int, int]) -> float:
    return sum(variance * k for variance, k in zip(variances, seeds, strict=True))


def _surely_settled(d: PairedDifference, margin: float) -> float:
    """The variance of the call at which every outcome is 'better' or 'same' at the margin."""
    better, same = t_quantile(1 - 0.025 / d.alternatives, d.df_call), t_quantile(1 - 0.05 / d.alternatives, d.df_call)
    return (margin / (better + same)) ** 2


def _show_same(d: PairedDifference) -> float:
    """`_SHOW_SAME` at the level of this comparison: more for the best seen of several arms."""
    return _NORMAL.inv_cdf(1 - 0.05 / d.alternatives) + _NORMAL.inv_cdf(0.9)


def _expected_loss(ahead: float, error: float, d: PairedDifference) -> float | None:
    """Mean of what is lost where the arm ahead is behind in truth; `ahead` in standard errors."""
    if d.df <= 1:
        return None
    tail = t_pdf(ahead, d.df) * (d.df + ahead**2) / (d.df - 1) - ahead * t_cdf(-ahead, d.df)
    return min(d.limit, error * max(0.0, tail))


def _check_margin(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"a margin is above 0: {margin=}")
