"""Training samples: prefixes of one random order of the pool per seed, at a ladder of label counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.randomness import POOL, random_order
from tuningfork.task.units import Units

_SMALLEST_COUNT = 8


def pool_order(units: Units, seed: int, study_seed: int) -> NDArray[np.intp]:
    """The random order of the pool for one seed of a study, shape (n_pool,).

    A sample of n labels is its first n rows: nested over n, and not stratified, as a person gets who labels at
    random. Units come in random order, large ones no sooner than small ones, and the rows of a unit stand together in
    the order of the pool. So a sample holds whole units but perhaps the last one, of which it holds the first rows:
    the others are in no sample of that size, and on no other side of any split.

    Args:
        units: the pool's, shape (n_pool,).
    """
    rank = np.empty(len(units), dtype=np.intp)
    rank[random_order(len(units), study_seed, POOL, seed)] = np.arange(len(units))
    _, first, place = np.unique(units, return_index=True, return_inverse=True)
    return np.argsort(rank[first][place], kind="stable")


def label_counts(n_pool: int, n_labels: int, given: Sequence[int] | None = None) -> tuple[int, ...]:
    """The label counts of a learning curve, ascending and unique.

    Args:
        n_pool: rows in the pool; larger counts are clipped to it.
        n_labels: size of the label space; the default begins at max(8, n_labels) and doubles up to the pool,
            which is always the last count.
        given: the user's counts, which replace the default.

    Raises:
        InputError: a given count is not positive, none is given, or the pool is empty.
    """
    if n_pool < 1:
        raise InputError("the pool has no row to train on")
    if given is None:
        return _doubling(max(_SMALLEST_COUNT, n_labels), n_pool)
    if not given or min(given) < 1:
        raise InputError(
            f"label counts have to be whole numbers from 1 up, not {', '.join(map(str, given)) or 'an empty list'}",
            remedy="For example: --label-counts 8,32,128.",
        )
    return tuple(sorted({min(count, n_pool) for count in given}))


def _doubling(first: int, last: int) -> tuple[int, ...]:
    counts: list[int] = []
    while first < last:
        counts.append(first)
        first *= 2
    return (*counts, last)
