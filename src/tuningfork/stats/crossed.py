"""Two arms on the same rows, over rows and training runs together: 'this recipe', not 'this trained model'.

The method is a crossed analysis of rows and seeds (see `components`), with Satterthwaite's degrees of freedom. It
was chosen for its coverage in simulation over McNemar on one seed, majority votes and bootstraps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from tuningfork.stats.cautions import about_units, allowances, why_silent
from tuningfork.stats.components import (
    Members,
    RowPart,
    SeedPart,
    Units,
    memberships,
    pseudo_value_part,
    row_part,
    rows_per_draw,
    satterthwaite,
    seed_part,
)
from tuningfork.stats.jackknife import Labels, LeaveOneOut, Statistic
from tuningfork.stats.mcnemar import mcnemar_mid_p
from tuningfork.stats.repetitions import Repetitions, of_labels, of_scores
from tuningfork.stats.student import clipped, t_cdf, t_quantile

_DIGITS = 9
"""Sums of thirds are taken to this many decimals, lest the order of rows decide what is below 10."""

_TWO_RIGHT_TWO_WRONG = ((1.0, 2.0), (0.0, 2.0))
"""Made-up rows in one arm's own interval (Agresti and Coull 1998)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """Arm b minus arm a on shared rows, in fractions of the score (0.01 is one point).

    Attributes:
        n: shared rows.
        difference: what is displayed, the mean of b less the mean of a; NaN where a score does not exist.
        centre: middle of the intervals; pseudo-rows draw it a little towards 0.
        ci95: 95 % interval, within [-1, 1]; all of [-1, 1] where nothing can be said.
        p_value: two-sided, of no difference; None where nothing can be said.
        test: how, in plain words.
        variance, df: of the interval (V).
        variance_call, df_call: of the call, a little stricter (V_c).
        variance_rows: the rows' part of both.
        variance_seeds: the seeds' part beyond the rows' own noise (the sum of S).
        seed_variances: plain variance of the mean over seeds, B, of (a, b); where both arms were given the same
            samples, (0, that of b minus a).
        seed_excess: S, in the same places; its sum is `variance_seeds`.
        discordant: sum of |row difference|; for one run each, the rows on which exactly one arm is right.
        seeds: runs of (a, b) that count; runs that are equal and not known to be redrawn count as one.
        winner_allowed: every random arm has three different seeds or more, or five equal ones that were redrawn.
            Runs are equal where their answers are; where those are not known, where their scores are.
        cautions: codes among one_row, one_group, one_class, one_seed, few_seeds, identical_seeds, identical_runs,
            few_identical_runs, whole_pool, seed_variance_dominates, clustered, few_units.
        same_within: the arms are shown (two one-sided tests at 5 %) to be the same within this; at most 1.
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
        return min(1.0, behind + t_quantile(level, self.df_call) * math.sqrt(self.variance_call))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInterval:
    """One arm's own score, over rows and training runs.

    Attributes:
        score: mean over seeds; None where it does not exist (macro-F1 of one class).
        ci95: 95 % interval within [0, 1]; None from a single row or unit.
        df, variance: behind the interval; None with it.
        variance_rows: the rows' part of the variance; None with it.
        seeds: different runs that were averaged.
        n: rows.
        cautions: codes as in `PairedDifference`.
        centre: middle of the interval before it was clipped; None with it.
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


def compare_rows(
    a: ArrayLike,
    b: ArrayLike,
    *,
    same_samples: bool = False,
    random_a: bool = True,
    random_b: bool = True,
    redrawn_a: bool = False,
    redrawn_b: bool = False,
    differ_a: bool = False,
    differ_b: bool = False,
    units: Units | None = None,
) -> PairedDifference:
    """Compare two arms by their row scores, b minus a.

    Args:
        a, b: shapes (n, k_a) and (n, k_b), scores in [0, 1] on the same n rows, one column a seed.
        same_samples: column s of a and of b were trained on the same labels.
        random_a, random_b: False for an arm that nothing random is left in (zero-shot; a recipe without randomness
            on the whole pool). Runs of it that are all equal count as one (`whole_pool`); unequal ones show that it
            is random.
        redrawn_a, redrawn_b: True where the runs are known to have had different samples (or initialisations). Then
            equal runs are evidence, and five of them may win; otherwise they count as one run of unknown luck.
        differ_a, differ_b: True where the runs are known to answer some row otherwise. Then they are no equal runs,
            though their scores be: wrong answers differ too.
        units: one name a row; rows of a unit (repeats of a text, a group) are one draw.

    Raises:
        ValueError: shapes that do not fit, scores outside [0, 1], `same_samples` with unequal numbers of seeds.
    """
    first, second = of_scores(a, random_a, redrawn_a, differ_a), of_scores(b, random_b, redrawn_b, differ_b)
    members = memberships(units, first.rows)
    return _compare(first, second, _samples_are_shared(a, b, same_samples), members, decomposable=True)


def compare_statistic(
    gold: Labels,
    a: ArrayLike,
    b: ArrayLike,
    *,
    statistic: Statistic,
    leave_one_out: LeaveOneOut | None = None,
    same_samples: bool = False,
    random_a: bool = True,
    random_b: bool = True,
    redrawn_a: bool = False,
    redrawn_b: bool = False,
    units: Units | None = None,
) -> PairedDifference:
    """Compare two arms by a score that is no mean over rows, such as macro-F1, b minus a.

    The difference is that of the statistic, averaged over seeds; jackknife pseudo-values give its variance. One
    class in `gold` is caution `one_class`, and nothing is said.

    Args:
        gold: shape (n,), indices of labels.
        a, b: shapes (n, k_a) and (n, k_b), predicted indices (-1 is no label), one column a seed.
        statistic: statistic(gold, predicted), in [0, 1].
        leave_one_out: the statistic without each row in turn, shape (n,), where there is a fast way
            (`jackknife.macro_f1_left_out` for macro-F1).
        same_samples, random_a, random_b, redrawn_a, redrawn_b, units: as for `compare_rows`.

    Raises:
        ValueError: as for `compare_rows`.
    """
    members = memberships(units, len(gold))
    first = of_labels(gold, a, random_a, statistic, leave_one_out, redrawn_a, members)
    second = of_labels(gold, b, random_b, statistic, leave_one_out, redrawn_b, members)
    return _compare(first, second, _samples_are_shared(a, b, same_samples), members, decomposable=False)


def score_interval(
    scores: ArrayLike,
    *,
    random: bool = True,
    redrawn: bool = False,
    differ: bool = False,
    units: Units | None = None,
) -> ScoreInterval:
    """One arm's mean row score with its interval.

    Args:
        scores: shape (n, k), in [0, 1], one column a seed.
        random, redrawn, differ, units: as for `compare_rows`.

    Raises:
        ValueError: as for `compare_rows`.
    """
    arm = of_scores(scores, random, redrawn, differ)
    return _interval(arm, memberships(units, arm.rows))


def statistic_interval(
    gold: Labels,
    predicted: ArrayLike,
    *,
    statistic: Statistic,
    leave_one_out: LeaveOneOut | None = None,
    random: bool = True,
    redrawn: bool = False,
    units: Units | None = None,
) -> ScoreInterval:
    """One arm's statistic, averaged over seeds, with its interval; arguments as for `compare_statistic`.

    Raises:
        ValueError: as for `compare_statistic`.
    """
    members = memberships(units, len(gold))
    return _interval(of_labels(gold, predicted, random, statistic, leave_one_out, redrawn, members), members)


def _samples_are_shared(a: ArrayLike, b: ArrayLike, claimed: bool) -> bool:
    if claimed and np.shape(a) != np.shape(b):
        raise ValueError(f"same samples need as many seeds of a as of b: {np.shape(a)}, {np.shape(b)}")
    return claimed


def _compare(
    a: Repetitions, b: Repetitions, same_samples: bool, members: Members | None, *, decomposable: bool
) -> PairedDifference:
    if a.rows != b.rows:
        raise ValueError(f"both arms need scores on the same rows: {a.rows} and {b.rows}")
    d = b.values.mean(axis=1) - a.values.mean(axis=1)
    discordant = round(float(np.abs(b.right - a.right).sum()), _DIGITS)
    silent = why_silent(d, members)
    if silent:
        return _nothing_to_say(a, b, discordant, silent)
    paired = same_samples and a.seeds == b.seeds > 1
    may_win, cautions = allowances(a, b, paired)
    pseudo_rows = _pseudo_rows(discordant / rows_per_draw(d, members))
    rows = (row_part if decomposable else pseudo_value_part)(d, pseudo_rows, members)
    plain = a.seeds == b.seeds == 1 and members is None and decomposable
    exact = plain and bool(np.isin(d, (-1.0, 0.0, 1.0)).all())
    return _conclude(
        rows,
        _seed_parts(a, b, paired, members),
        n=a.rows,
        difference=float(d.mean()),
        discordant=discordant,
        exact_p=mcnemar_mid_p(int((d < 0).sum()), int((d > 0).sum())) if exact else None,
        method=_method(a, b, exact, decomposable, members),
        seeds=(a.seeds, b.seeds),
        winner_allowed=may_win,
        cautions=(*cautions, *about_units(members)),
    )


def _seed_parts(
    a: Repetitions, b: Repetitions, paired: bool, members: Members | None
) -> tuple[SeedPart | None, SeedPart | None]:
    if paired:
        return None, seed_part(b.values - a.values, members)
    return a.seed_part(members), b.seed_part(members)


def _method(a: Repetitions, b: Repetitions, exact: bool, decomposable: bool, members: Members | None) -> str:
    runs = "crossed rows and seeds" if max(a.seeds, b.seeds) > 1 else "rows"
    words = ["exact McNemar mid-p" if exact else runs if decomposable else f"jackknife over {runs}"]
    words += ["rows in units"] if members is not None else []
    words += ["for these trained models only"] if "one_seed" in (*a.cautions, *b.cautions) else []
    return ", ".join(words)


def _pseudo_rows(discordant: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """As many made-up rows won by each arm: one where few draws differ, else half a one."""
    weight = 1.0 if discordant < 10 else 0.5
    return (1.0, weight), (-1.0, weight)


def _nothing_to_say(a: Repetitions, b: Repetitions, discordant: float, why: str) -> PairedDifference:
    """The widest statement there is: any difference from -1 to 1 may be true."""
    return PairedDifference(
        n=a.rows,
        difference=b.score - a.score,
        centre=0.0,
        ci95=(-1.0, 1.0),
        p_value=None,
        test="none: too little to compare",
        variance=1.0,
        df=1.0,
        variance_call=1.0,
        df_call=1.0,
        variance_rows=1.0,
        variance_seeds=0.0,
        seed_variances=(0.0, 0.0),
        seed_excess=(0.0, 0.0),
        discordant=discordant,
        seeds=(a.seeds, b.seeds),
        winner_allowed=False,
        cautions=tuple(dict.fromkeys((why, *a.cautions, *b.cautions))),
        same_within=1.0,
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
        ci95=clipped(rows.centre, t_quantile(0.975, df) * math.sqrt(variance), -1.0),
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
        same_within=min(1.0, abs(rows.centre) + t_quantile(0.95, df_call) * math.sqrt(variance_call)),
    )


def _interval(arm: Repetitions, members: Members | None) -> ScoreInterval:
    mean_scores = arm.values.mean(axis=1)
    silent = why_silent(mean_scores, members)
    if silent:
        return ScoreInterval(
            score=arm.score if np.isfinite(arm.score) else None,
            ci95=None,
            df=None,
            variance=None,
            variance_rows=None,
            seeds=arm.seeds,
            n=arm.rows,
            cautions=(silent, *arm.cautions),
        )
    rows = row_part(mean_scores, _TWO_RIGHT_TWO_WRONG, members)
    seeds = arm.seed_part(members)
    parts = [seeds] if seeds else []
    variance = rows.variance + sum(part.excess for part in parts)
    df = satterthwaite(variance, rows, parts)
    return ScoreInterval(
        score=arm.score,
        ci95=clipped(rows.centre, t_quantile(0.975, df) * math.sqrt(variance), 0.0),
        df=df,
        variance=variance,
        variance_rows=rows.variance,
        seeds=arm.seeds,
        n=arm.rows,
        cautions=(*arm.cautions, *about_units(members)),
        centre=rows.centre,
    )
