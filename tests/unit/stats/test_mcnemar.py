"""McNemar's mid-p against the binomial distribution."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from tuningfork.stats.mcnemar import mcnemar_mid_p

counts = st.integers(0, 400)


@settings(deadline=None)
@given(a=counts, b=counts)
def test_is_the_exact_test_less_half_of_what_was_seen_on_both_sides(a: int, b: int) -> None:
    n, fewer = a + b, min(a, b)
    exact = binomtest(fewer, n).pvalue if n else 1.0
    point = binom.pmf(fewer, n, 0.5)
    oracle = 1.0 if a == b else exact - point
    assert mcnemar_mid_p(a, b) == pytest.approx(oracle, rel=1e-9, abs=1e-12)
    assert mcnemar_mid_p(a, b) == mcnemar_mid_p(b, a)


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
