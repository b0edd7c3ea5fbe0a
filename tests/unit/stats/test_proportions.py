"""Fisher's test against scipy's, and the counts that say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from tuningfork.stats.proportions import fisher_p


@given(rows_a=st.integers(1, 400), rows_b=st.integers(1, 400), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_is_twice_the_smaller_tail(rows_a: int, rows_b: int, shares: tuple[float, float]) -> None:
    a, b = round(shares[0] * rows_a), round(shares[1] * rows_b)
    table = [[a, rows_a - a], [b, rows_b - b]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    expected = min(1.0, 2 * min(tails))
    found = fisher_p(a, rows_a, b, rows_b)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-280)
    assert found == pytest.approx(fisher_p(b, rows_b, a, rows_a), rel=1e-9)
    assert found > 0


@pytest.mark.parametrize("counts", [(0, 50, 0, 80), (50, 50, 80, 80), (3, 9, 0, 0), (0, 0, 0, 0)])
def test_nothing_to_see_is_one(counts: tuple[int, int, int, int]) -> None:
    assert fisher_p(*counts) == 1.0


def test_a_difference_beyond_all_digits_is_not_zero() -> None:
    assert 0 < fisher_p(0, 100_000, 100_000, 100_000) < 1e-300


@pytest.mark.parametrize("counts", [(-1, 5, 0, 5), (6, 5, 0, 5), (0, 5, 6, 5)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="counts lie between"):
        fisher_p(*counts)
