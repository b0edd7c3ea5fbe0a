"""What must hold of comparisons of graded rows and of whole-set scores, whatever the numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measured_arms import answered_each
from toy_metrics import AbsoluteError, Pearson, Spearman, SquaredError
from tuningfork.metrics.metric import Metric
from tuningfork.stats.crossed import PairedDifference, compare, interval
from tuningfork.stats.measured import Measured, Scale, row_values

quick = settings(deadline=None, max_examples=60)
UNLIMITED = Scale(least=-np.inf, greatest=np.inf)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Row values of two arms with some ties, and units or none."""
    n, random = draw(st.integers(3, 90)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    digits = draw(st.sampled_from([0, 1, 9]))
    rows = random.standard_normal((n, 1))
    arms = [np.round(rows + random.standard_normal((n, draw(st.integers(1, 5)))), digits) for _ in "ab"]
    units = random.integers(0, max(2, n // 2), n) if draw(st.booleans()) else None
    return arms[0], arms[1], units


def both(
    pair: tuple[np.ndarray, np.ndarray, np.ndarray | None], factor: float = 1.0, shift: float = 0.0
) -> list[Measured]:
    a, b, units = pair
    return [row_values(factor * one + shift, scale=UNLIMITED, units=units) for one in (a, b)]


def numbers(d: PairedDifference) -> list[float]:
    return [d.difference, d.centre, *d.ci95, d.same_within, d.no_worse_bound("a"), d.no_worse_bound("b")]


def free_of_scale(d: PairedDifference) -> list[float]:
    return [d.df, d.df_call, -1.0 if d.p_value is None else d.p_value, d.discordant]


@quick
@given(pair=pairs(), factor=st.floats(1e-4, 1e4))
def test_a_score_in_another_unit_tells_the_same(pair: tuple, factor: float) -> None:
    once, scaled = compare(*both(pair)), compare(*both(pair, factor))
    assert numbers(scaled) == pytest.approx([factor * value for value in numbers(once)], rel=1e-6)
    assert free_of_scale(scaled) == pytest.approx(free_of_scale(once), rel=1e-6)
    assert (scaled.is_better, scaled.cautions) == (once.is_better, once.cautions)


@quick
@given(pair=pairs(), shift=st.floats(-1e3, 1e3))
def test_what_both_arms_gain_on_every_row_is_no_difference(pair: tuple, shift: float) -> None:
    once, moved = compare(*both(pair)), compare(*both(pair, shift=shift))
    assert numbers(moved) == pytest.approx(numbers(once), rel=1e-6, abs=1e-9)
    assert free_of_scale(moved) == pytest.approx(free_of_scale(once), rel=1e-6)


@quick
@given(pair=pairs())
def test_swapping_the_arms_only_turns_the_sign(pair: tuple) -> None:
    a, b = both(pair)
    there, back = compare(a, b), compare(b, a)
    assert back.difference == pytest.approx(-there.difference)
    assert back.ci95 == pytest.approx((-there.ci95[1], -there.ci95[0]))
    assert free_of_scale(back) == pytest.approx(free_of_scale(there))
    assert back.no_worse_bound("a") == pytest.approx(there.no_worse_bound("b"))


@quick
@given(pair=pairs(), seed=st.integers(0, 1000))
def test_the_order_of_rows_and_runs_means_nothing(pair: tuple, seed: int) -> None:
    a, b, units = pair
    random = np.random.default_rng(seed)
    rows = random.permutation(len(a))
    shuffled = [one[rows][:, random.permutation(one.shape[1])] for one in (a, b)]
    moved = compare(*both((*shuffled, None if units is None else units[rows])))
    assert numbers(moved) == pytest.approx(numbers(compare(*both(pair))))


@quick
@given(pair=pairs())
def test_intervals_have_a_width_and_hold_their_middle(pair: tuple) -> None:
    found = compare(*both(pair))
    if found.p_value is None:
        assert set(found.cautions) & {"one_group", "no_scale"} and found.ci95 == (-np.inf, np.inf)
        return
    assert found.ci95[0] < found.centre < found.ci95[1]
    assert 0 <= found.p_value <= 1 and 0 < found.variance <= found.variance_call


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    n, random = draw(st.integers(8, 60)), np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gold = np.round(random.standard_normal(n), draw(st.sampled_from([0, 1, 9])))
    a, b = ([gold + random.standard_normal(n) for _ in range(draw(st.integers(1, 4)))] for _ in "ab")
    return gold, a, b


@quick
@given(given_answers=answers(), metric=st.sampled_from([Pearson(), Spearman()]), factor=st.floats(0.01, 100.0))
def test_a_correlation_does_not_mind_the_unit_of_the_answers(
    given_answers: tuple, metric: Metric, factor: float
) -> None:
    gold, a, b = given_answers
    if len(np.unique(gold)) < 4:
        return
    once, scaled = (
        compare(*(answered_each(metric, gold, [by * run + by for run in runs]) for runs in (a, b)))
        for by in (1.0, factor)
    )
    assert numbers(scaled) == pytest.approx(numbers(once), rel=1e-6, abs=1e-9)


@quick
@given(
    given_answers=answers(), factor=st.floats(0.01, 100.0), metric=st.sampled_from([AbsoluteError(), SquaredError()])
)
def test_an_error_is_told_in_the_unit_of_gold_and_answers(given_answers: tuple, factor: float, metric: Metric) -> None:
    gold, a, b = given_answers
    once, scaled = (
        compare(*(answered_each(metric, by * gold, [by * run for run in runs]) for runs in (a, b)))
        for by in (1.0, factor)
    )
    assert numbers(scaled) == pytest.approx([factor * value for value in numbers(once)], rel=1e-6)
    own, own_scaled = (interval(answered_each(metric, by * gold, [by * run for run in b])).ci95 for by in (1.0, factor))
    assert own_scaled == pytest.approx([factor * end for end in own], rel=1e-6)


@quick
@given(pair=pairs())
def test_a_range_only_cuts(pair: tuple) -> None:
    """What a limit changes is where intervals end, as long as two answers differ and not all are at its ends."""
    a, b = both(pair)
    free, held = compare(a, b), compare(*(replace(one, scale=Scale(least=-50.0, greatest=50.0)) for one in (a, b)))
    if free.p_value is not None:
        assert (held.p_value, held.variance, held.centre) == (free.p_value, free.variance, free.centre)
        assert held.ci95 == (max(-100.0, free.ci95[0]), min(100.0, free.ci95[1]))
