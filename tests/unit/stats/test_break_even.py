"""Break-even labels on planted curves, and a reason wherever there is no number."""

from __future__ import annotations

import numpy as np
import pytest

from tuningfork.stats.break_even import break_even, break_even_statistic
from tuningfork.stats.jackknife import macro_f1_left_out

COUNTS = (8, 16, 32, 64, 128, 256)


def rises(count: int) -> float:
    """Five points a doubling, 0.70 at 32 labels."""
    return 0.70 + 0.05 * np.log2(count / 32)


def curve(k: int, *, spread: float = 0.02, n: int = 500, shift: float = 0.0, counts=COUNTS) -> dict[int, np.ndarray]:
    """Each run is right on exactly its share of the rows, so that only the spread is noise."""
    draw = np.random.default_rng(0)
    offsets = np.linspace(-1, 1, k) if k > 1 else np.zeros(1)
    offsets = spread * offsets / max(float(offsets.std(ddof=1)) if k > 1 else 1.0, 1e-9)
    rows = draw.permutation(n)
    found = {}
    for count in counts:
        right = np.round(n * (rises(count) + shift + offsets)).astype(int)
        found[count] = (rows[:, None] < right).astype(float)
    return found


def llm(score: float, n: int = 500) -> np.ndarray:
    return (np.random.default_rng(1).permutation(n) < round(n * score)).astype(float)[:, None]


def test_crosses_between_counts_in_log_labels() -> None:
    found = break_even(curve(20), llm(0.725), n_pool=100_000, random_llm=False)
    assert found.mean == pytest.approx(32 * 2**0.5, rel=0.03)
    assert found.mean_ci95 is not None and found.mean_ci95[0] < found.mean < found.mean_ci95[1]
    # 95 % of samples: 1.645 spreads of 2 points, at 5 points a doubling.
    assert found.reliable == pytest.approx(32 * 2 ** (0.5 + 1.645 * 0.02 / 0.05), rel=0.1)
    assert found.reliable_ci95 is not None and found.reliable_ci95[0] < found.reliable < found.reliable_ci95[1]
    assert (found.extrapolated, found.reason) == (False, None)


def test_more_spread_puts_the_reliable_one_later_and_leaves_the_mean() -> None:
    calm, wild = (break_even(curve(20, spread=s), llm(0.7), n_pool=10**6, random_llm=False) for s in (0.01, 0.04))
    assert calm.mean == pytest.approx(wild.mean, rel=0.02)
    assert calm.reliable is not None and wild.reliable is not None and wild.reliable > 1.5 * calm.reliable


def test_a_small_pool_hides_luck_and_is_charged_for_it() -> None:
    large, small = (break_even(curve(20), llm(0.7), n_pool=pool, random_llm=False) for pool in (10**6, 400))
    assert large.mean == small.mean
    assert large.reliable is not None and small.reliable is not None and small.reliable > 1.05 * large.reliable


def test_not_reached_is_null_with_the_reason() -> None:
    found = break_even(curve(20), llm(0.95), n_pool=1000, random_llm=False)
    assert found.mean is None and found.mean_ci95 is None and found.reliable is None
    assert found.reason is not None and "not reached by 256 labels" in found.reason


def test_matched_from_the_start_is_null_and_says_at_or_below() -> None:
    found = break_even(curve(20, spread=0.005), llm(0.4), n_pool=1000, random_llm=False)
    assert (found.mean, found.reliable) == (None, None)
    assert found.reason is not None and "at or below 8 labels" in found.reason


def test_few_seeds_have_a_mean_and_no_reliable_one() -> None:
    found = break_even(curve(5), llm(0.725), n_pool=1000, random_llm=False)
    assert found.mean is not None and found.mean_ci95 is not None
    assert (found.reliable, found.reliable_ci95) == (None, None)
    assert found.reason == "reliable: at most 5 seeds a count, 10 are needed"


def test_one_seed_has_no_interval() -> None:
    found = break_even(curve(1), llm(0.725), n_pool=1000, random_llm=False)
    assert found.mean is not None and found.mean_ci95 is None
    assert found.reason is not None and "one seed" in found.reason


def test_one_count_crosses_nothing() -> None:
    found = break_even(curve(20, counts=(32,)), llm(0.6), n_pool=1000, random_llm=False)
    assert found.mean is None and found.reason is not None and "one label count" in found.reason


def test_the_whole_pool_ends_the_mean_curve_and_not_the_reliable_one() -> None:
    runs = curve(20) | {512: curve(1, counts=(512,))[512]}
    found = break_even(runs, llm(0.875), n_pool=512, random_llm=False)
    assert found.mean is not None and 256 < found.mean < 512 and found.mean_ci95 is not None
    assert found.reliable is None and found.reason is not None
    assert "not reached by 256 labels, the largest count tried with 10 seeds or more" in found.reason
    only = break_even({512: runs[512]}, llm(0.8), n_pool=512, random_llm=False)
    assert only.reason is not None and "nothing to redraw" in only.reason


def test_an_open_end_stands_at_the_edge_and_says_so() -> None:
    found = break_even(curve(20, n=60), llm(0.84, n=60), n_pool=1000, random_llm=False)
    assert found.mean is not None and found.mean_ci95 is not None
    assert found.mean_ci95[1] == 256 and found.reason is not None and "above 256 labels" in found.reason


def test_the_curve_counts_from_where_it_stays_above() -> None:
    shaky = curve(20, spread=0.005)
    shaky[16], shaky[64] = shaky[64], shaky[16]
    found = break_even(shaky, llm(0.71), n_pool=1000, random_llm=False)
    assert found.mean is not None and 64 < found.mean < 128


def test_the_noise_of_the_llm_arm_widens_the_interval() -> None:
    steady = llm(0.725)
    draws = np.stack([llm(score)[:, 0] for score in (0.68, 0.725, 0.77)], axis=1)
    alone, noisy = (
        break_even(curve(20), steady, n_pool=1000, random_llm=False),
        break_even(curve(20), draws, n_pool=1000),
    )
    assert alone.mean_ci95 is not None and noisy.mean_ci95 is not None
    assert noisy.mean_ci95[1] / noisy.mean_ci95[0] > alone.mean_ci95[1] / alone.mean_ci95[0]


def test_macro_f1_has_a_break_even_too() -> None:
    draw = np.random.default_rng(4)
    gold = draw.integers(0, 3, 600)

    def answers(score: float, k: int) -> np.ndarray:
        wrong = (gold[:, None] + draw.integers(1, 3, (600, k))) % 3
        return np.where(draw.random((600, k)) < score, gold[:, None], wrong)

    def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
        hits = np.bincount(truth[truth == said], minlength=3)
        return float(np.mean(2 * hits / (np.bincount(truth, minlength=3) + np.bincount(said, minlength=3))))

    found = break_even_statistic(
        gold,
        {count: answers(rises(count), 10) for count in COUNTS},
        answers(0.725, 1),
        statistic=macro_f1,
        leave_one_out=macro_f1_left_out,
        n_pool=10_000,
        random_llm=False,
    )
    assert found.mean_ci95 is not None and found.mean_ci95[0] < 45 < found.mean_ci95[1]
    assert found.reliable is not None and found.mean is not None and found.reliable > found.mean


@pytest.mark.parametrize(("counts", "pool"), [((), 10), ((8, 16), 12), ((0, 8), 100)])
def test_refuses_counts_that_cannot_be(counts: tuple[int, ...], pool: int) -> None:
    with pytest.raises(ValueError, match="label counts"):
        break_even({count: np.ones((20, 2)) for count in counts}, np.ones((20, 1)), n_pool=pool)
