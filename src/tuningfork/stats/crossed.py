"""Two arms on the same rows, over rows and training runs together: 'this recipe', not 'this trained model'.

The method is a crossed analysis of rows and seeds (see `components`), with Satterthwaite's degrees of freedom. It
was chosen for its coverage in simulation over McNemar on one seed, majority votes and bootstraps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tuningfork.stats import made_up_rows, repetitions
from tuningfork.stats.cautions import about_units, allowances, why_silent
from tuningfork.stats.components import (
    Members,
    PseudoRows,
    RowPart,
    SeedPart,
    are_equal,
    pseudo_value_part,
    row_part,
    satterthwaite,
    seed_part,
    size_of,
)
from tuningfork.stats.mcnemar import mcnemar_mid_p
from tuningfork.stats.measured import FRACTIONS, Measured, Scale
from tuningfork.stats.repetitions import Repetitions
from tuningfork.stats.student import clipped, t_cdf, t_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """Arm b minus arm a on shared rows, in the score's own numbers (of fractions 0.01 is a point), higher is better.

    Attributes:
        n: shared rows.
        difference: what is displayed, the mean of b less the mean of a; NaN where a score does not exist.
        centre: middle of the intervals; pseudo-rows draw it a little towards 0.
        ci95: 95 % interval, within `limit` on both sides; all of that where nothing can be said. Infinite ends are
            written as null.
        p_value: two-sided, of no difference; None where nothing can be said.
        test: how, in plain words.
        variance, df: of the interval (V).
        variance_call, df_call: of the call, a little stricter (V_c).
        variance_rows: the rows' part of both.
        variance_seeds: the seeds' part beyond the rows' own noise (the sum of S).
        seed_variances: plain variance of the mean over seeds, B, of (a, b); where both arms were given the same
            samples, (0, that of b minus a).
        seed_excess: S, in the same places; its sum is `variance_seeds`.
        discordant: sum of |row difference| where rows are right or wrong; for one run each, the rows on which exactly
            one arm is right. Otherwise the rows that differ.
        seeds: runs of (a, b) that count; runs that are equal and not known to be redrawn count as one.
        winner_allowed: every random arm has three different seeds or more, or five equal ones that were redrawn.
            Runs are equal where their answers are; where those are not known, where their scores are.
        cautions: codes among one_row, one_group, one_seed, few_seeds, identical_seeds, identical_runs,
            few_identical_runs, whole_pool, seed_variance_dominates, clustered, few_units, no_scale (no two answers
            differ, and the score has no limits), not_simulated (the call rests on nothing known, and no winner is
            allowed), and what the metric says where it is not defined (score_undefined unless it has its own).
        same_within: the arms are shown (two one-sided tests at 5 %) to be the same within this; at most `limit`.
        limit: the widest possible difference, 2 of correlations, infinite where the score has no limits.
        alternatives: pairs of arms that this one was the best seen of; p, intervals and bounds are corrected for it.
    """

    n: int
    difference: float
    centre: float
    ci95: tuple[float, float]
    p_value: float | None
    test: str
    variance: float
    df: float
    variance_call: float
    df_call: float
    variance_rows: float
    variance_seeds: float
    seed_variances: tuple[float, float]
    seed_excess: tuple[float, float]
    discordant: float
    seeds: tuple[int, int]
    winner_allowed: bool
    cautions: tuple[str, ...]
    same_within: float
    limit: float = 1.0
    alternatives: int = 1

    @property
    def is_better(self) -> bool:
        """One arm is shown to be better: the one that `difference` favours."""
        excludes_zero = self.ci95[0] > 0 or self.ci95[1] < 0
        return self.winner_allowed and self.p_value is not None and self.p_value < 0.05 and excludes_zero

    def no_worse_bound(self, arm: Literal["a", "b"]) -> float:
        """The most that `arm` is behind the other, one-sided 95 % bound; negative: it is ahead by that at least."""
        behind = self.centre if arm == "a" else -self.centre
        level = 1 - 0.05 / self.alternatives
        return min(self.limit, behind + t_quantile(level, self.df_call) * math.sqrt(self.variance_call))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInterval:
    """One arm's own score, over rows and training runs.

    Attributes:
        score: mean over seeds, the higher the better until it is `turned`; None where it does not exist (macro-F1 of
            one class).
        ci95: 95 % interval within `scale`; None from a single row or unit.
        df, variance: behind the interval; None with it.
        variance_rows: the rows' part of the variance; None with it.
        seeds: different runs that were averaged.
        n: rows.
        cautions: codes as in `PairedDifference`.
        centre: middle of the interval before it was clipped; None with it.
        scale: what the score can be.
    """

    score: float | None
    ci95: tuple[float, float] | None
    df: float | None
    variance: float | None
    variance_rows: float | None
    seeds: int
    n: int
    cautions: tuple[str, ...]
    centre: float | None = None
    scale: Scale = FRACTIONS

    @property
    def turned(self) -> ScoreInterval:
        """The same of the score with its sign turned: of errors, as people are told of them."""
        return replace(
            self,
            score=None if self.score is None else -self.score,
            ci95=None if self.ci95 is None else (-self.ci95[1], -self.ci95[0]),
            centre=None if self.centre is None else -self.centre,
            scale=Scale(least=-self.scale.greatest, greatest=-self.scale.least),
        )


def compare(a: Measured, b: Measured, *, same_samples: bool = False) -> PairedDifference:
    """Compare two arms on the same rows, b minus a.

    Rows that are right or wrong, and graded ones, differ in what a made-up row is worth (see `made_up_rows`). Of a
    score that is no mean over rows the difference is that of the scores, averaged over runs; pseudo-values give its
    variance.

    Args:
        same_samples: run s of a and of b were trained on the same labels.

    Raises:
        ValueError: other rows, units or scores on one side than on the other, or `same_samples` with unequal numbers of
            runs.
    """
    _refuse_unlike(a, b, same_samples)
    first, second = repetitions.of(a), repetitions.of(b)
    d = second.values.mean(axis=1) - first.values.mean(axis=1)
    members, paired = a.members, same_samples and first.seeds == second.seeds > 1
    by_rows = a.decomposable and b.decomposable
    made_up = made_up_rows.of_comparison(
        first, second, scale=a.scale, decomposable=by_rows, paired=paired, members=members
    )
    silent = why_silent(d, members, a.when_undefined) or ("no_scale" if made_up.worth is None else None)
    if silent:
        return _nothing_to_say(first, second, made_up.discordant, a.scale.width, silent)
    may_win, cautions = allowances(first, second, paired)
    unknown = _not_simulated(a, b)
    rows = (row_part if by_rows else pseudo_value_part)(d, made_up.rows, members)
    exact = made_up.right_or_wrong and first.seeds == second.seeds == 1 and members is None
    return _conclude(
        rows,
        _seed_parts(first, second, paired, members),
        n=a.rows,
        difference=float(d.mean()),
        discordant=made_up.discordant,
        exact_p=mcnemar_mid_p(int((d < 0).sum()), int((d > 0).sum())) if exact else None,
        method=_method(first, second, exact, by_rows, members),
        seeds=(first.seeds, second.seeds),
        winner_allowed=may_win and not unknown,
        cautions=(*unknown, *cautions, *about_units(members)),
        limit=a.scale.width,
    )


def interval(arm: Measured) -> ScoreInterval:
    """One arm's score with its interval."""
    runs = repetitions.of(arm)
    mean_values = runs.values.mean(axis=1)
    silent = why_silent(mean_values, arm.members, arm.when_undefined)
    if silent:
        return _no_interval(runs, silent)
    made_up = _two_of_each_end(arm)
    rows = row_part(mean_values, made_up, arm.members)
    if not made_up and are_equal(mean_values[None, :]):
        return _no_interval(runs, "no_scale")
    seeds = runs.seed_part(arm.members)
    parts = [seeds] if seeds else []
    variance = rows.variance + sum(part.excess for part in parts)
    df = satterthwaite(variance, rows, parts)
    half_width = t_quantile(0.975, df) * math.sqrt(variance)
    return ScoreInterval(
        score=runs.score,
        ci95=clipped(rows.centre, half_width, (arm.scale.least, arm.scale.greatest)),
        df=df,
        variance=variance,
        variance_rows=rows.variance,
        seeds=runs.seeds,
        n=runs.rows,
        cautions=(*_not_simulated(arm), *runs.cautions, *about_units(arm.members)),
        centre=rows.centre,
        scale=arm.scale,
    )


def _refuse_unlike(a: Measured, b: Measured, same_samples: bool) -> None:
    if a.rows != b.rows:
        raise ValueError(f"both arms need scores on the same rows: {a.rows} and {b.rows}")
    if not _are_same(a.members, b.members):
        raise ValueError("both arms need the same units of rows")
    if a.scale != b.scale:
        raise ValueError(f"both arms need one score: {a.scale}, {b.scale}")
    if same_samples and a.runs != b.runs:
        raise ValueError(f"same samples need as many seeds of a as of b: {a.runs}, {b.runs}")


def _not_simulated(*arms: Measured) -> tuple[str, ...]:
    return () if all(arm.simulated for arm in arms) else ("not_simulated",)


def _are_same(a: Members | None, b: Members | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)


def _two_of_each_end(arm: Measured) -> PseudoRows:
    """Made-up rows in one arm's own interval, two right and two wrong (Agresti and Coull 1998).

    None where the scale has no ends, nor for pseudo-values of a correlation, which four such rows would draw to 0.
    """
    if arm.scale.of_fractions or (arm.decomposable and arm.scale.bounded):
        return (arm.scale.greatest, 2.0), (arm.scale.least, 2.0)
    return ()


def _no_interval(runs: Repetitions, why: str) -> ScoreInterval:
    return ScoreInterval(
        score=runs.score if np.isfinite(runs.score) else None,
        ci95=None,
        df=None,
        variance=None,
        variance_rows=None,
        seeds=runs.seeds,
        n=runs.rows,
        cautions=(why, *runs.cautions),
    )


def _seed_parts(
    a: Repetitions, b: Repetitions, paired: bool, members: Members | None
) -> tuple[SeedPart | None, SeedPart | None]:
    if paired:
        size = max(size_of(a.values), size_of(b.values))
        return None, seed_part(b.values - a.values, members, size)
    return a.seed_part(members), b.seed_part(members)


def _method(a: Repetitions, b: Repetitions, exact: bool, decomposable: bool, members: Members | None) -> str:
    runs = "crossed rows and seeds" if max(a.seeds, b.seeds) > 1 else "rows"
    words = ["exact McNemar mid-p" if exact else runs if decomposable else f"jackknife over {runs}"]
    words += ["rows in units"] if members is not None else []
    words += ["for these trained models only"] if "one_seed" in (*a.cautions, *b.cautions) else []
    return ", ".join(words)


def _nothing_to_say(a: Repetitions, b: Repetitions, discordant: float, limit: float, why: str) -> PairedDifference:
    """The widest statement there is: any difference that the score can show may be true."""
    return PairedDifference(
        n=a.rows,
        difference=b.score - a.score,
        centre=0.0,
        ci95=(-limit, limit),
        p_value=None,
        test="none: too little to compare",
        variance=limit**2,
        df=1.0,
        variance_call=limit**2,
        df_call=1.0,
        variance_rows=limit**2,
        variance_seeds=0.0,
        seed_variances=(0.0, 0.0),
        seed_excess=(0.0, 0.0),
        discordant=discordant,
        seeds=(a.seeds, b.seeds),
        winner_allowed=False,
        cautions=tuple(dict.fromkeys((why, *a.cautions, *b.cautions))),
        same_within=limit,
        limit=limit,
    )


def _conclude(
    rows: RowPart,
    seed_parts: tuple[SeedPart | None, SeedPart | None],
    *,
    n: int,
    difference: float,
    discordant: float,
    exact_p: float | None,
    method: str,
    seeds: tuple[int, int],
    winner_allowed: bool,
    cautions: tuple[str, ...],
    limit: float,
) -> PairedDifference:
    parts = [part for part in seed_parts if part]
    excess = tuple(part.excess if part else 0.0 for part in seed_parts)
    total = tuple(part.total if part else 0.0 for part in seed_parts)
    variance, variance_call = rows.variance + sum(excess), rows.variance + sum(total)
    df, df_call = satterthwaite(variance, rows, parts), satterthwaite(variance_call, rows, parts)
    p_value = exact_p if exact_p is not None else 2 * t_cdf(-abs(rows.centre) / math.sqrt(variance_call), df_call)
    if sum(excess) > rows.variance:
        cautions = (*cautions, "seed_variance_dominates")
    return PairedDifference(
        n=n,
        difference=difference,
        centre=rows.centre,
        ci95=clipped(rows.centre, t_quantile(0.975, df) * math.sqrt(variance), (-limit, limit)),
        p_value=min(1.0, p_value),
        test=method if exact_p is not None else f"{method}, t with {df_call:.0f} degrees of freedom",
        variance=variance,
        df=df,
        variance_call=variance_call,
        df_call=df_call,
        variance_rows=rows.variance,
        variance_seeds=sum(excess),
        seed_variances=(total[0], total[1]),
        seed_excess=(excess[0], excess[1]),
        discordant=discordant,
        seeds=seeds,
        winner_allowed=winner_allowed,
        cautions=cautions,
        same_within=min(limit, abs(rows.centre) + t_quantile(0.95, df_call) * math.sqrt(variance_call)),
        limit=limit,
    )
