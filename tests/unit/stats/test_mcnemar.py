"""McNemar's mid-p against the binomial distribution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from tuningfork.stats.mcnemar import mcnemar_mid_p

counts = st.integers(0, 400)


@settings(deadline=None)
@given(a=counts, b=counts)
def test_splits_less_even_count_in_full_and_splits_as_even_count_half(a: int, b: int) -> None:
    n = a + b
    splits = np.arange(n + 1)
    chances = binom.pmf(splits, n, 0.5)
    how_uneven, seen = np.abs(2 * splits - n), abs(a - b)
    brute_force = chances[how_uneven > seen].sum() + chances[how_uneven == seen].sum() / 2 if n else 1.0
    assert mcnemar_mid_p(a, b) == pytest.approx(brute_force, rel=1e-9, abs=1e-12)
    assert mcnemar_mid_p(a, b) == mcnemar_mid_p(b, a)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_equal_counts_give_one_less_half_of_what_was_seen(count: int) -> None:
    # Fagerland, Lydersen and Laake (2013): 1 - f / 2, f the probability of the split that was seen.
    assert mcnemar_mid_p(count, count) == pytest.approx(1 - binom.pmf(count, 2 * count, 0.5) / 2)


@settings(deadline=None)
@given(a=st.integers(0, 60), b=st.integers(0, 60))
def test_a_less_even_split_is_never_less_evidence(a: int, b: int) -> None:
    assert mcnemar_mid_p(a, b + 1) <= mcnemar_mid_p(a, b) + 1e-12 or b < a


def test_no_discordant_row_is_no_evidence() -> None:
    assert mcnemar_mid_p(0, 0) == 1.0


def test_a_worked_case() -> None:
    # 1 against 7: 2 * (P(0) + P(1) / 2) = 2 * (1 + 4) / 256
    assert mcnemar_mid_p(1, 7) == pytest.approx(10 / 256)


def test_keeps_its_digits_with_many_rows() -> None:
    assert mcnemar_mid_p(49_000, 51_000) == pytest.approx(
        2 * binom.cdf(49_000, 100_000, 0.5) - binom.pmf(49_000, 100_000, 0.5), rel=1e-6
    )


def test_refuses_negative_counts() -> None:
    with pytest.raises(ValueError, match="negative"):
        mcnemar_mid_p(-1, 3)
