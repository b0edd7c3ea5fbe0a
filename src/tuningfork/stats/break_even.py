"""Break-even labels: the label count from which a trained arm matches the LLM arm, in the mean and reliably."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from tuningfork.stats.crossed import PairedDifference, compare
from tuningfork.stats.crossing import Bound, Crossing, Curve, Ends, crossing, without_interval
from tuningfork.stats.measured import Measured
from tuningfork.stats.student import t_quantile

LEAST_SEEDS_RELIABLE = 5
"""Counts with fewer seeds say too little about the worst of training samples."""
LEAST_DEGREES_RELIABLE = 8
"""Degrees of freedom behind the seeds' deviation: two neighbouring counts of five seeds, or one of nine."""

_FIVE_PERCENT = NormalDist().inv_cdf(0.95)
_DIGITS = 12
"""Leads are taken to this many decimals, lest rounding put a tie behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenResult:
    """Label counts; interpolated in log n between observed counts, never beyond them.

    Attributes:
        mean: from here on the mean over training samples matches the LLM arm; None where the observed curve lies on
            one side, and then `mean_bound` says on which.
        mean_ci95: 95 % interval of the crossing. An end is None where the observed counts do not reach it: (3000,
            None) is 3000 or more, (None, None) is anything. None where there is no interval at all, with `reason`.
        mean_bound: 'above' where the trained arm is behind at the largest count, 'at_or_below' where it is behind at
            none, by the observed means; how sure that is says `mean_ci95`.
        mean_bound_at: the largest count (above) or the smallest (at_or_below); None without a bound.
        reliable: from here on 95 % of training samples match it; None with `reason`.
        reliable_ci95, reliable_bound, reliable_bound_at: as those of the mean.
        extrapolated: always False; beyond the largest count nothing is said.
        reason: in plain words what is missing or open; None where nothing is.
    """

    mean: float | None
    mean_ci95: Ends | None
    reliable: float | None
    reliable_ci95: Ends | None
    mean_bound: Bound | None = None
    mean_bound_at: float | None = None
    reliable_bound: Bound | None = None
    reliable_bound_at: float | None = None
    extrapolated: bool = False
    reason: str | None = None


def break_even(curve: Mapping[int, Measured], llm: Measured, *, n_pool: int) -> BreakEvenResult:
    """Break-even of a learning curve.

    Args:
        curve: for each label count, the trained arm on the rows that it shares with the LLM arm; `redrawn` where its
            runs are known to have had different samples, elsewhere equal runs count as one.
        llm: the LLM arm on the same rows.
        n_pool: rows in the pool that training samples are drawn from; at least the largest count.

    Raises:
        ValueError: no count, a count below 1 or above the pool, or as for `compare`.
    """
    counts = sorted(curve)
    if not counts or counts[0] < 1 or counts[-1] > n_pool:
        raise ValueError(f"label counts lie between 1 and the pool's {n_pool} rows: {counts}")
    levels = [_Level(count, count / n_pool, compare(llm, curve[count])) for count in counts]
    mean = _mean_crossing(levels)
    reliable = _never_before(mean, _reliable_crossing(levels))
    return BreakEvenResult(
        mean=mean.at,
        mean_ci95=mean.ends,
        mean_bound=mean.bound,
        mean_bound_at=mean.bound_at,
        reliable=reliable.at,
        reliable_ci95=reliable.ends,
        reliable_bound=reliable.bound,
        reliable_bound_at=reliable.bound_at,
        reason=_joined(mean.reason, reliable.reason),
    )


@dataclass(frozen=True, slots=True)
class _Level:
    """One count: the trained arm against the LLM arm, and the share of the pool that a sample takes."""

    count: int
    share: float
    gap: PairedDifference

    @property
    def seeds(self) -> int:
        """Runs that count; equal ones that are not known to be redrawn are one."""
        return self.gap.seeds[1]

    @property
    def shows_spread(self) -> bool:
        """More than one sample was drawn, or nothing is left to draw."""
        return self.seeds > 1 or self.share == 1

    @property
    def limits(self) -> tuple[float, float]:
        return self.gap.ci95 if self.shows_spread else (-self.gap.limit, self.gap.limit)


def _joined(mean: str | None, reliable: str | None) -> str | None:
    if mean == reliable:
        return mean
    told = [f"{name}: {reason}" for name, reason in (("mean", mean), ("reliable", reliable)) if reason]
    return "; ".join(told)


def _mean_crossing(levels: list[_Level]) -> Crossing:
    lead = [round(level.gap.difference, _DIGITS) for level in levels]
    if not np.isfinite(lead).all():
        return Crossing(reason="the rows allow no score")
    lower, upper = (list(ends) for ends in zip(*(level.limits for level in levels), strict=True))
    found = crossing(Curve([level.count for level in levels], lead, lower, upper))
    if any(level.shows_spread for level in levels):
        return found
    return without_interval(found, "no interval, for one seed a count does not show the spread of training samples")


def _reliable_crossing(levels: list[_Level]) -> Crossing:
    below = [level for level in levels if level.share < 1]
    if not below:
        return Crossing(reason="training on the whole pool leaves nothing to redraw")
    if any(level.gap.p_value is None for level in below):
        return Crossing(reason="the rows allow no interval")
    usable = [level for level in below if level.seeds >= LEAST_SEEDS_RELIABLE]
    if not usable:
        most = max(level.seeds for level in below)
        seeds = "seed" if most == 1 else "seeds"
        return Crossing(reason=f"at most {most} {seeds} a count, {LEAST_SEEDS_RELIABLE} are needed")
    spreads = [_Spread.of(usable[max(0, place - 1) : place + 2]) for place in range(len(usable))]
    if min(spread.df for spread in spreads) < LEAST_DEGREES_RELIABLE:
        enough = f"{LEAST_SEEDS_RELIABLE} at a second count, or {LEAST_DEGREES_RELIABLE + 1} at this one, are needed"
        return Crossing(reason=f"{usable[0].seeds} seeds at one count only; {enough}")
    bounds = [_lower_five_percent(level, spread) for level, spread in zip(usable, spreads, strict=True)]
    lead, lower, upper = (list(values) for values in zip(*bounds, strict=True))
    tried = f"tried with {LEAST_SEEDS_RELIABLE} seeds or more"
    return crossing(Curve([level.count for level in usable], lead, lower, upper), tried)


def _never_before(mean: Crossing, reliable: Crossing) -> Crossing:
    """The reliable crossing, which never comes before the mean one, whatever counts each of them could use."""
    known = reliable.at is not None or reliable.bound is not None
    low, high = reliable.ends or (None, None)
    if mean.bound == "above":
        reason = mean.reason if known else reliable.reason
        ends = (low, None) if reliable.ends else None
        return Crossing(ends=ends, bound="above", bound_at=mean.bound_at, reason=reason)
    latest = reliable.bound_at if reliable.at is None else reliable.at
    if mean.at is None or latest is None or reliable.bound == "above" or latest >= mean.at:
        return reliable
    later = None if high is None else max(high, mean.at)
    return Crossing(at=mean.at, ends=(low, later) if reliable.ends else None)


@dataclass(frozen=True, slots=True)
class _Spread:
    """Variance between training samples of fresh rows, pooled over neighbouring counts, for it falls as counts rise.

    Attributes:
        shown: as the measured scores have it (k B).
        true: of the true scores, less what the interaction of rows and seeds explains (k S).
        df: degrees of freedom behind both.
    """

    shown: float
    true: float
    df: int

    @classmethod
    def of(cls, levels: list[_Level]) -> _Spread:
        """Samples of one pool differ less than samples of fresh rows would: by 1 - r at a share r of it."""
        df = sum(level.seeds - 1 for level in levels)
        weights = [(level.seeds - 1) * level.seeds / (1 - level.share) / df for level in levels]
        total = sum(weight * level.gap.seed_variances[1] for weight, level in zip(weights, levels, strict=True))
        excess = sum(weight * level.gap.seed_excess[1] for weight, level in zip(weights, levels, strict=True))
        return cls(total, excess, df)


def _lower_five_percent(level: _Level, spread: _Spread) -> tuple[float, float, float]:
    """The lead that 95 % of training samples reach: normal-theory tolerance bound, and 95 % limits of the true one.

    The bound leaves room for one more sample, for the mean of those seen, and for the rows and the LLM arm's own
    runs: V = s^2 (1 + factor / k) + V_row + S_llm, s^2 the variance between samples of this pool. A mean of k samples
    that share a pool has the pool's luck in it, hence the factor 1 + k r / (1 - r) at a share r of it. Simulated in
    tests/validity.
    """
    gap, share, k = level.gap, level.share, level.seeds
    of_rest = gap.variance_rows + gap.seed_excess[0]
    of_samples = spread.shown * (1 - share) * (1 + (1 + k * share / (1 - share)) / k)
    bound = gap.difference - t_quantile(0.95, spread.df) * math.sqrt(of_samples + of_rest)
    quantile = gap.difference - _FIVE_PERCENT * math.sqrt(spread.true)
    of_seeds = spread.true * (share + (1 - share) / k + _FIVE_PERCENT**2 / (2 * spread.df))
    variance = of_rest + of_seeds
    df = max(1.0, variance**2 / (of_rest**2 / gap.df + of_seeds**2 / spread.df))
    reach = t_quantile(0.975, df) * math.sqrt(variance)
    return bound, min(bound, quantile - reach), max(bound, quantile + reach)
