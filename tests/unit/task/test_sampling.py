"""Label counts and the random order of the pool."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.errors import InputError
from tuningfork.task.randomness import POOL, random_order
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
    orders = {pool_order(np.arange(50), seed, study).tobytes() for seed in range(5) for study in range(5)}
    assert len(orders) == 25
    assert sorted(pool_order(np.arange(50), 3, 1).tolist()) == list(range(50))


def test_orders_never_change_between_versions() -> None:
    assert pool_order(np.arange(10), 0, 0).tolist() == [1, 3, 0, 6, 9, 7, 5, 8, 4, 2]


@given(st.integers(1, 200), st.integers(0, 5), st.randoms(use_true_random=False))
def test_where_no_row_repeats_another_the_order_is_that_of_the_rows_alone(n: int, seed: int, random: Random) -> None:
    numbers = random.sample(range(1000), n)
    assert pool_order(np.array(numbers), seed, 3).tolist() == random_order(n, 3, POOL, seed).tolist()


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(0, 5), st.data())
def test_a_sample_cuts_no_unit_but_the_last(numbers: list[int], seed: int, data: st.DataObject) -> None:
    units = np.array(numbers)
    order = pool_order(units, seed, 0)
    assert sorted(order.tolist()) == list(range(len(units)))
    n = data.draw(st.integers(0, len(units)))
    cut = set(units[order[:n]].tolist()) & set(units[order[n:]].tolist())
    assert len(cut) <= 1
    assert not cut or cut == {units[order[n - 1]]}
    for unit in set(numbers):
        of_unit = [row for row in order.tolist() if units[row] == unit]
        assert of_unit == sorted(of_unit), "inside a unit rows keep the order of the pool"


def test_large_units_are_sampled_no_sooner_than_small_ones() -> None:
    """Ten texts once and ten texts five times: among the first units of an order both kinds are as frequent."""
    units = np.array([*range(10), *np.repeat(np.arange(10, 20), 5)])
    first = [units[pool_order(units, seed, 0)[0]] for seed in range(4000)]
    assert scipy.stats.chisquare(np.bincount(first, minlength=20)).pvalue > 0.001


def test_every_row_is_equally_likely_to_be_sampled() -> None:
    times = np.bincount(np.concatenate([pool_order(np.arange(20), seed, 0)[:5] for seed in range(2000)]), minlength=20)
    assert scipy.stats.chisquare(times).pvalue > 0.001
