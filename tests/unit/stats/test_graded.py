"""Comparisons of graded rows: the formulas written out, and beside a paired t-test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from tuningfork.stats.crossed import compare, interval
from tuningfork.stats.measured import Measured, Scale, row_values

ANY = Scale(least=-np.inf, greatest=np.inf)


def graded(n: int, k: int, seed: int, mean: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    rows = np.random.default_rng(n).standard_normal((n, 1))
    return mean + rows + 0.5 * draw.standard_normal((n, k)) + 0.1 * draw.standard_normal(k)


def arm(values: np.ndarray, **options: object) -> Measured:
    return row_values(values, scale=ANY, **options)


@pytest.mark.parametrize("paired", [False, True])
def test_the_formulas_written_out(paired: bool) -> None:
    n, a, b = 90, graded(90, 3, 1), graded(90, 3, 2, 0.1)
    d = b.mean(axis=1) - a.mean(axis=1)
    pairs = np.abs(b - a) if paired else np.abs(b[:, :, None] - a[:, None, :])
    w, g, total = 0.5, pairs.max(), n + 1
    centre = d.sum() / total
    rows = ((d @ d + 2 * w * g**2) / total - centre**2) / total
    found = compare(arm(a), arm(b), same_samples=paired)
    assert (found.difference, found.centre) == pytest.approx((d.mean(), centre))
    assert found.variance_rows == pytest.approx(rows)
    assert found.discordant == n


@pytest.mark.parametrize(("differ", "weight"), [(9, 1.0), (10, 0.5)])
def test_few_rows_that_differ_are_given_two_made_up_rows_and_more_one(differ: int, weight: float) -> None:
    b = np.zeros(60)
    b[:differ] = np.linspace(1, 2, differ)
    found = compare(arm(np.zeros(60), random=False), arm(b, random=False))
    assert found.discordant == differ
    assert found.centre == pytest.approx(b.sum() / (60 + 2 * weight))


def test_beside_a_paired_t_test() -> None:
    """A little wider and a little shy, by less the more rows there are."""
    for n, wider in ((50, 1.15), (5000, 1.002)):
        a, b = graded(n, 1, 1)[:, 0], graded(n, 1, 2, 0.1)[:, 0]
        found = compare(arm(a, random=False), arm(b, random=False))
        low, high = DescrStatsW(b - a).tconfint_mean()
        assert found.difference == pytest.approx((b - a).mean())
        assert 1 < np.diff(found.ci95)[0] / (high - low) < wider
        test = stats.ttest_rel(b, a)
        assert found.p_value == pytest.approx(test.pvalue, rel=0.6) and found.p_value > test.pvalue
        assert found.test == f"rows, t with {n - 1} degrees of freedom"


def test_a_single_gross_difference_does_not_name_a_winner() -> None:
    b = np.full(50, 0.02) + 0.005 * np.random.default_rng(0).standard_normal(50)
    b[7] = -1.0
    found = compare(arm(np.zeros(50), random=False), arm(b, random=False))
    assert not found.is_better and found.ci95[0] < -0.02


def test_right_or_wrong_rows_on_any_range_are_right_or_wrong() -> None:
    draw = np.random.default_rng(0)
    a, b = (draw.random((120, 1)) < share for share in (0.6, 0.7))
    fractions, hundreds = (
        compare(*(row_values(top * one, scale=Scale(greatest=top), random=False) for one in (a, b)))
        for top in (1.0, 100.0)
    )
    assert hundreds.test == fractions.test == "exact McNemar mid-p"
    assert hundreds.p_value == fractions.p_value and hundreds.discordant == fractions.discordant
    assert hundreds.ci95 == pytest.approx(tuple(100 * end for end in fractions.ci95))


def test_one_graded_answer_makes_all_rows_graded() -> None:
    a, b = np.zeros(40), np.r_[np.ones(20), np.zeros(20)]
    b[0] = 0.9
    found = compare(row_values(a, random=False), row_values(b, random=False))
    assert found.discordant == 20 and "t with 39" in found.test


def test_an_arms_own_interval_is_the_t_interval_where_there_is_no_range() -> None:
    values = graded(70, 1, 3)[:, 0]
    found = interval(arm(values, random=False))
    assert found.ci95 == pytest.approx(DescrStatsW(values).tconfint_mean())


def test_units_of_graded_rows_are_draws() -> None:
    a, b = graded(40, 1, 1), graded(40, 1, 2, 0.3)
    tenfold = [np.repeat(one, 10, axis=0) for one in (a, b)]
    units = np.repeat(np.arange(40), 10)
    alone = compare(*(arm(one, random=False) for one in (a, b)))
    by_rows = compare(*(arm(one, random=False) for one in tenfold))
    by_units = compare(*(arm(one, random=False, units=units) for one in tenfold))
    assert np.diff(by_units.ci95) == pytest.approx(np.diff(alone.ci95), rel=0.05)
    assert np.diff(by_rows.ci95) < 0.4 * np.diff(alone.ci95)
    assert by_units.df == 39 and by_units.cautions == ("clustered",)
