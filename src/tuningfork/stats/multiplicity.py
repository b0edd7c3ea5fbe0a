"""Many comparisons at once."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given: all calls at level alpha together err at most alpha.

    Holm (1979); valid whatever the dependence between the tests.

    Raises:
        ValueError: a value is outside [0, 1] or not a number.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError(f"p-values lie between 0 and 1: {list(p_values)}")
    tests = len(p_values)
    adjusted = [0.0] * tests
    largest = 0.0
    for rank, index in enumerate(sorted(range(tests), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (tests - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
