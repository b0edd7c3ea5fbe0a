"""Power of a shift test: it grows with rows and shift, and planted shifts are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from tuningfork.stats.planted_shift import SHARES, shift_power
from tuningfork.stats.two_sample import SampleComparison, compare_samples


def rows(count: int, seed: int, dimensions: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)


def comparison(n: int, m: int) -> SampleComparison:
    return compare_samples(rows(n, 1), rows(m, 2), permutations=199)


def test_more_rows_see_smaller_shifts() -> None:
    found = [shift_power(comparison(n, n), 0.2, plantings=100) for n in (40, 120, 400)]
    smallest = [power.smallest for power in found]
    assert all(share is not None for share in smallest[1:])
    assert (smallest[0] or 1.1) > smallest[1] > smallest[2]
    assert found[0].at_share < found[1].at_share < found[2].at_share


def test_a_larger_shift_is_seen_more_often() -> None:
    power = [shift_power(comparison(150, 150), share, plantings=100).at_share for share in (0.1, 0.3, 0.6, 1.0)]
    assert power == sorted(power)
    assert power[0] < 0.35
    assert power[-1] == 1.0


@pytest.mark.parametrize(("n", "m"), [(300, 60), (60, 300)])
def test_the_smaller_sample_decides_whichever_it_is(n: int, m: int) -> None:
    lopsided = shift_power(comparison(n, m), 0.4, plantings=100)
    even = shift_power(comparison(180, 180), 0.4, plantings=100)
    assert even.at_share > lopsided.at_share
    assert lopsided.smallest is None or lopsided.smallest > (even.smallest or 1)


def test_the_smallest_shift_lies_where_power_passes_four_in_five() -> None:
    samples = comparison(200, 200)
    smallest = shift_power(samples, 0.2).smallest
    assert smallest is not None
    assert shift_power(samples, smallest).at_share == pytest.approx(0.8, abs=0.06)
    below = max(share for share in SHARES if share < smallest)
    assert shift_power(samples, below).at_share < 0.8


def test_rows_that_are_all_alike_can_show_nothing() -> None:
    same = np.ones((50, 4), dtype=np.float32)
    found = shift_power(compare_samples(same, same, permutations=99), 0.2, plantings=50)
    assert found.smallest is None
    assert found.smallest_single == (None, None)
    assert found.at_share == 0.0


def test_replacing_everything_leaves_one_subject_in_the_smaller_sample() -> None:
    """Two subjects of a third and two thirds: then all rows of the smaller sample may become the third."""
    draw = np.random.default_rng(3)
    subject = np.repeat([0.0, 10.0, 10.0], 40)
    pooled = np.stack([subject, draw.standard_normal(120)], axis=1).astype(np.float32)
    mixed = pooled[draw.permutation(120)]
    found = shift_power(compare_samples(mixed[:60], mixed[60:], permutations=199), 1.0, plantings=100)
    assert found.at_share == 1.0
    assert found.smallest is not None
    assert found.smallest < 0.6


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share of rows"):
        shift_power(comparison(30, 30), share)
