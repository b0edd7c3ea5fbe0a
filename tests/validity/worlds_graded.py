"""Rows with graded scores: between 0 and 1, from 0 to 100, errors without a limit; alone and in units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import ttest_rel

from measured_arms import answered_each
from toy_metrics import AbsoluteError, Chrf, Graded
from tuningfork.metrics.metric import Metric
from tuningfork.stats.crossed import compare
from validity.findings import Finding, World, share
from validity.numbers_and_runs import Latent, Seen, errors, heavy, in_units, normal
from validity.worlds_units import all_repeat, some_repeat

Scores = Callable[[np.ndarray, float], np.ndarray]
"""From errors and how much better the arm is (in standard deviations of an error) to what the metric is given."""


def chrf(error: np.ndarray, better: float) -> np.ndarray:
    return np.clip(55 + 18 * (error + better), 0, 100)


def token_f1(error: np.ndarray, better: float) -> np.ndarray:
    """Three rows in ten wholly right, one in six wholly wrong."""
    return np.clip(0.6 + 0.8 * (error + better), 0, 1)


def distance(error: np.ndarray, better: float) -> np.ndarray:
    return (1 - better) * error


KINDS: dict[str, tuple[Metric, Scores, Latent, float]] = {
    "chrF a row": (Chrf(), chrf, normal, 2.8),
    "token F1": (Graded(), token_f1, normal, 3.5),
    "absolute errors, normal": (AbsoluteError(), distance, normal, 2.3),
    "absolute errors, t with 3 degrees of freedom": (AbsoluteError(), distance, heavy, 2.5),
}
"""Last, by how much an arm is better, times the root of its rows, so that a paired t-test sees it in about .8."""


def _alone(kind: str, n: int, runs: tuple[int, int], spread: float) -> World:
    metric, scores, latent, _ = KINDS[kind]

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        seen = Seen(metric, _truth(kind) if spread == 0 else None)
        for _ in range(draws):
            rows = latent(draw, n)
            luck = [spread * draw.standard_normal(k) * (k > 1) for k in runs]
            a, b = (
                [scores(error, better) for error, better in zip(errors(draw, rows, k, latent), of_runs, strict=True)]
                for k, of_runs in zip(runs, luck, strict=True)
            )
            seen.add(np.zeros(n), a, b)
        return [*seen.findings(), *(_power(draw, draws, kind, n) if runs == (1, 1) else [])]

    who = {(1, 1): "one answer each", (1, 5): "a prompt against five runs", (3, 3): "three runs each"}[runs]
    return World(f"{kind}, {n} rows, {who}", 250, simulate)


def _truth(kind: str) -> float:
    metric, scores, latent, _ = KINDS[kind]
    draw = np.random.default_rng(0)
    many = errors(draw, latent(draw, 4_000_000), 1, latent)[0]
    return float(metric.score(np.zeros(len(many)), scores(many, 0.0)) or 0.0)


def _power(draw: np.random.Generator, draws: int, kind: str, n: int) -> list[Finding]:
    """At a difference of which a paired t-test finds about four in five."""
    metric, scores, latent, gap = KINDS[kind]
    by_rule, by_t = [], []
    for _ in range(draws):
        rows = latent(draw, n)
        (a,), (b,) = (errors(draw, rows, 1, latent) for _ in "ab")
        answers = scores(a, 0.0), scores(b, gap / np.sqrt(n))
        arms = [answered_each(metric, np.zeros(n), [one], random=False) for one in answers]
        found = compare(*arms)
        by_rule.append(found.is_better and found.difference > 0)
        test = ttest_rel(arms[1].per_row[:, 0], arms[0].per_row[:, 0])
        by_t.append(bool(test.pvalue < 0.05 and test.statistic > 0))
    return [
        share("winner found, at a difference", by_rule),
        share("the same by a paired t-test", by_t),
    ]


def _gross(n: int) -> World:
    """Arm b is nearer by a little, and in 3.5 % of the rows far off, so that both are as good in the mean."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        seen = Seen(AbsoluteError())
        for _ in range(draws):
            rows = draw.standard_normal(n)
            (a,), (b,) = (errors(draw, rows, 1) for _ in "ab")
            far = draw.random(n) < 0.035
            seen.add(np.zeros(n), [20 + a], [20 + b - 0.28 + 8 * far])
        return seen.findings(at_most=None if n < 5 / 0.035 else 0.05, at_least=None if n < 5 / 0.035 else 0.93)

    told = " (not promised: too few of them are seen)" if n < 5 / 0.035 else ""
    return World(f"absolute errors, gross ones in 3.5 % of {n} rows{told}", 250, simulate)


def _units(name: str, sizes: Callable[[np.random.Generator], np.ndarray], alike: float) -> World:
    metric, scores, *_ = KINDS["chrF a row"]

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        seen, by_rows = Seen(metric), Seen(metric)
        for _ in range(draws):
            size = sizes(draw)
            unit = np.repeat(np.arange(len(size)), size)
            latent = in_units(unit, alike)
            rows = latent(draw, len(unit))
            prompt = [scores(x, 0.0) for x in errors(draw, rows, 1, latent)]
            runs = [scores(x, 0.05 * draw.standard_normal()) for x in errors(draw, rows, 5, latent)]
            seen.add(None, prompt, runs, unit)
            by_rows.add(None, prompt, runs)
        return [share("false winners, were rows draws", by_rows.won), *seen.findings()]

    return World(f"chrF a row, {name}", 250, simulate)


WORLDS = [
    *(_alone(kind, n, (1, 1), 0.0) for kind in KINDS for n in (50, 150, 500)),
    *(_alone(kind, n, (1, 5), 0.05) for kind in KINDS for n in (50, 500)),
    *(_alone(kind, 150, (3, 3), 0.05) for kind in KINDS),
    *(_gross(n) for n in (50, 500)),
    _units("300 rows, 20 % of them in units of 2 to 10", some_repeat(300, 0.2), 1.0),
    _units("300 rows, 60 % of them in units of 2 to 10", some_repeat(300, 0.6), 1.0),
    _units("30 texts, each ten times", all_repeat(30, 10), 1.0),
    _units("30 documents of ten rows, alike by a half", all_repeat(30, 10), 0.5),
    _units("12 documents of ten rows, alike by a half", all_repeat(12, 10), 0.5),
]
