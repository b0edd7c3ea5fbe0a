"""Two proportions: is a share of one sample that of another?"""

from __future__ import annotations

import numpy as np


def fisher_p(with_a: int, rows_a: int, with_b: int, rows_b: int) -> float:
    """Two-sided p-value that rows of both samples are equally likely to have a property, in (0, 1].

    Fisher's exact test, twice the smaller tail: valid for any counts, however small. A sample without rows, or a
    property of no row or of all, gives 1.0: nothing was seen.

    Args:
        with_a, with_b: rows with the property.
        rows_a, rows_b: rows of each sample.

    Raises:
        ValueError: a count is negative or larger than its sample.
    """
    from scipy.special import gammaln

    if not (0 <= with_a <= rows_a and 0 <= with_b <= rows_b):
        raise ValueError(f"counts lie between 0 and their rows: {with_a} of {rows_a}, {with_b} of {rows_b}")
    having = with_a + with_b
    possible = np.arange(max(0, having - rows_b), min(having, rows_a) + 1, dtype=np.float64)
    ways = (
        -gammaln(possible + 1)
        - gammaln(having - possible + 1)
        - gammaln(rows_a - possible + 1)
        - gammaln(rows_b - having + possible + 1)
    )
    chances = np.exp(ways - ways.max())
    chances /= chances.sum()
    place = with_a - int(possible[0])
    tail = min(chances[: place + 1].sum(), chances[place:].sum())
    return float(min(1.0, max(2 * tail, np.finfo(np.float64).tiny)))
