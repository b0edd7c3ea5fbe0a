"""Do two samples of vectors come from one distribution? Two statistics, one set of permutations of the pooled rows.

A statistic is made once for the pooled rows and then takes divisions of them: who is called 'after'. The rows' own
division is one among many random ones; where both samples have one distribution all of these are alike, so that a
p-value is honest whatever the statistic, the dimension and the number of rows. Rows are taken as independent draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, d), a row a line."""
Divisions = NDArray[np.float32]
"""Shape (c, n): in each line 1 for the rows called 'after' and 0 for the others; all lines have as many ones."""
Values = NDArray[np.float64]
"""Shape (c,): what a statistic makes of each division; larger is further apart."""
Statistic = Callable[[Divisions], Values]

_TIE = 1e-7
"""Values this near are equal, lest rounding tells identical rows apart."""
_NEVER_ZERO = 1e-30
"""Of a penalty, where no row differs from another."""
_ONE_ROW = 1e-6
"""Squared distances below this share of the mean squared length are rounding: the rows are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleComparison:
    """Two samples compared, and what it takes to judge any other division of the same rows.

    Attributes:
        pooled: the rows of both samples, shape (n, d), in random order.
        sizes: rows (before, after).
        statistics: `mmd` and `held_out_auc` of the pooled rows.
        observed: their values for the rows' own division, shape (statistics, 1).
        by_chance: their values for random divisions, shape (statistics, permutations).
    """

    pooled: Vectors
    sizes: tuple[int, int]
    statistics: tuple[Statistic, Statistic]
    observed: NDArray[np.float64]
    by_chance: NDArray[np.float64]

    @property
    def p_values(self) -> tuple[float, float]:
        """Of maximum mean discrepancy and classifier, each by itself, in (0, 1]."""
        mmd, classifier = self.single(self.observed)[:, 0]
        return float(mmd), float(classifier)

    @property
    def p_value(self) -> float:
        """Of the two together, in (0, 1]."""
        return float(self.combined(self.observed)[0])

    def values(self, divisions: Divisions) -> NDArray[np.float64]:
        """The statistics of other divisions into the same sizes, shape (statistics, c)."""
        return np.stack([statistic(divisions) for statistic in self.statistics])

    def single(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """P-values of each statistic by itself, shape (statistics, c).

        (1 + random divisions that reach the value) / (1 + random divisions): never 0 (Phipson and Smyth 2010).
        """
        p_values: NDArray[np.float64] = (1 + _reaching(values, self.by_chance)) / (1 + self.by_chance.shape[1])
        return p_values

    def combined(self, values: NDArray[np.float64]) -> Values:
        """P-values of the statistics together, shape (c,).

        The smaller of the single p-values, judged by how small the smaller one is in random divisions (Westfall and
        Young 1993). As exact as each of them, and never worse than Bonferroni, for what both see is not paid twice.
        """
        smallest = 1 + _reaching(values, self.by_chance).min(axis=0)
        among_random = _reaching(self.by_chance, self.by_chance)
        as_small = np.empty(len(smallest), dtype=np.float64)
        for place, column in enumerate(values.T):
            # A random division is ranked among all of them, the one in question included.
            ranks = among_random + (column[:, None] >= self.by_chance - _TIE)
            as_small[place] = (ranks.min(axis=0) <= smallest[place]).sum()
        p_values: Values = (1 + as_small) / (1 + self.by_chance.shape[1])
        return p_values


def compare_samples(before: Vectors, after: Vectors, *, permutations: int = 999, seed: int = 0) -> SampleComparison:
    """Compare two samples by maximum mean discrepancy and by a classifier, on the same random divisions.

    Args:
        before, after: shapes (n, d) and (m, d), at least 2 rows each; time and memory grow with (n + m) squared.
        permutations: random divisions; the smallest p-value is 1 / (1 + permutations).

    Raises:
        ValueError: fewer than 2 rows, different dimensions, or vectors that are not finite.
    """
    if min(len(before), len(after)) < 2 or before.shape[1:] != after.shape[1:] or before.ndim != 2:
        raise ValueError(f"two samples of at least 2 vectors each are compared, not {before.shape} with {after.shape}")
    joined = np.concatenate([before, after]).astype(np.float32)
    if not np.isfinite(joined).all():
        raise ValueError("vectors must be finite")
    # In random order, so that rows which tie are not ranked by the sample that they come from.
    order = np.argsort(random_numbers(1, len(joined), seed, 0)[0])
    pooled, own = joined[order], (order >= len(before)).astype(np.float32)[None]
    statistics = (mmd(pooled), held_out_auc(pooled))
    divisions = np.concatenate([own, random_divisions(permutations, len(pooled), len(after), seed)])
    values = np.stack([statistic(divisions) for statistic in statistics])
    return SampleComparison(pooled, (len(before), len(after)), statistics, values[:, :1], values[:, 1:])


def mmd(pooled: Vectors) -> Statistic:
    """Squared maximum mean discrepancy, the unbiased estimate, with a Gaussian kernel (Gretton et al. 2012).

    The bandwidth is the median distance between two different pooled rows. About 0 where nothing differs; at most 2.
    """
    kernel = _gaussian_kernel(pooled)
    np.fill_diagonal(kernel, 0.0)
    row_sums = kernel.sum(axis=1, dtype=np.float64)
    total = row_sums.sum()

    def statistic(divisions: Divisions) -> Values:
        after, before = _sizes(divisions)
        within_after = ((divisions @ kernel) * divisions).sum(axis=1, dtype=np.float64)
        of_after = divisions @ row_sums
        within_before = total - 2 * of_after + within_after
        between = of_after - within_after
        values: Values = (
            within_after / (after * (after - 1))
            + within_before / (before * (before - 1))
            - 2 * between / (after * before)
        )
        return values

    return statistic


def held_out_auc(pooled: Vectors) -> Statistic:
    """How well a linear classifier tells the samples apart on rows that it was not fitted to, as AUC in [0, 1].

    A classifier two-sample test (Lopez-Paz and Oquab, arXiv 1610.06545). Each row is scored by ridge regression on
    all other rows, in closed form; the penalty is the mean variance of a dimension, which is known without the
    division. Where nothing differs AUC is a little below one half, for a row left out makes its own side smaller;
    random divisions have that bias too.
    """
    centred = pooled - pooled.mean(axis=0)
    gram = (centred.T @ centred).astype(np.float64)
    penalty = float(np.trace(gram)) / len(gram) + _NEVER_ZERO
    weights = np.linalg.solve(gram + penalty * np.eye(len(gram)), centred.T).astype(np.float32)
    leverage = np.minimum(1 / len(pooled) + (centred * weights.T).sum(axis=1), 1 - 1e-6)
    places = np.arange(1, len(pooled) + 1, dtype=np.float64)

    def statistic(divisions: Divisions) -> Values:
        after, before = _sizes(divisions)
        fitted = (divisions @ centred) @ weights + after / (after + before)
        left_out = (fitted - leverage * divisions) / (1 - leverage)
        by_score = np.take_along_axis(divisions, np.argsort(left_out, axis=1, kind="stable"), axis=1)
        values: Values = (by_score @ places - after * (after + 1) / 2) / (after * before)
        return values

    return statistic


def random_divisions(count: int, rows: int, after: int, seed: int) -> Divisions:
    """Shape (count, rows): divisions with `after` ones a line, all equally likely."""
    numbers = random_numbers(count, rows, seed, 1)
    divisions = np.zeros((count, rows), dtype=np.float32)
    np.put_along_axis(divisions, np.argpartition(numbers, after - 1, axis=1)[:, :after], 1.0, axis=1)
    return divisions


def random_numbers(count: int, rows: int, seed: int, purpose: int) -> NDArray[np.uint64]:
    """Shape (count, rows), the same on every machine and with every version of numpy; a purpose has its own stream."""
    stream = np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(purpose,)))
    return stream.random_raw(count * rows).reshape(count, rows)


def _gaussian_kernel(pooled: Vectors) -> NDArray[np.float32]:
    """exp(-d^2 / (2 s^2)), s the median distance of rows that differ; all ones where none do. Shape (n, n)."""
    squares = (pooled * pooled).sum(axis=1)
    distances = squares[:, None] + squares[None] - 2 * pooled @ pooled.T
    distances[distances < _ONE_ROW * squares.mean()] = 0.0
    different = distances[distances > 0]
    if len(different):
        distances /= -2 * np.median(different)
    kernel: NDArray[np.float32] = np.exp(distances)
    return kernel


def _reaching(values: NDArray[np.float64], by_chance: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many random divisions reach each value, statistic by statistic; the shape of `values`."""
    counts = [
        len(chance) - np.searchsorted(np.sort(chance), own - _TIE)
        for own, chance in zip(values, by_chance, strict=True)
    ]
    return np.stack(counts)


def _sizes(divisions: Divisions) -> tuple[float, float]:
    after = float(divisions[0].sum())
    return after, divisions.shape[1] - after
