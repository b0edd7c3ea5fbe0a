"""Break-even labels: the label count from which a trained arm matches the LLM arm, in the mean and reliably."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tuningfork.stats.components import Units
from tuningfork.stats.crossed import PairedDifference, compare_rows, compare_statistic
from tuningfork.stats.jackknife import Labels, LeaveOneOut, Statistic
from tuningfork.stats.student import t_quantile

LEAST_SEEDS_RELIABLE = 5
"""Counts with fewer seeds say too little about the worst of training samples."""

_FIVE_PERCENT = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenResult:
    """Label counts; interpolated in log n between observed counts, never beyond them.

    Attributes:
        mean: from here on the mean over training samples matches the LLM arm; None with `reason`.
        mean_ci95: 95 % interval of `mean`; an end that the observed counts do not reach is None, and `reason` says so.
        reliable: from here on 95 % of training samples match it; None with `reason`.
        reliable_ci95: as `mean_ci95`.
        mean_bound, mean_bound_at: where the curve lies on one side: 'above' the largest count or 'at_or_below' the
            smallest one; None where `mean` is known or nothing is.
        reliable_bound, reliable_bound_at: likewise.
        extrapolated: always False; beyond the largest count nothing is said.
        reason: in plain words what is missing or open; None where nothing is.
    """

    mean: float | None
    mean_ci95: tuple[float | None, float | None] | None
    reliable: float | None
    reliable_ci95: tuple[float | None, float | None] | None
    extrapolated: bool = False
    reason: str | None = None
    mean_bound: Literal["above", "at_or_below"] | None = None
    mean_bound_at: float | None = None
    reliable_bound: Literal["above", "at_or_below"] | None = None
    reliable_bound_at: float | None = None


def break_even(
    row_scores: Mapping[int, ArrayLike],
    llm_row_scores: ArrayLike,
    *,
    n_pool: int,
    random_llm: bool = True,
    units: Units | None = None,
) -> BreakEvenResult:
    """Break-even of a learning curve of row scores.

    Args:
        row_scores: for each label count, shape (n, k), scores in [0, 1] of the trained arm on the rows that it
            shares with the LLM arm, one column a seed.
        llm_row_scores: shape (n, k_llm), of the LLM arm on the same rows.
        n_pool: rows in the pool that training samples are drawn from; at least the largest count.
        random_llm: False for a zero-shot arm.
        units: one name a row; rows of a unit are one draw.

    Raises:
        ValueError: no count, a count below 1 or above the pool, or as for `compare_rows`.
    """

    def compare(count: int) -> PairedDifference:
        return compare_rows(llm_row_scores, row_scores[count], random_a=random_llm, units=units)

    return _break_even({count: np.shape(scores)[1] for count, scores in row_scores.items()}, compare, n_pool)


def break_even_statistic(
    gold: Labels,
    predictions: Mapping[int, ArrayLike],
    llm_predictions: ArrayLike,
    *,
    statistic: Statistic,
    leave_one_out: LeaveOneOut | None = None,
    n_pool: int,
    random_llm: bool = True,
    units: Units | None = None,
) -> BreakEvenResult:
    """Break-even of a learning curve in a score that is no mean over rows; `predictions` in place of row scores.

    Arguments as for `break_even` and `compare_statistic`.
    """

    def compare(count: int) -> PairedDifference:
        return compare_statistic(
            gold,
            llm_predictions,
            predictions[count],
            statistic=statistic,
            leave_one_out=leave_one_out,
            random_a=random_llm,
            units=units,
        )

    return _break_even({count: np.shape(labels)[1] for count, labels in predictions.items()}, compare, n_pool)


@dataclass(frozen=True, slots=True)
class _Level:
    """One count: the trained arm against the LLM arm, and its number of seeds."""

    count: int
    seeds: int
    gap: PairedDifference

    @property
    def seed_variance(self) -> float:
        """Variance of the true score between training samples of one pool."""
        return self.gap.seed_excess[1] * self.seeds


@dataclass(frozen=True, slots=True)
class _Curve:
    """The trained arm's lead over the LLM arm at ascending counts, with pointwise 95 % limits (None: not known)."""

    counts: list[int]
    lead: list[float]
    lower: list[float] | None
    upper: list[float] | None


@dataclass(frozen=True, slots=True)
class _Crossing:
    at: float | None
    ci95: tuple[float | None, float | None] | None
    reason: str | None
    bound: Literal["above", "at_or_below"] | None = None
    bound_at: float | None = None


def _break_even(seeds: Mapping[int, int], compare: Callable[[int], PairedDifference], n_pool: int) -> BreakEvenResult:
    if not seeds or min(seeds) < 1 or max(seeds) > n_pool:
        raise ValueError(f"label counts lie between 1 and the pool's {n_pool} rows: {sorted(seeds)}")
    levels = [_Level(count, seeds[count], compare(count)) for count in sorted(seeds)]
    mean, reliable = _mean_crossing(levels, n_pool), _reliable_crossing(levels, n_pool)
    reasons = [f"{name}: {found.reason}" for name, found in (("mean", mean), ("reliable", reliable)) if found.reason]
    if mean.reason == reliable.reason and mean.reason:
        reasons = [mean.reason]
    return BreakEvenResult(
        mean=mean.at,
        mean_ci95=mean.ci95,
        reliable=reliable.at,
        reliable_ci95=reliable.ci95,
        reason="; ".join(reasons) or None,
        mean_bound=mean.bound,
        mean_bound_at=mean.bound_at,
        reliable_bound=reliable.bound,
        reliable_bound_at=reliable.bound_at,
    )


def _mean_crossing(levels: list[_Level], n_pool: int) -> _Crossing:
    lead = [level.gap.difference for level in levels]
    counts = [level.count for level in levels]
    if any(level.count < n_pool and level.seeds == 1 for level in levels):
        return _crossing(_Curve(counts, lead, None, None))
    limits = [level.gap.ci95 for level in levels]
    return _crossing(_Curve(counts, lead, [low for low, _ in limits], [high for _, high in limits]))


def _reliable_crossing(levels: list[_Level], n_pool: int) -> _Crossing:
    usable = [level for level in levels if level.seeds >= LEAST_SEEDS_RELIABLE and level.count < n_pool]
    if not usable:
        if all(level.count == n_pool for level in levels):
            return _Crossing(None, None, "training on the whole pool leaves nothing to redraw")
        most = max(level.seeds for level in levels if level.count < n_pool)
        return _Crossing(None, None, f"at most {most} seeds a count, {LEAST_SEEDS_RELIABLE} are needed")
    bounds = [
        _lower_five_percent(level, usable[max(0, place - 1) : place + 2], n_pool) for place, level in enumerate(usable)
    ]
    lead, lower, upper = (list(values) for values in zip(*bounds, strict=True))
    tried = f"tried with {LEAST_SEEDS_RELIABLE} seeds or more"
    return _crossing(_Curve([level.count for level in usable], lead, lower, upper), tried)


def _lower_five_percent(level: _Level, neighbours: list[_Level], n_pool: int) -> tuple[float, float, float]:
    """The lead that 95 % of training samples reach: normal-theory tolerance bound, and 95 % limits of the true one.

    Seeds share one pool, so that at a share r of it they differ less than samples of fresh rows would: a fresh
    sample's variance is theirs over 1 - r, and the mean of k seeds has 1 + k r / (1 - r) times the variance that
    they show. The deviation is pooled over neighbouring counts, for it falls as counts rise.
    """
    share, k, gap = level.count / n_pool, level.seeds, level.gap
    df = sum(near.seeds - 1 for near in neighbours)
    fresh = sum((near.seeds - 1) * near.seed_variance / (1 - near.count / n_pool) for near in neighbours) / df
    of_mean = fresh * (1 - share) / k * (1 + k * share / (1 - share))
    lead = gap.difference - t_quantile(0.95, df) * math.sqrt(fresh + of_mean)
    quantile = gap.difference - _FIVE_PERCENT * math.sqrt(fresh)
    of_seeds = of_mean + _FIVE_PERCENT**2 * fresh / (2 * df)
    of_rest = gap.variance_rows + gap.seed_excess[0]
    variance = of_rest + of_seeds
    reach = t_quantile(0.975, max(1.0, variance**2 / (of_rest**2 / gap.df + of_seeds**2 / df))) * math.sqrt(variance)
    return lead, quantile - reach, quantile + reach


def _crossing(curve: _Curve, tried: str = "tried") -> _Crossing:
    """Where the lead becomes 0 for good, with the interval that inverts the pointwise limits.

    Between counts the limits are interpolated as the lead is. That is never too narrow: the deviation of a weighted
    mean is at most the weighted mean of the deviations.
    """
    smallest, largest = curve.counts[0], curve.counts[-1]
    if len(curve.counts) == 1:
        return _Crossing(None, None, f"one label count {tried}, {smallest}; a crossing needs two")
    if curve.lead[-1] < 0:
        return _Crossing(None, None, f"not reached by {largest} labels, the largest count {tried}", "above", largest)
    if min(curve.lead) >= 0:
        told = f"at or below {smallest} labels, the smallest count {tried}"
        return _Crossing(None, None, told, "at_or_below", smallest)
    at = _zero_for_good(curve.counts, curve.lead)
    if curve.lower is None or curve.upper is None:
        return _Crossing(at, None, "no interval, for one seed a count does not show the spread of training samples")
    open_below, open_above = curve.upper[0] >= 0, curve.lower[-1] < 0
    low = None if open_below else _first_zero(curve.counts, curve.upper)
    high = None if open_above else _zero_for_good(curve.counts, curve.lower)
    ends = [f"below {smallest}"] * open_below + [f"above {largest}"] * open_above
    reason = f"may as well lie {' or '.join(ends)} labels, where nothing was tried" if ends else None
    return _Crossing(at, (low, high), reason)


def _zero_for_good(counts: list[int], values: list[float]) -> float:
    """The count from which interpolated values stay at 0 or above; the last value is, and an earlier one is not."""
    below = max(place for place, value in enumerate(values) if value < 0)
    return _between(counts, values, below)


def _first_zero(counts: list[int], values: list[float]) -> float:
    """The first count at which interpolated values reach 0; the first value is below it, and a later one is not."""
    reached = min(place for place, value in enumerate(values) if value >= 0)
    return _between(counts, values, reached - 1)


def _between(counts: list[int], values: list[float], place: int) -> float:
    """The zero between a value below 0 at `place` and the next one, linear in log count."""
    share = values[place] / (values[place] - values[place + 1])
    return float(counts[place] * (counts[place + 1] / counts[place]) ** share)
