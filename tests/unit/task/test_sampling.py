"""Label counts and the random order of the pool."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from tuningfork.errors import InputError
from tuningfork.task.sampling import label_counts, pool_order


@pytest.mark.parametrize(
    ("n_pool", "n_labels", "expected"),
    [
        (100, 2, (8, 16, 32, 64, 100)),
        (64, 2, (8, 16, 32, 64)),
        (500, 77, (77, 154, 308, 500)),
        (8, 2, (8,)),
        (5, 2, (5,)),
        (100, 150, (100,)),
    ],
)
def test_default_counts_double_up_to_the_pool(n_pool: int, n_labels: int, expected: tuple[int, ...]) -> None:
    assert label_counts(n_pool, n_labels) == expected


def test_given_counts_are_sorted_unique_and_clipped() -> None:
    assert label_counts(100, 2, [64, 8, 8, 1000, 500]) == (8, 64, 100)


@pytest.mark.parametrize("given", [[0], [8, -1], []])
def test_counts_below_one_are_refused(given: list[int]) -> None:
    with pytest.raises(InputError, match="label counts have to be"):
        label_counts(100, 2, given)


def test_orders_are_permutations_that_differ_by_seed_and_study() -> None:
    orders = {pool_order(50, seed, study).tobytes() for seed in range(5) for study in range(5)}
    assert len(orders) == 25
    assert sorted(pool_order(50, 3, 1).tolist()) == list(range(50))


def test_orders_never_change_between_versions() -> None:
    assert pool_order(10, 0, 0).tolist() == [1, 3, 0, 6, 9, 7, 5, 8, 4, 2]


def test_every_row_is_equally_likely_to_be_sampled() -> None:
    times = np.bincount(np.concatenate([pool_order(20, seed, 0)[:5] for seed in range(2000)]), minlength=20)
    assert scipy.stats.chisquare(times).pvalue > 0.001
