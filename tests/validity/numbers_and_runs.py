"""Answers that are more than right or wrong, as arms make them: rows are hard for all alike, arms and runs differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from measured_arms import answered_each
from tuningfork.metrics.metric import Metric
from tuningfork.stats.crossed import PairedDifference, compare, interval
from validity.findings import Finding, share

Latent = Callable[..., np.ndarray]
"""From a generator and a number of rows to as many errors, of mean 0 and variance 1."""


def normal(draw: np.random.Generator, n: int) -> np.ndarray:
    return draw.standard_normal(n)


def heavy(draw: np.random.Generator, n: int) -> np.ndarray:
    """Student's t with three degrees of freedom."""
    return np.asarray(draw.standard_t(3, n) / np.sqrt(3))


def skewed(draw: np.random.Generator, n: int) -> np.ndarray:
    """Exponential: skewness 2."""
    return draw.exponential(size=n) - 1


def very_skewed(draw: np.random.Generator, n: int) -> np.ndarray:
    """Lognormal: skewness 6."""
    return np.asarray((np.exp(draw.standard_normal(n)) - np.exp(0.5)) / np.sqrt((np.e - 1) * np.e))


def in_units(unit: np.ndarray, alike: float) -> Latent:
    """Normal, and correlated by `alike` within a unit; 1 makes its rows copies."""

    def latent(draw: np.random.Generator, n: int) -> np.ndarray:
        shared = draw.standard_normal(unit.max() + 1)[unit]
        return np.sqrt(alike) * shared + np.sqrt(1 - alike) * draw.standard_normal(n)

    return latent


def errors(draw: np.random.Generator, rows: np.ndarray, k: int, latent: Latent = normal) -> list[np.ndarray]:
    """Of k runs of one arm: half of their variance is the rows', a fifth the arm's, the rest each run's."""
    own = latent(draw, len(rows))
    return [np.sqrt(0.5) * rows + np.sqrt(0.2) * own + np.sqrt(0.3) * latent(draw, len(rows)) for _ in range(k)]


OWN = 0.92
"""What is promised of one arm's own interval, which has to do without another arm on the same rows."""


class Seen:
    """What happened over many data sets in one world: winners, cover, intervals of one arm."""

    def __init__(self, metric: Metric, truth: float | None = None) -> None:
        """Begin.

        Args:
            truth: the true score of arm b, whose own interval is then looked at.
        """
        self.metric = metric
        self.truth = truth if truth is None or metric.higher_is_better else -truth
        self.won: list[bool] = []
        self.covered: list[bool] = []
        self.own: list[bool] = []
        self.silent: list[bool] = []

    def add(
        self, gold: np.ndarray | None, a: Sequence[np.ndarray], b: Sequence[np.ndarray], units: np.ndarray | None = None
    ) -> PairedDifference:
        """Two arms whose true scores are equal; one run alone is an arm without chance."""
        first, second = (answered_each(self.metric, gold, arm, random=len(arm) > 1, units=units) for arm in (a, b))
        found = compare(first, second)
        self.won.append(found.is_better)
        self.covered.append(found.ci95[0] <= 0 <= found.ci95[1])
        self.silent.append(found.p_value is None)
        if self.truth is not None:
            low, high = interval(second).ci95 or (-np.inf, np.inf)
            self.own.append(low <= self.truth <= high)
        return found

    def findings(self, *, at_most: float | None = 0.05, at_least: float | None = 0.93) -> list[Finding]:
        found = [
            share("false winners", self.won, at_most=at_most),
            share("interval of the difference covers", self.covered, at_least=at_least),
        ]
        if self.own:
            found.append(share("interval of one arm's score covers", self.own, at_least=at_least and OWN))
        if any(self.silent):
            found.append(share("nothing can be said", self.silent))
        return found
