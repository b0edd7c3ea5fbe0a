"""What must hold of every comparison, call and break-even, whatever the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measured_arms import break_even_of, compare_answers, compare_rows, interval_of_rows
from tuningfork.stats.calls import make_call, must_choose
from tuningfork.stats.crossed import PairedDifference
from tuningfork.stats.measured import row_values
from tuningfork.stats.multiplicity import holm

STRENGTH = {"better": 0, "same": 0, "cheaper_will_do": 1, "undecided": 2}

quick = settings(deadline=None, max_examples=60)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n, seed = draw(st.integers(2, 120)), draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    hard = random.random((n, 1))
    arms = []
    for _ in "ab":
        k, accuracy = draw(st.integers(1, 6)), draw(st.floats(0, 1))
        arms.append((0.5 * random.random((n, k)) + 0.5 * hard < accuracy).astype(float))
    return arms[0], arms[1]


def numbers(d: PairedDifference) -> tuple[float, ...]:
    return d.variance, d.df, d.variance_call, d.df_call, d.same_within, d.discordant


@quick
@given(pair=pairs())
def test_swapping_the_arms_only_turns_the_sign(pair: tuple[np.ndarray, np.ndarray]) -> None:
    there, back = compare_rows(*pair), compare_rows(*pair[::-1])
    assert back.difference == pytest.approx(-there.difference)
    assert back.ci95 == pytest.approx((-there.ci95[1], -there.ci95[0]))
    assert numbers(back) == pytest.approx(numbers(there))
    assert back.p_value == pytest.approx(there.p_value)
    assert back.no_worse_bound("a") == pytest.approx(there.no_worse_bound("b"))
    assert back.is_better == there.is_better


@quick
@given(pair=pairs(), seed=st.integers(0, 1000))
def test_order_of_rows_and_seeds_means_nothing(pair: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.permutation(len(pair[0]))
    shuffled = [arm[rows][:, random.permutation(arm.shape[1])] for arm in pair]
    assert numbers(compare_rows(*shuffled)) == pytest.approx(numbers(compare_rows(*pair)))


@quick
@given(pair=pairs())
def test_intervals_are_open_ordered_and_within_range(pair: tuple[np.ndarray, np.ndarray]) -> None:
    d = compare_rows(*pair)
    assert -1 <= d.ci95[0] < d.ci95[1] <= 1
    assert d.p_value is not None and 0 <= d.p_value <= 1
    assert 0 < d.variance <= d.variance_call and d.df >= 1 and d.df_call >= 1
    assert max(d.no_worse_bound("a"), d.no_worse_bound("b")) == pytest.approx(d.same_within)
    for arm in pair:
        own = interval_of_rows(arm)
        assert own.ci95 is not None and 0 <= own.ci95[0] < own.ci95[1] <= 1


@quick
@given(pair=pairs(), margins=st.tuples(st.floats(0.001, 0.5), st.floats(0.001, 0.5)), cheaper=st.sampled_from("ab"))
def test_a_wider_margin_never_makes_a_call_weaker(
    pair: tuple[np.ndarray, np.ndarray], margins: tuple[float, float], cheaper: str
) -> None:
    d = compare_rows(*pair)
    narrow, wide = (make_call(d, margin=margin, cheaper=cheaper) for margin in sorted(margins))
    assert STRENGTH[wide] <= STRENGTH[narrow]
    assert (narrow == "better") == d.is_better == (wide == "better")


@quick
@given(pair=pairs(), cheaper=st.sampled_from(["a", "b", None]))
def test_losses_are_bounded_and_nothing_at_stake_costs_nothing(
    pair: tuple[np.ndarray, np.ndarray], cheaper: str | None
) -> None:
    d = compare_rows(*pair)
    choice = must_choose(d, cheaper)
    assert 0 <= choice.worst_loss <= 1
    assert choice.expected_loss is None or 0 <= choice.expected_loss <= 1
    if d.centre != 0:
        assert choice.arm == ("b" if d.difference > 0 else "a")


@quick
@given(pair=pairs())
def test_every_row_its_own_group_is_no_group(pair: tuple[np.ndarray, np.ndarray]) -> None:
    assert compare_rows(*pair, units=list(range(len(pair[0])))) == compare_rows(*pair)


@quick
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60))
def test_any_statistic_door_gives_numbers_or_says_why_not(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    gold = random.integers(0, 3, n)
    a, b = (np.where(random.random((n, 3)) < 0.7, gold[:, None], random.integers(-1, 4, (n, 3))) for _ in "ab")

    d = compare_answers(gold, a, b)
    if d.p_value is None:
        assert set(d.cautions) & {"one_class", "one_row"}
    else:
        assert np.isfinite(numbers(d)).all() and d.ci95[0] < d.ci95[1]


@quick
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_keeps_the_order_and_only_raises(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= q <= 1 for p, q in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


@quick
@given(seed=st.integers(0, 10_000), low=st.floats(0.3, 0.9), gap=st.floats(0, 0.2), k=st.sampled_from([2, 5, 12]))
def test_a_better_llm_never_breaks_even_earlier(seed: int, low: float, gap: float, k: int) -> None:
    random = np.random.default_rng(seed)
    counts = (8, 16, 32, 64)
    runs = {
        count: (random.random((200, k)) < 0.4 + 0.15 * place + 0.02 * random.standard_normal(k)).astype(float)
        for place, count in enumerate(counts)
    }
    hard = random.random((200, 1))
    worse, better = (
        break_even_of(row_values, runs, (hard < level).astype(float), n_pool=500, random_llm=False)
        for level in (low, low + gap)
    )
    for first, second in ((worse.mean, better.mean), (worse.reliable, better.reliable)):
        if first is not None and second is not None:
            assert first <= second + 1e-9
    for found in (worse, better):
        assert (found.mean is None or found.reliable is None) <= (found.reason is not None)
        mean = (found.mean, found.mean_ci95, found.mean_bound, found.mean_bound_at)
        reliable = (found.reliable, found.reliable_ci95, found.reliable_bound, found.reliable_bound_at)
        for at, ends, bound, bound_at in (mean, reliable):
            assert (bound is None) == (bound_at is None)
            assert at is None or bound is None
            assert bound_at in {"above": (64,), "at_or_below": (8,), None: (None,)}[bound]
            if at is not None and ends is not None:
                assert (ends[0] or 8) <= at <= (ends[1] or 64)
            assert all(end is None or 8 <= end <= 64 for end in ends or ())
        assert (found.mean is None) == (found.mean_bound is not None)
        if found.mean is not None and found.reliable is not None:
            assert found.mean <= found.reliable
