"""Simulated guarantees of break-even labels: both intervals cover the planted crossings.

Training samples are nested (a seed's luck persists along the counts) and share one pool, which has luck of its own.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm

from tuningfork.stats.break_even import BreakEvenResult, break_even

pytestmark = pytest.mark.slow

COUNTS = np.array([8, 16, 32, 64, 128, 256, 500])
REPEATS = 250


def mean_score(count: float | np.ndarray) -> float | np.ndarray:
    return 0.90 - 0.45 * (count / 8) ** -0.5


def spread(count: float | np.ndarray, at_eight: float) -> float | np.ndarray:
    """Deviation of the true score between fresh training samples; it falls as counts rise."""
    return at_eight * (count / 8) ** -0.4


def luck(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Standard normal along the first axis (counts), correlated by a half from one count to the next."""
    fresh = draw.standard_normal((len(COUNTS), *shape))
    for place in range(1, len(COUNTS)):
        fresh[place] = 0.5 * fresh[place - 1] + np.sqrt(0.75) * fresh[place]
    return fresh


def study(draw: np.random.Generator, k: int, n_pool: int, n: int, at_eight: float, llm: float) -> BreakEvenResult:
    share, deviation, rows = COUNTS / n_pool, spread(COUNTS, at_eight), draw.standard_normal((n, 1))
    of_pool = luck(draw, ()) * deviation * np.sqrt(share)
    of_seed = luck(draw, (k,)) * (deviation * np.sqrt(1 - share))[:, None]
    own = draw.standard_normal((n, 1))
    runs = {}
    for place, count in enumerate(COUNTS):
        bound = norm.ppf(np.clip(mean_score(count) + of_pool[place] + of_seed[place], 0.01, 0.99))
        noise = np.sqrt(0.5) * rows + 0.5 * own + 0.5 * draw.standard_normal((n, k))
        runs[int(count)] = (noise < bound).astype(float)
    answers = np.sqrt(0.5) * rows + np.sqrt(0.5) * draw.standard_normal((n, 1)) < norm.ppf(llm)
    return break_even(runs, answers.astype(float), n_pool=n_pool, random_llm=False)


@pytest.mark.parametrize(
    ("k", "n_pool", "n", "at_eight", "llm"),
    [
        (20, 100_000, 400, 0.08, 0.75),
        (10, 100_000, 400, 0.08, 0.70),
        (20, 1500, 400, 0.06, 0.75),
        (5, 5000, 150, 0.05, 0.7),
    ],
)
def test_both_intervals_cover(k: int, n_pool: int, n: int, at_eight: float, llm: float) -> None:
    draw = np.random.default_rng(k + n_pool)
    found = [study(draw, k, n_pool, n, at_eight, llm) for _ in range(REPEATS)]
    lowest = 0.94 - 2.6 * np.sqrt(0.94 * 0.06 / REPEATS)

    mean = brentq(lambda count: mean_score(count) - llm, 8, 500)
    crossed = [result for result in found if result.mean is not None and result.mean_ci95 is not None]
    assert len(crossed) > 0.9 * REPEATS
    assert np.mean([r.mean_ci95[0] <= mean <= r.mean_ci95[1] for r in crossed]) >= lowest
    assert np.median([r.mean for r in crossed]) == pytest.approx(mean, rel=0.1)

    reliable = brentq(lambda count: mean_score(count) - norm.ppf(0.95) * spread(count, at_eight) - llm, 8, 500)
    sure = [result for result in found if result.reliable is not None and result.reliable_ci95 is not None]
    if k < 10:
        assert not sure
        return
    assert len(sure) > 0.9 * REPEATS
    assert np.mean([r.reliable_ci95[0] <= reliable <= r.reliable_ci95[1] for r in sure]) >= lowest
    matched = [norm.cdf((mean_score(r.reliable) - llm) / spread(r.reliable, at_eight)) for r in sure]
    assert np.median(matched) > 0.93
