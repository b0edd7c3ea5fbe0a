"""McNemar's test: which of two fixed classifiers is right more often, from the rows where they differ."""

from __future__ import annotations

import math


def mcnemar_mid_p(only_a: int, only_b: int) -> float:
    """Two-sided mid-p value that rows right under one arm only are as often a's as b's.

    Exact binomial, with half the probability of what was seen (Fagerland, Lydersen and Laake 2013): splits less even
    than the one seen count in full, splits as even count half, so that equal counts give 1 less half their
    probability. For two fixed classifiers on independent rows: it knows nothing of training samples. No such row is
    no evidence and gives 1.0.

    Args:
        only_a, only_b: rows on which only that arm is right.

    Raises:
        ValueError: a count is negative.
    """
    if min(only_a, only_b) < 0:
        raise ValueError(f"counts must not be negative: {only_a=}, {only_b=}")
    n, fewer = only_a + only_b, min(only_a, only_b)
    if n == 0:
        return 1.0
    if only_a == only_b:
        return 1.0 - _coin(n, fewer) / 2
    tail = math.fsum(_coin(n, k) for k in range(fewer)) + _coin(n, fewer) / 2
    return min(1.0, 2 * tail)


def _coin(n: int, k: int) -> float:
    """P(k heads in n throws of a fair coin)."""
    return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2))
