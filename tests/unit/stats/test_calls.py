"""Calls at a margin, and what an undecided comparison is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from measured_arms import compare_rows
from tuningfork.stats.calls import (
    make_call,
    must_choose,
    rows_needed,
    seeds_needed,
    smallest_difference,
    smallest_margin,
)
from tuningfork.stats.crossed import PairedDifference


def fixed(n: int, only_a: int, only_b: int) -> PairedDifference:
    """Two deterministic arms that differ on that many rows each way."""
    a, b = np.ones((n, 1)), np.ones((n, 1))
    b[:only_a] = 0
    a[only_a : only_a + only_b] = 0
    return compare_rows(a, b, random_a=False, random_b=False)


def test_a_clear_winner_is_better_even_within_the_margin() -> None:
    d = fixed(4000, 20, 80)
    assert make_call(d, margin=0.03, cheaper="a") == "better"
    assert must_choose(d, "a").arm == "b"


def test_close_arms_on_many_rows_are_the_same() -> None:
    assert make_call(fixed(3000, 60, 65), margin=0.03, cheaper=None) == "same"


def test_the_one_sided_test_alone_speaks_for_the_cheaper_arm_only() -> None:
    d = fixed(400, 16, 20)
    assert d.same_within > 0.03
    assert make_call(d, margin=0.03, cheaper="b") == "cheaper_will_do"
    assert make_call(d, margin=0.03, cheaper="a") == "undecided"
    assert make_call(d, margin=0.03, cheaper=None) == "undecided"


@pytest.mark.parametrize("share", [0.97, 1.03])
def test_each_call_turns_where_its_bound_meets_the_margin(share: float) -> None:
    d = fixed(1000, 40, 45)
    same = make_call(d, margin=d.same_within * share, cheaper=None)
    cheaper = make_call(d, margin=d.no_worse_bound("b") * share, cheaper="b")
    assert (same, cheaper) == (("same", "cheaper_will_do") if share > 1 else ("undecided", "undecided"))


def test_a_margin_is_positive() -> None:
    for door in (lambda d: make_call(d, margin=0.0, cheaper=None), lambda d: rows_needed(d, -0.1)):
        with pytest.raises(ValueError, match="margin"):
            door(fixed(100, 5, 5))


def test_must_choose_takes_the_arm_ahead_and_the_cheaper_at_a_tie() -> None:
    assert must_choose(fixed(300, 10, 20), "a").arm == "b"
    assert must_choose(fixed(300, 20, 10), "b").arm == "a"
    assert [must_choose(fixed(300, 10, 10), cheaper).arm for cheaper in ("a", "b", None)] == ["a", "b", "a"]


def test_losses_are_those_of_the_t_distribution() -> None:
    d = fixed(300, 14, 20)
    found, error = must_choose(d, "a"), np.sqrt(d.variance)
    truth = stats.t(df=d.df, loc=abs(d.centre), scale=error)
    expected, _ = integrate.quad(lambda x: -x * truth.pdf(x), -1, 0)
    assert found.expected_loss == pytest.approx(expected, rel=1e-4)
    assert found.worst_loss == pytest.approx(-truth.ppf(0.05))


def test_no_mean_loss_with_one_degree_of_freedom() -> None:
    assert must_choose(replace(fixed(300, 14, 20), df=1.0), "a").expected_loss is None


@pytest.mark.parametrize(("points", "rows"), [(1, 8560), (2, 2140), (3, 950), (5, 340)])
def test_rows_for_the_same_at_ten_percent_disagreement(points: int, rows: int) -> None:
    d = replace(fixed(300, 15, 15), variance_rows=0.1 / 300)
    assert rows_needed(d, points / 100) == pytest.approx(rows, abs=10)


@pytest.mark.parametrize(("points", "seeds"), [(1, 35), (2, 9), (3, 4)])
def test_seeds_set_a_floor_at_a_spread_of_two_points(points: int, seeds: int) -> None:
    d = compare_rows(np.ones((9, 1)), np.arange(45).reshape(9, 5) % 2, random_a=False)
    endless_rows = replace(d, variance_rows=1e-12, seed_excess=(0.0, 0.02**2 / 2), variance_seeds=0.02**2 / 2)
    assert seeds_needed(endless_rows, points / 100, (1, 2)) == seeds


def test_neither_rows_nor_seeds_are_promised_where_they_would_not_do() -> None:
    draw = np.random.default_rng(0)
    shaky = (draw.random((500, 5)) < np.array([0.6, 0.7, 0.8, 0.75, 0.65])).astype(float)
    d = compare_rows(shaky[:, :1], shaky, random_a=False)
    assert rows_needed(d, 0.03) is None
    assert seeds_needed(d, 0.03, (1, 5)) is None  # 500 rows cannot show 3 points at this disagreement
    assert rows_needed(fixed(40, 4, 4), 0.03) is not None
    assert seeds_needed(fixed(40, 4, 4), 0.03, (1, 1)) is None


def test_one_seed_needs_seeds_and_not_rows() -> None:
    draw = np.random.default_rng(0)
    a = (draw.random((3000, 1)) < 0.9).astype(float)
    d = compare_rows(a, np.abs(a - (draw.random((3000, 1)) < 0.04)), random_a=False)
    assert rows_needed(d, 0.03) is None
    assert seeds_needed(d, 0.03, (1, 1)) == 3


def test_equal_runs_need_as_many_as_may_win() -> None:
    draw = np.random.default_rng(2)
    a, b = ((draw.random((3000, 1)) < score).astype(float) for score in (0.9, 0.91))
    three = compare_rows(a, np.repeat(b, 3, axis=1), random_a=False, redrawn_b=True)
    assert make_call(three, margin=0.03, cheaper=None) == "undecided"
    assert seeds_needed(three, 0.03, (1, 3)) == 5
    five = compare_rows(a, np.repeat(b, 5, axis=1), random_a=False, redrawn_b=True)
    assert make_call(five, margin=0.03, cheaper=None) == "same"
    assert seeds_needed(five, 0.03, (1, 5)) is None


def test_an_undecided_comparison_is_never_told_that_it_has_enough() -> None:
    draw = np.random.default_rng(1)
    seen = 0
    for _ in range(300):
        truth = 0.8 + 0.02 * draw.standard_normal(5)
        b, a = (draw.random((700, 5)) < truth).astype(float), (draw.random((700, 1)) < 0.81).astype(float)
        d = compare_rows(a, b, random_a=False)
        for margin in (0.04, 0.05, 0.06):
            if make_call(d, margin=margin, cheaper=None) == "undecided":
                seen += 1
                rows, seeds = rows_needed(d, margin), seeds_needed(d, margin, (1, 5))
                assert rows is None or rows > 700
                assert seeds is None or seeds > 5
    assert seen > 100


def test_what_rows_can_show() -> None:
    assert smallest_difference(300, 0.12) == pytest.approx(0.056, abs=0.0005)
    assert smallest_margin(950, 0.10) == pytest.approx(0.03, abs=0.0005)
    assert smallest_difference(1, 1.0) == 1.0
    with pytest.raises(ValueError, match="disagreement"):
        smallest_margin(100, 0.0)
