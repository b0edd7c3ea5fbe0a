"""Two samples compared: both statistics against oracles, p-values against enumeration, and what must not fool them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from tuningfork.stats.two_sample import compare_samples, held_out_auc, mmd, random_divisions


def rows(count: int, dimensions: int, seed: int, shift: float = 0.0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return (draw.standard_normal((count, dimensions)) + shift).astype(np.float32)


def division(*after: int, rows: int) -> np.ndarray:
    line = np.zeros((1, rows), dtype=np.float32)
    line[0, list(after)] = 1.0
    return line


def mmd_by_hand(before: np.ndarray, after: np.ndarray) -> float:
    """The unbiased estimate with loops over pairs, as it is defined."""
    pooled = np.concatenate([before, after]).astype(np.float64)
    distances = [np.sum((a - b) ** 2) for a, b in combinations(pooled, 2)]
    width = np.median([d for d in distances if d > 0])

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-np.sum((a.astype(np.float64) - b) ** 2) / (2 * width)))

    within = [np.mean([kernel(a, b) for a, b in combinations(sample, 2)]) for sample in (before, after)]
    between = np.mean([kernel(a, b) for a in before for b in after])
    return float(within[0] + within[1] - 2 * between)


@pytest.mark.parametrize(("n", "m"), [(12, 12), (7, 20), (15, 3)])
def test_mmd_is_the_sum_over_pairs(n: int, m: int) -> None:
    before, after = rows(n, 4, 1), rows(m, 4, 2, shift=0.5)
    found = mmd(np.concatenate([before, after]))(division(*range(n, n + m), rows=n + m))
    assert found[0] == pytest.approx(mmd_by_hand(before, after), abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(12, 12), (7, 20), (30, 4)])
def test_auc_is_that_of_a_classifier_refitted_without_each_row(n: int, m: int) -> None:
    pooled = np.concatenate([rows(n, 5, 3), rows(m, 5, 4, shift=0.7)])
    after = np.repeat([0.0, 1.0], [n, m])
    # The penalty and the origin come from all rows, for neither knows the division.
    centred = pooled.astype(np.float64) - pooled.mean(axis=0)
    penalty = np.trace(centred.T @ centred) / 5
    ones = np.concatenate([centred, np.full((n + m, 1), 1e6)], axis=1)  # an intercept that is hardly penalised
    scores = []
    for row in range(n + m):
        kept = np.arange(n + m) != row
        fitted = Ridge(alpha=penalty, fit_intercept=False).fit(ones[kept], after[kept])
        scores.append(fitted.predict(ones[row : row + 1])[0])
    found = held_out_auc(pooled)(after[None].astype(np.float32))
    assert found[0] == pytest.approx(roc_auc_score(after, scores), abs=1e-6)


def test_p_values_are_those_of_all_divisions() -> None:
    before, after = rows(5, 2, 5), rows(4, 2, 6, shift=1.0)
    comparison = compare_samples(before, after, permutations=9999)
    every = np.concatenate([division(*chosen, rows=9) for chosen in combinations(range(9), 4)])
    values = comparison.values(every)
    exact = (values >= comparison.observed - 1e-7).mean(axis=1)
    assert comparison.p_values == pytest.approx(tuple(exact), abs=0.02)


@given(seed=st.integers(0, 10_000), n=st.integers(4, 25), m=st.integers(4, 25), shift=st.sampled_from([0.0, 0.4, 1.5]))
@settings(max_examples=60, deadline=None)
def test_the_tests_together_cost_at_most_bonferroni(seed: int, n: int, m: int, shift: float) -> None:
    comparison = compare_samples(rows(n, 3, seed), rows(m, 3, seed + 1, shift), permutations=99, seed=seed)
    best = min(comparison.p_values)
    assert best - 1e-9 <= comparison.p_value <= min(1.0, 2 * best) + 1e-9
    assert comparison.p_value >= 0.01 - 1e-9


@pytest.mark.parametrize(("n", "m", "kinds"), [(25, 25, None), (40, 12, None), (30, 30, 4), (50, 20, 2)])
def test_alarms_without_a_shift_stay_below_alpha(n: int, m: int, kinds: int | None) -> None:
    """Continuous rows, and rows of which there are only a few different ones."""
    draw = np.random.default_rng(7)
    p_values = []
    for seed in range(400):
        pooled = (
            rows(n + m, 6, 1000 + seed)
            if kinds is None
            else np.eye(6, dtype=np.float32)[draw.integers(0, kinds, n + m)]
        )
        comparison = compare_samples(pooled[:n], pooled[n:], permutations=99, seed=seed)
        p_values.append((*comparison.p_values, comparison.p_value))
    for alpha in (0.05, 0.2):
        alarms = (np.array(p_values) <= alpha).mean(axis=0)
        assert (alarms <= alpha + 2.6 * np.sqrt(alpha * (1 - alpha) / 400)).all()


def test_order_of_rows_that_tie_says_nothing() -> None:
    """Rows that are all alike are no evidence, however the two samples are written one after the other."""
    same = np.full((40, 8), 0.3, dtype=np.float32)
    comparison = compare_samples(same, same[:25])
    assert comparison.p_values == (1.0, 1.0)
    assert comparison.p_value == 1.0
    assert compare_samples(np.zeros((30, 4), np.float32), np.zeros((30, 4), np.float32)).p_value == 1.0


def test_a_file_against_itself_is_no_shift() -> None:
    sample = rows(60, 5, 8)
    assert compare_samples(sample, sample).p_value > 0.5


@pytest.mark.parametrize("change", ["mean", "spread"])
def test_a_clear_shift_is_seen_by_the_test_that_can(change: str) -> None:
    """A classifier that draws a line cannot see a spread; the kernel can. Together they see both."""
    before = rows(150, 6, 9)
    after = rows(150, 6, 10, shift=0.5) if change == "mean" else 3 * rows(150, 6, 10)
    comparison = compare_samples(before, after)
    assert comparison.p_value <= 0.002
    assert comparison.p_values[0] <= 0.002
    assert (comparison.p_values[1] <= 0.01) == (change == "mean")


def test_more_dimensions_than_rows() -> None:
    comparison = compare_samples(rows(20, 300, 11), rows(20, 300, 12, shift=0.4))
    assert comparison.p_value == 0.001


def test_the_same_seed_gives_the_same_p_value_and_another_nearly_so() -> None:
    before, after = rows(80, 4, 13), rows(60, 4, 14, shift=0.15)
    first, again, other = (compare_samples(before, after, seed=seed).p_value for seed in (0, 0, 1))
    assert first == again
    assert other == pytest.approx(first, abs=0.06)


def test_random_divisions_choose_every_row_alike() -> None:
    divisions = random_divisions(6000, 9, 3, seed=4)
    assert (divisions.sum(axis=1) == 3).all()
    assert divisions.mean(axis=0) == pytest.approx(np.full(9, 1 / 3), abs=0.025)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (np.zeros((1, 3)), np.zeros((5, 3))),
        (np.zeros((5, 3)), np.zeros((5, 4))),
        (np.zeros(5), np.zeros(5)),
        (np.zeros((5, 3)), np.full((5, 3), np.nan)),
    ],
)
def test_what_cannot_be_compared_is_refused(before: np.ndarray, after: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"vectors"):
        compare_samples(before.astype(np.float32), after.astype(np.float32))
