"""Simulated guarantees of comparisons and calls: coverage, false winners, false sameness, losses, power.

Rows are easy or hard for both arms alike, arms and runs differ beyond that, and a run's true accuracy is drawn anew
for every seed: the target is the difference over rows and training runs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.stats import norm

from measured_arms import compare_answers, compare_rows, interval_of_rows
from tuningfork.stats.calls import make_call, must_choose, rows_needed, smallest_difference, smallest_margin
from tuningfork.stats.crossed import PairedDifference

pytestmark = pytest.mark.slow

REPEATS = 1000


def at_least(share: float, repeats: int = REPEATS) -> float:
    """The lowest share that Monte-Carlo error leaves likely (one in 200)."""
    return share - 2.6 * np.sqrt(share * (1 - share) / repeats)


def at_most(share: float, repeats: int = REPEATS) -> float:
    return share + 2.6 * np.sqrt(share * (1 - share) / repeats)


def arm(draw: np.random.Generator, rows: np.ndarray, accuracy: float, spread: float, k: int) -> np.ndarray:
    """Row scores, shape (n, k), of k runs whose true accuracies have that mean and spread."""
    bound = norm.ppf(np.clip(accuracy + spread * draw.standard_normal(k), 0.001, 0.999))
    own = np.sqrt(0.2) * draw.standard_normal(len(rows)) + np.sqrt(0.5) * rows
    return (own[:, None] + np.sqrt(0.3) * draw.standard_normal((len(rows), k)) < bound).astype(float)


def comparisons(
    n: int, accuracy: float, difference: float, spread: tuple[float, float], k: tuple[int, int], repeats: int = REPEATS
) -> Iterator[PairedDifference]:
    draw = np.random.default_rng(hash((n, accuracy, difference, spread, k)) % 2**32)
    for _ in range(repeats):
        rows = draw.standard_normal(n)
        a = arm(draw, rows, accuracy - difference / 2, spread[0], k[0])
        b = arm(draw, rows, accuracy + difference / 2, spread[1], k[1])
        yield compare_rows(a, b, random_a=k[0] > 1, random_b=k[1] > 1)


SETTINGS = [
    (60, 0.65, (0.0, 0.03), (1, 5)),
    (60, 0.80, (0.02, 0.02), (5, 5)),
    (150, 0.80, (0.0, 0.03), (1, 5)),
    (150, 0.90, (0.01, 0.02), (5, 5)),
    (400, 0.65, (0.0, 0.03), (1, 5)),
    (400, 0.80, (0.03, 0.03), (5, 5)),
    (400, 0.90, (0.0, 0.03), (1, 5)),
    (400, 0.90, (0.0, 0.0), (5, 5)),
    (400, 0.97, (0.0, 0.01), (1, 5)),
]


@pytest.mark.parametrize(("n", "accuracy", "spread", "k"), SETTINGS)
def test_intervals_cover_and_no_difference_names_no_winner(
    n: int, accuracy: float, spread: tuple[float, float], k: tuple[int, int]
) -> None:
    found = list(comparisons(n, accuracy, 0.0, spread, k))
    covered = np.mean([d.ci95[0] <= 0 <= d.ci95[1] for d in found])
    assert covered >= at_least(0.93)
    assert np.mean([d.is_better for d in found]) <= at_most(0.05)
    if np.mean([d.discordant for d in found]) >= 20:
        assert covered <= at_most(0.97)


@pytest.mark.parametrize(("n", "accuracy", "spread", "k"), SETTINGS[::2])
def test_intervals_cover_a_difference_of_four_points(
    n: int, accuracy: float, spread: tuple[float, float], k: tuple[int, int]
) -> None:
    difference = 0.04 if accuracy < 0.95 else 0.02
    found = list(comparisons(n, accuracy, difference, spread, k))
    assert np.mean([d.ci95[0] <= difference <= d.ci95[1] for d in found]) >= at_least(0.93)


@pytest.mark.parametrize("n", [60, 150, 400])
@pytest.mark.parametrize(("spread", "k"), [((0.0, 0.03), (1, 3)), ((0.02, 0.02), (3, 3))])
def test_three_seeds_cover_ninety_two(n: int, spread: tuple[float, float], k: tuple[int, int]) -> None:
    found = list(comparisons(n, 0.85, 0.0, spread, k))
    assert np.mean([d.ci95[0] <= 0 <= d.ci95[1] for d in found]) >= at_least(0.92)
    assert np.mean([d.is_better for d in found]) <= at_most(0.06)


@pytest.mark.parametrize(("spread", "k"), [((0.0, 0.0), (1, 1)), ((0.0, 0.01), (1, 5))])
def test_a_margin_apart_is_not_called_the_same(spread: tuple[float, float], k: tuple[int, int]) -> None:
    calls = [make_call(d, margin=0.05, cheaper="a") for d in comparisons(600, 0.85, 0.05, spread, k)]
    assert np.mean([call in ("same", "cheaper_will_do") for call in calls]) <= at_most(0.05)
    assert np.mean([call == "better" for call in calls]) > 0.5


def test_the_worst_loss_holds_in_ninety_five_percent_of_undecided_cases() -> None:
    held, lost, expected = [], [], []
    for difference in (0.0, 0.01, 0.02, 0.03, 0.04):
        for d in comparisons(250, 0.85, difference, (0.0, 0.02), (1, 5), 600):
            if make_call(d, margin=0.03, cheaper="a") == "undecided":
                choice = must_choose(d, "a")
                loss = difference if choice.arm == "a" else 0.0
                held.append(loss <= choice.worst_loss)
                lost.append(loss)
                expected.append(choice.expected_loss)
    assert len(held) > 1000
    assert np.mean(held) >= at_least(0.95, len(held))
    assert np.mean(lost) <= np.mean(expected) * 1.5


def test_smallest_difference_is_found_four_times_in_five() -> None:
    # Two fixed arms that disagree on 12 % of 300 rows, 5.6 points apart.
    n, disagreement = 300, 0.12
    apart = smallest_difference(n, disagreement)
    share = winners(n, disagreement, apart)
    assert 0.75 < share < 0.85
    assert winners(n, disagreement, 0.0) <= at_most(0.05)


def winners(n: int, disagreement: float, apart: float) -> float:
    draw = np.random.default_rng(7)
    only_b, only_a = (disagreement + apart) / 2, (disagreement - apart) / 2
    wins = 0
    for _ in range(REPEATS):
        d = draw.choice([1.0, -1.0, 0.0], size=n, p=[only_b, only_a, 1 - disagreement])
        wins += compare_rows((d < 0)[:, None], (d > 0)[:, None], random_a=False, random_b=False).is_better
    return wins / REPEATS


@pytest.mark.parametrize("disagreement", [0.1, 0.2])
def test_smallest_margin_shows_equal_arms_the_same_four_times_in_five(disagreement: float) -> None:
    draw = np.random.default_rng(8)
    n = 400
    margin = smallest_margin(n, disagreement)
    half = disagreement / 2
    same = 0
    for _ in range(REPEATS):
        d = draw.choice([1.0, -1.0, 0.0], size=n, p=[half, half, 1 - disagreement])
        found = compare_rows((d < 0)[:, None], (d > 0)[:, None], random_a=False, random_b=False)
        same += make_call(found, margin=margin, cheaper=None) == "same"
    assert 0.74 < same / REPEATS < 0.86


def test_rows_needed_settle_four_times_in_five() -> None:
    # A pilot of 150 rows says how many are needed; that many rows are then drawn.
    margin, asked = 0.04, []
    for pilot in comparisons(150, 0.85, 0.0, (0.0, 0.005), (1, 5), 40):
        needed = rows_needed(pilot, margin)
        if make_call(pilot, margin=margin, cheaper=None) == "undecided" and needed is not None:
            asked.append(needed)
    n = int(np.median(asked))
    enough = comparisons(n, 0.85, 0.0, (0.0, 0.005), (1, 5), 300)
    settled = [make_call(d, margin=margin, cheaper=None) != "undecided" for d in enough]
    assert np.mean(settled) > 0.7


@pytest.mark.parametrize(("n", "accuracy"), [(60, 0.7), (60, 0.95), (200, 0.9), (400, 0.8)])
@pytest.mark.parametrize(("spread", "k"), [(0.0, 1), (0.02, 5)])
def test_an_arms_own_interval_covers(n: int, accuracy: float, spread: float, k: int) -> None:
    draw = np.random.default_rng(n)
    covered = 0
    for _ in range(REPEATS):
        low, high = interval_of_rows(arm(draw, draw.standard_normal(n), accuracy, spread, k), random=k > 1).ci95 or (
            1,
            0,
        )
        covered += low <= accuracy <= high
    assert covered / REPEATS >= at_least(0.93)


@pytest.mark.parametrize(("n", "accuracy", "k"), [(80, 0.8, 5), (300, 0.8, 5), (300, 0.95, 3)])
def test_macro_f1_covers_with_rare_labels(n: int, accuracy: float, k: int) -> None:
    draw = np.random.default_rng(n)
    shares = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
    covered = won = 0
    repeats = 500
    for _ in range(repeats):
        gold, rows = draw.choice(6, size=n, p=shares), draw.standard_normal(n)
        a, b = (
            np.where(arm(draw, rows, accuracy, 0.01, k) > 0, gold[:, None], draw.choice(6, size=(n, k), p=shares))
            for _ in "ab"
        )
        d = compare_answers(gold, a, b)
        covered += d.ci95[0] <= 0 <= d.ci95[1]
        won += d.is_better
    assert covered / repeats >= at_least(0.93, repeats)
    assert won / repeats <= at_most(0.05, repeats)


def test_grouped_rows_cover_where_single_rows_would_not() -> None:
    draw = np.random.default_rng(11)
    groups = np.repeat(np.arange(40), 8)
    grouped = single = 0
    repeats = 500
    for _ in range(repeats):
        shared, own = draw.standard_normal(40)[groups], [draw.standard_normal(40)[groups] for _ in "ab"]
        a, b = (
            (0.6 * shared + 0.6 * mine + np.sqrt(0.28) * draw.standard_normal(320) < norm.ppf(0.8)).astype(float)
            for mine in own
        )
        for_groups = compare_rows(a, b, random_a=False, random_b=False, units=list(groups)).ci95
        for_rows = compare_rows(a, b, random_a=False, random_b=False).ci95
        grouped += for_groups[0] <= 0 <= for_groups[1]
        single += for_rows[0] <= 0 <= for_rows[1]
    assert grouped / repeats >= at_least(0.93, repeats)
    assert single / repeats < 0.85
