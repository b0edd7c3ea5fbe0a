"""Random orders that are the same on every machine and with every version of numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS, UNITS, POOL = range(3)
"""Purposes: each draws from a stream of its own."""


def random_order(n: int, seed: int, *purpose: int) -> NDArray[np.intp]:
    """A uniformly random permutation of range(n), shape (n,), fixed by the seed and the purpose.

    Numpy keeps the raw stream of a bit generator for good, but not what `Generator.permutation` makes of it; hence
    the sorted raw numbers.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=purpose)
    return np.argsort(np.random.PCG64(sequence).random_raw(n), kind="stable").astype(np.intp)
