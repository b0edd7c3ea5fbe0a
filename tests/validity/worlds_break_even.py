"""Learning curves that cross an LLM arm: training samples are nested, so that a seed's luck persists along the counts,
and share one pool, which has luck of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from measured_arms import break_even_of
from tuningfork.stats.break_even import BreakEvenResult
from tuningfork.stats.measured import Scale, row_values
from validity.findings import Finding, World, mean, share

UNLIMITED = Scale(least=-np.inf, greatest=np.inf)


@dataclass(frozen=True)
class Setting:
    """One arm against one LLM.

    Attributes:
        seeds, rows, pool: training samples a count, evaluation rows, rows that samples are drawn from.
        llm: its true score, the mean over its draws.
        draws: runs of the LLM arm, with true scores that spread by `of_draws`.
        at_eight: deviation of the true score between fresh training samples at 8 labels.
        falls: its power of the count.
        drops_at: a count from which it is three tenths of that.
        counts: label counts.
        graded: rows have a score without limits, of deviation .4, in place of being right or wrong.
    """

    seeds: int = 5
    rows: int = 300
    pool: int = 100_000
    llm: float = 0.75
    draws: int = 1
    of_draws: float = 0.0
    at_eight: float = 0.06
    falls: float = -0.4
    drops_at: int | None = None
    counts: tuple[int, ...] = (8, 16, 32, 64, 128, 256, 500)
    graded: bool = False

    def score(self, count: float) -> float:
        return float(0.90 - 0.45 * (count / 8) ** -0.5)

    def spread(self, count: float) -> float:
        dropped = self.drops_at is not None and count >= self.drops_at
        return float(self.at_eight * (count / 8) ** self.falls * (0.3 if dropped else 1.0))

    @property
    def mean(self) -> float:
        """The true break-even in the mean."""
        return float(brentq(lambda count: self.score(count) - self.llm, 2, 10_000))

    @property
    def reliable(self) -> float:
        """The count from which the true curve's lower 5 % matches."""
        return float(brentq(lambda count: self.score(count) - 1.6449 * self.spread(count) - self.llm, 2, 10_000))

    def held(self, count: float) -> float:
        """The share of fresh training samples of that size which match the LLM arm."""
        return float(ndtr((self.score(count) - self.llm) / self.spread(count)))

    def mean_of_pool(self, of_pool: np.ndarray) -> float:
        """The true break-even in the mean over samples of one pool, whose luck at each count is given."""
        grid = np.geomspace(self.counts[0], self.counts[-1], 600)
        luck = np.interp(np.log(grid), np.log(self.counts), of_pool)
        behind = np.flatnonzero(0.90 - 0.45 * (grid / 8) ** -0.5 + luck < self.llm)
        return float(grid[behind[-1]]) if len(behind) else float(grid[0])

    def study(self, draw: np.random.Generator) -> tuple[BreakEvenResult, np.ndarray]:
        """One study, and the luck of its pool at each count."""
        share_of_pool = np.array(self.counts) / self.pool
        deviation = np.array([self.spread(count) for count in self.counts])
        of_pool = self._luck(draw, 1)[:, 0] * deviation * np.sqrt(share_of_pool)
        of_seed = self._luck(draw, self.seeds) * (deviation * np.sqrt(1 - share_of_pool))[:, None]
        rows, own = draw.standard_normal((self.rows, 1)), draw.standard_normal((self.rows, 1))
        runs = {}
        for place, count in enumerate(self.counts):
            noise = np.sqrt(0.5) * rows + 0.5 * own + 0.5 * draw.standard_normal((self.rows, self.seeds))
            runs[count] = self._answered(noise, self.score(count) + of_pool[place] + of_seed[place])
        truth = self.llm + self.of_draws * draw.standard_normal(self.draws)
        own, each = draw.standard_normal((self.rows, 1)), draw.standard_normal((self.rows, self.draws))
        answers = self._answered(np.sqrt(0.5) * rows + 0.5 * own + 0.5 * each, truth)
        of = partial(row_values, scale=UNLIMITED) if self.graded else row_values
        return break_even_of(of, runs, answers, n_pool=self.pool, random_llm=self.draws > 1), of_pool

    def _answered(self, noise: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Row scores of runs with those true scores."""
        if self.graded:
            return np.asarray(score - 0.4 * noise)
        return (noise < ndtri(np.clip(score, 0.01, 0.99))).astype(float)

    def _luck(self, draw: np.random.Generator, k: int) -> np.ndarray:
        """Standard normal, shape (counts, k), correlated by a half from one count to the next."""
        fresh = draw.standard_normal((len(self.counts), k))
        for place in range(1, len(self.counts)):
            fresh[place] = 0.5 * fresh[place - 1] + np.sqrt(0.75) * fresh[place]
        return fresh


def within(at: float, ends: tuple[float | None, float | None]) -> bool:
    return (ends[0] is None or ends[0] <= at) and (ends[1] is None or at <= ends[1])


def _simulated(setting: Setting, *, easy: bool) -> Callable[[np.random.Generator, int], list[Finding]]:
    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        studies = [setting.study(draw) for _ in range(draws)]
        found = [result for result, _ in studies]
        of_mean = [result.mean_ci95 or (None, None) for result in found]
        here = [within(setting.mean_of_pool(luck), ends) for (_, luck), ends in zip(studies, of_mean, strict=True)]
        closed = [(low, high) for low, high in of_mean if low is not None and high is not None]
        held = [setting.held(result.reliable) for result in found if result.reliable is not None]
        reliable = [within(setting.reliable, result.reliable_ci95 or (None, None)) for result in found]
        return [
            share("mean: interval covers, for samples of this pool", here, at_least=0.93),
            share("mean: interval covers, for samples of any rows", [within(setting.mean, ends) for ends in of_mean]),
            share("mean: both ends closed", [None not in ends for ends in of_mean]),
            mean("mean: width of a closed one", [float(np.log2(high / low)) for low, high in closed], "doublings"),
            mean("reliable: share of samples that it holds for", held, "share", at_least=0.94),
            share("reliable: not within the counts", [result.reliable is None for result in found]),
            share("reliable: interval covers", reliable, at_least=0.93 if easy else None),
        ]

    return simulate


PLAIN = Setting()
HALF_OF_THE_POOL = replace(PLAIN, rows=1000, pool=300, at_eight=0.03, falls=-0.1, counts=(8, 16, 32, 64, 128, 256))
WORLDS = [
    World(name, 100, _simulated(setting, easy=setting in (PLAIN, replace(PLAIN, rows=setting.rows))))
    for name, setting in {
        "5 seeds, 300 rows": PLAIN,
        "5 seeds, 1000 rows": replace(PLAIN, rows=1000),
        "5 seeds, 3000 rows": replace(PLAIN, rows=3000),
        "20 seeds, 300 rows": replace(PLAIN, seeds=20),
        "5 seeds, 1000 rows, spread that drops to three tenths at 64": replace(PLAIN, rows=1000, drops_at=64),
        "5 seeds, 1000 rows, spread that hardly falls, samples of half the pool": HALF_OF_THE_POOL,
        "20 seeds, 1000 rows, the same": replace(HALF_OF_THE_POOL, seeds=20),
        "5 seeds, 1000 rows, three draws of shots that spread by 3 points": replace(
            PLAIN, rows=1000, draws=3, of_draws=0.03
        ),
        "5 seeds, 300 rows, graded": replace(PLAIN, graded=True),
        "5 seeds, 1000 rows, graded": replace(PLAIN, rows=1000, graded=True),
        "5 seeds, 1000 rows, three draws of shots that do not spread": replace(PLAIN, rows=1000, draws=3),
    }.items()
]
