"""Break-even labels on planted curves, and a reason wherever there is no number."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import stats

from measured_arms import MACRO_F1, answered, break_even_of, compare_rows
from tuningfork.stats.break_even import BreakEvenResult
from tuningfork.stats.measured import Scale, row_values

by_rows = partial(break_even_of, row_values)
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
    found = by_rows(curve(20), llm(0.725), n_pool=100_000, random_llm=False)
    assert found.mean == pytest.approx(32 * 2**0.5, rel=0.03)
    assert found.mean_ci95 is not None and found.mean_ci95[0] < found.mean < found.mean_ci95[1]
    assert found.reliable is not None and found.reliable > found.mean
    assert found.reliable_ci95 is not None and found.reliable_ci95[0] < found.reliable < found.reliable_ci95[1]
    assert (found.extrapolated, found.reason) == (False, None)


def test_more_spread_puts_the_reliable_one_later_and_leaves_the_mean() -> None:
    calm, wild = (by_rows(curve(20, spread=s), llm(0.7), n_pool=10**6, random_llm=False) for s in (0.01, 0.04))
    assert calm.mean == pytest.approx(wild.mean, rel=0.02)
    assert calm.reliable is not None and wild.reliable is not None and wild.reliable > 1.5 * calm.reliable


def test_a_small_pool_hides_luck_and_is_charged_for_it() -> None:
    runs, prompt = curve(20, n=3000), llm(0.75, 3000)
    large, small = (by_rows(runs, prompt, n_pool=pool, random_llm=False) for pool in (10**6, 300))
    assert large.mean == small.mean
    assert large.reliable is not None and small.reliable is not None and small.reliable > 1.1 * large.reliable


@pytest.mark.parametrize(("k", "pool", "draws"), [(5, 10**6, 1), (5, 700, 3), (20, 700, 3)])
def test_the_reliable_rule_written_out(k: int, pool: int, draws: int) -> None:
    runs, prompts = curve(k, spread=0.01, n=900), np.repeat(llm(0.7, 900), draws, axis=1)
    prompts[:9, :1] = 1 - prompts[:9, :1]  # its draws differ a little
    found = by_rows(runs, prompts, n_pool=pool, random_llm=draws > 1)
    gaps = [compare_rows(prompts, runs[count], random_a=draws > 1) for count in COUNTS]
    shares = np.array(COUNTS) / pool
    bounds = []
    for place, gap in enumerate(gaps):
        near = range(max(0, place - 1), min(len(COUNTS), place + 2))
        df = (k - 1) * len(near)
        fresh = np.mean([k * gaps[i].seed_variances[1] / (1 - shares[i]) for i in near])
        share = shares[place]
        variance = fresh * (1 - share) * (1 + (1 + k * share / (1 - share)) / k)
        variance += gap.variance_rows + gap.seed_excess[0]
        bounds.append(gap.difference - stats.t.ppf(0.95, df) * np.sqrt(variance))
    place = max(i for i, bound in enumerate(bounds) if bound < 0)
    step = bounds[place] / (bounds[place] - bounds[place + 1])
    assert found.reliable == pytest.approx(COUNTS[place] * (COUNTS[place + 1] / COUNTS[place]) ** step)


def test_rows_and_not_only_seeds_hold_the_reliable_one_back() -> None:
    few, many = (by_rows(curve(20, n=n), llm(0.7, n), n_pool=10**6, random_llm=False) for n in (200, 5000))
    assert few.reliable is not None and many.reliable is not None and few.reliable > 1.3 * many.reliable


def test_behind_everywhere_is_above_the_largest_count() -> None:
    found = by_rows(curve(20), llm(0.95), n_pool=1000, random_llm=False)
    assert (found.mean, found.mean_bound, found.mean_bound_at) == (None, "above", 256)
    assert (found.reliable, found.reliable_bound, found.reliable_bound_at) == (None, "above", 256)
    # Behind beyond luck at 256 labels: surely above.
    assert found.mean_ci95 == (256, None)
    assert found.reason is not None and "not reached by 256 labels, the largest count tried" in found.reason


def test_a_bound_that_may_be_luck_carries_an_interval() -> None:
    """Behind by a little at the largest count: from a hundred labels or so on it may already match."""
    found = by_rows(curve(5, n=300), llm(0.86, 300), n_pool=10_000, random_llm=False)
    assert (found.mean_bound, found.mean_bound_at) == ("above", 256)
    assert found.mean_ci95 is not None and found.mean_ci95[1] is None
    assert found.mean_ci95[0] is not None and 64 < found.mean_ci95[0] < 256


def test_ahead_everywhere_is_at_or_below_the_smallest_count() -> None:
    found = by_rows(curve(20, spread=0.005), llm(0.4), n_pool=1000, random_llm=False)
    assert (found.mean, found.mean_bound, found.mean_bound_at) == (None, "at_or_below", 8)
    assert (found.reliable, found.reliable_bound, found.reliable_bound_at) == (None, "at_or_below", 8)
    assert found.mean_ci95 == (None, 8)
    assert found.reason is not None and "at or below 8 labels" in found.reason
    near = by_rows(curve(5, n=300), llm(0.59, 300), n_pool=10_000, random_llm=False)
    assert near.mean_bound == "at_or_below" and near.mean_ci95 is not None and near.mean_ci95[0] is None
    assert near.mean_ci95[1] is not None and 8 < near.mean_ci95[1] < 64


def test_a_curve_that_ends_behind_is_above_wherever_it_led_before() -> None:
    falling = {8: curve(5)[256], 64: curve(5)[64], 256: curve(5)[8]}
    found = by_rows(falling, llm(0.75), n_pool=1000, random_llm=False)
    assert (found.mean, found.mean_bound, found.mean_bound_at) == (None, "above", 256)


def test_five_seeds_have_a_reliable_one() -> None:
    found = by_rows(curve(5, n=2000), llm(0.725, 2000), n_pool=100_000, random_llm=False)
    assert found.mean is not None and found.reliable is not None and found.reliable > found.mean
    assert found.reliable_ci95 is not None and found.reason is None


@pytest.mark.parametrize(("k", "most"), [(4, "at most 4 seeds"), (1, "at most 1 seed")])
def test_fewer_seeds_have_a_mean_and_no_reliable_one(k: int, most: str) -> None:
    found = by_rows(curve(k), llm(0.725), n_pool=1000, random_llm=False)
    assert found.mean is not None
    assert (found.reliable, found.reliable_ci95, found.reliable_bound) == (None, None, None)
    assert found.reason is not None and f"reliable: {most} a count, 5 are needed" in found.reason


def test_what_the_mean_has_not_reached_is_reached_reliably_by_no_number_of_seeds() -> None:
    found = by_rows(curve(3), llm(0.95), n_pool=1000, random_llm=False)
    assert (found.reliable_bound, found.reliable_bound_at) == ("above", 256)
    assert found.reason is not None and "at most 3 seeds a count, 5 are needed" in found.reason


def test_few_degrees_of_freedom_have_no_reliable_one() -> None:
    """Five seeds at one count are four degrees of freedom; nine are eight, and so are five at two counts."""
    mixed = curve(3) | {64: curve(5)[64]}
    found = by_rows(mixed, llm(0.725), n_pool=10_000, random_llm=False)
    assert found.reliable is None and found.reliable_bound is None
    assert found.reason == "reliable: 5 seeds at one count only; 5 at a second count, or 9 at this one, are needed"
    for enough in (curve(3) | {64: curve(9)[64]}, curve(3) | {count: curve(5)[count] for count in (64, 128)}):
        assert by_rows(enough, llm(0.6), n_pool=10_000, random_llm=False).reliable_bound is not None


def test_the_reliable_one_never_comes_before_the_mean() -> None:
    """Many seeds at two counts of six, which alone would put it at or below 64 where the mean curve dips at 128."""
    dips = {count: curve(3, spread=0.005)[count] for count in COUNTS}
    dips[128] = curve(3, spread=0.005, shift=-0.2)[128]
    dips |= {count: curve(20, spread=0.005)[count] for count in (64, 256)}
    found = by_rows(dips, llm(0.68), n_pool=10_000, random_llm=False)
    assert found.mean is not None and 128 < found.mean < 256
    assert found.reliable is not None and found.reliable >= found.mean
    behind = dips | {512: curve(3, counts=(512,), shift=-0.3)[512]}
    assert by_rows(behind, llm(0.68), n_pool=10_000, random_llm=False).reliable_bound_at == 512


def test_equal_runs_are_one_seed_unless_they_were_redrawn() -> None:
    equal = {count: np.repeat(curve(1, n=2000)[count], 5, axis=1) for count in COUNTS}
    unknown = by_rows(equal, llm(0.725, 2000), n_pool=10_000, random_llm=False)
    assert unknown.mean is not None and unknown.mean_ci95 is None
    assert unknown.reason is not None and "at most 1 seed a count" in unknown.reason
    known = by_rows(equal, llm(0.725, 2000), n_pool=10_000, random_llm=False, redrawn=COUNTS)
    assert known.mean == unknown.mean and known.mean_ci95 is not None and known.reliable is not None


def test_one_seed_at_some_counts_leaves_what_the_others_show() -> None:
    """Nothing is known of the luck at the largest count, so the upper end is open and the lower one stands."""
    closed = by_rows(curve(5), llm(0.725), n_pool=10_000, random_llm=False)
    last = by_rows(curve(5) | {256: curve(1)[256]}, llm(0.725), n_pool=10_000, random_llm=False)
    assert closed.mean_ci95 is not None and last.mean_ci95 is not None and None not in closed.mean_ci95
    assert last.mean_ci95[0] == pytest.approx(closed.mean_ci95[0], rel=0.05) and last.mean_ci95[1] is None


def test_a_tie_at_the_smallest_count_is_no_lag() -> None:
    found = by_rows(curve(3), llm(0.6), n_pool=10_000, random_llm=False)
    assert (found.mean_bound, found.mean_bound_at) == ("at_or_below", 8)


def test_rows_of_one_class_have_no_break_even() -> None:
    gold = np.zeros(40, dtype=int)
    found = break_even_of(
        partial(answered, MACRO_F1, gold), {count: np.zeros((40, 5), dtype=int) for count in (8, 16)}, gold, n_pool=100
    )
    assert found == BreakEvenResult(
        mean=None,
        mean_ci95=None,
        reliable=None,
        reliable_ci95=None,
        reason="mean: the rows allow no score; reliable: the rows allow no interval",
    )


def test_rows_of_one_unit_have_a_point_and_leave_everything_open() -> None:
    found = by_rows(curve(5), llm(0.725), n_pool=1000, random_llm=False, units=["one"] * 500)
    assert found.mean is not None and found.mean_ci95 == (None, None)
    assert found.reliable is None and found.reason is not None and "the rows allow no interval" in found.reason


def test_one_seed_has_no_interval() -> None:
    found = by_rows(curve(1), llm(0.725), n_pool=1000, random_llm=False)
    assert found.mean is not None and found.mean_ci95 is None
    assert found.reason is not None and "one seed" in found.reason


@pytest.mark.parametrize(
    ("score", "bound", "ends", "says"),
    [
        (0.6, "at_or_below", (None, 32), "at or below 32 labels, the only count tried"),
        (0.8, "above", (32, None), "not reached by 32 labels, the only count tried"),
        (0.72, "above", (None, None), "not reached by 32 labels, the only count tried"),
    ],
)
def test_one_count_bounds_what_it_cannot_cross(score: float, bound: str, ends: tuple, says: str) -> None:
    found = by_rows(curve(20, counts=(32,)), llm(score), n_pool=1000, random_llm=False)
    assert (found.mean, found.mean_bound, found.mean_bound_at, found.mean_ci95) == (None, bound, 32, ends)
    assert found.reason is not None and says in found.reason


def test_one_run_at_one_count_bounds_without_an_interval() -> None:
    found = by_rows(curve(1, counts=(32,)), llm(0.6), n_pool=1000, random_llm=False)
    assert (found.mean_bound, found.mean_bound_at, found.mean_ci95) == ("at_or_below", 32, None)
    assert found.reason is not None and "and no interval, for one seed a count" in found.reason


def test_the_whole_pool_ends_the_mean_curve_and_not_the_reliable_one() -> None:
    runs = curve(20) | {512: curve(1, counts=(512,))[512]}
    found = by_rows(runs, llm(0.875), n_pool=512, random_llm=False)
    assert found.mean is not None and 256 < found.mean < 512 and found.mean_ci95 is not None
    assert found.reliable is None and found.reason is not None
    assert "not reached by 256 labels, the largest count tried with 5 seeds or more" in found.reason
    only = by_rows({512: runs[512]}, llm(0.8), n_pool=512, random_llm=False)
    assert (only.reliable, only.reliable_bound) == (None, None)
    assert only.reason is not None and "nothing to redraw" in only.reason


def test_an_open_end_is_none_and_says_so() -> None:
    found = by_rows(curve(20, n=60), llm(0.84, n=60), n_pool=1000, random_llm=False)
    assert found.mean is not None and found.mean_ci95 is not None
    assert (
        found.mean_ci95[1] is None
        and found.mean_bound is None
        and found.reason is not None
        and "above 256 labels" in found.reason
    )


def test_the_curve_counts_from_where_it_stays_above() -> None:
    shaky = curve(20, spread=0.005)
    shaky[16], shaky[64] = shaky[64], shaky[16]
    found = by_rows(shaky, llm(0.71), n_pool=1000, random_llm=False)
    assert found.mean is not None and 64 < found.mean < 128


def test_the_noise_of_the_llm_arm_widens_the_interval() -> None:
    steady = llm(0.725)
    draws = np.stack([llm(score)[:, 0] for score in (0.68, 0.725, 0.77)], axis=1)
    alone, noisy = (
        by_rows(curve(20), steady, n_pool=1000, random_llm=False),
        by_rows(curve(20), draws, n_pool=1000),
    )
    assert alone.mean_ci95 is not None and noisy.mean_ci95 is not None
    assert noisy.mean_ci95[1] / noisy.mean_ci95[0] > alone.mean_ci95[1] / alone.mean_ci95[0]


def test_macro_f1_has_a_break_even_too() -> None:
    draw = np.random.default_rng(4)
    gold = draw.integers(0, 3, 600)

    def answers(score: float, k: int) -> np.ndarray:
        wrong = (gold[:, None] + draw.integers(1, 3, (600, k))) % 3
        return np.where(draw.random((600, k)) < score, gold[:, None], wrong)

    found = break_even_of(
        partial(answered, MACRO_F1, gold),
        {count: answers(rises(count), 10) for count in COUNTS},
        answers(0.725, 1),
        n_pool=10_000,
        random_llm=False,
    )
    assert found.mean_ci95 is not None and found.mean_ci95[0] < 45 < found.mean_ci95[1]
    assert found.reliable is not None and found.mean is not None and found.reliable > found.mean


@pytest.mark.parametrize(("counts", "pool"), [((), 10), ((8, 16), 12), ((0, 8), 100)])
def test_refuses_counts_that_cannot_be(counts: tuple[int, ...], pool: int) -> None:
    with pytest.raises(ValueError, match="label counts"):
        by_rows({count: np.ones((20, 2)) for count in counts}, np.ones((20, 1)), n_pool=pool)


def test_an_error_without_limits_has_a_break_even_too() -> None:
    """Mean absolute errors that fall by a fifth a doubling; of one run a count nothing limits the lead."""
    draw = np.random.default_rng(7)
    hard = np.abs(draw.standard_normal((800, 1)))

    def errors(mean: float, k: int) -> np.ndarray:
        return -40 * mean * hard * np.exp(0.3 * draw.standard_normal((800, k)))

    of = partial(row_values, scale=Scale(least=-np.inf, greatest=0.0))
    runs = {count: errors((count / 32) ** -0.3, 5) for count in COUNTS}
    found = break_even_of(of, runs, errors(1.0, 1), n_pool=10_000, random_llm=False)
    assert found.mean == pytest.approx(32, rel=0.15) and found.reliable is not None
    assert found.mean_ci95 is not None and found.mean_ci95[0] < 32 < found.mean_ci95[1]
    once = {count: values if count in {16, 64} else values[:, :1] for count, values in runs.items()}
    open_end = break_even_of(of, once, errors(1.0, 1), n_pool=10_000, random_llm=False)
    assert open_end.mean is not None and open_end.mean_ci95 == (None, None)
    fewer = {count: values if count > 8 else values[:, :1] for count, values in runs.items()}
    known = break_even_of(of, fewer, errors(1.0, 1), n_pool=10_000, random_llm=False)
    assert known.mean_ci95 is not None and known.mean_ci95[1] == pytest.approx(found.mean_ci95[1], rel=0.1)
