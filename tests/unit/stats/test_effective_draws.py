"""What rows can show beforehand, where some are one draw."""

from __future__ import annotations

import math

import numpy as np
import pytest

from measured_arms import compare_rows
from tuningfork.stats.calls import smallest_difference
from tuningfork.stats.effective_draws import effective_draws

EACH_ALONE = np.ones(300, np.intp)
THREE_COPIES = np.full(100, 3)
SOME_TWICE = np.r_[np.full(60, 2), np.ones(180, np.intp)]
MANY_SIZES = np.r_[np.tile(np.arange(2, 11), 4)[:30], np.ones(120, np.intp)]


def units_of_sizes(sizes: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes)


def test_equal_units_are_worth_their_number_and_rows_alone_theirs() -> None:
    assert effective_draws(range(300)) == 300
    assert effective_draws(units_of_sizes(THREE_COPIES)) == 100
    assert effective_draws(["a", "b", "a", "b"]) == 2
    assert effective_draws([7]) == 1


def test_unequal_units_lie_between_kish_and_their_number() -> None:
    for sizes in (SOME_TWICE, MANY_SIZES):
        kish = sizes.sum() ** 2 / (sizes**2).sum()
        assert kish < effective_draws(units_of_sizes(sizes)) < len(sizes)
        assert effective_draws(units_of_sizes(sizes)) == pytest.approx(math.sqrt(kish * len(sizes)))


@pytest.mark.parametrize("sizes", [EACH_ALONE, THREE_COPIES, SOME_TWICE, MANY_SIZES], ids=len)
def test_the_smallest_difference_is_found_four_times_in_five(sizes: np.ndarray) -> None:
    """Copies answer alike; arms differ on 12 % of the texts."""
    rng = np.random.default_rng(len(sizes))
    units = units_of_sizes(sizes)
    gap, disagreement, draws = smallest_difference(round(effective_draws(units)), 0.12), 0.12, 500
    found = 0
    for _ in range(draws):
        chance = rng.random(len(sizes))[units]
        only_b, only_a = chance < (disagreement + gap) / 2, chance > 1 - (disagreement - gap) / 2
        d = compare_rows(1.0 - only_b, 1.0 - only_a, random_a=False, random_b=False, units=units.tolist())
        found += d.is_better
    assert 0.72 <= found / draws <= 0.90
