"""What statistics are given of an arm: row means, sums and left-out values, of any direction and range."""

from __future__ import annotations

import math

import numpy as np
import pytest

from measured_arms import answered_each
from toy_metrics import AbsoluteError, Chrf, EntityF1, Graded, Pearson, SquaredError
from tuningfork.metrics.measures import RowMeans, Sums
from tuningfork.metrics.metric import Metric
from tuningfork.stats.calls import make_call, must_choose, rows_needed, seeds_needed
from tuningfork.stats.crossed import compare, interval
from tuningfork.stats.measured import Scale, row_values

GOLD = np.random.default_rng(0).standard_normal(80)


def runs(k: int, error: float = 0.5, seed: int = 1) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    return [GOLD + error * draw.standard_normal(80) for _ in range(k)]


def test_an_error_is_measured_with_its_sign_turned() -> None:
    near, far = (answered_each(AbsoluteError(), GOLD, runs(3, error)) for error in (0.3, 0.9))
    assert near.theta == pytest.approx([-np.abs(run - GOLD).mean() for run in runs(3, 0.3)])
    assert (near.scale.least, near.scale.greatest) == (-math.inf, 0.0) and near.decomposable
    found = compare(far, near)
    assert found.is_better and found.difference > 0.3
    assert AbsoluteError().score(GOLD, runs(1, 0.3)[0]) == pytest.approx(-near.theta[0], rel=0.2)


def test_pseudo_values_turn_with_the_score_that_they_are_of() -> None:
    found = answered_each(SquaredError(), GOLD, runs(2))
    assert found.per_row.mean(axis=0) == pytest.approx(found.theta)
    assert (found.theta < 0).all() and not found.decomposable


@pytest.mark.parametrize(
    ("metric", "limit"), [(Graded(), 1.0), (Chrf(), 100.0), (Pearson(), 2.0), (AbsoluteError(), math.inf)]
)
def test_differences_end_where_the_range_of_the_metric_ends(metric: Metric, limit: float) -> None:
    assert answered_each(metric, GOLD, [np.clip(GOLD, 0, 1)]).scale.width == limit
    lone = answered_each(metric, np.zeros(1), [np.ones(1)])
    found = compare(lone, lone)
    assert (found.ci95, found.same_within, found.p_value) == ((-limit, limit), limit, None)
    assert found.cautions[0] == "one_row" and found.limit == limit


def test_of_an_unlimited_score_without_any_difference_nothing_can_be_said() -> None:
    same = answered_each(AbsoluteError(), GOLD, runs(1), random=False)
    found = compare(same, same)
    assert (found.difference, found.p_value, found.ci95) == (0.0, None, (-math.inf, math.inf))
    assert found.cautions == ("no_scale",) and not found.is_better
    assert make_call(found, margin=0.1, cheaper="a") == "undecided"
    assert must_choose(found, "a").worst_loss == math.inf and must_choose(found, "a").expected_loss is None


def test_within_a_range_no_difference_leaves_the_interval_open() -> None:
    values = np.random.default_rng(0).random(50)
    of_fractions = compare(*(row_values(values, random=False) for _ in "ab"))
    hundredfold = compare(*(row_values(100 * values, scale=Scale(greatest=100.0), random=False) for _ in "ab"))
    assert of_fractions.ci95 == pytest.approx((-0.0547, 0.0547), abs=1e-4)
    assert hundredfold.ci95 == pytest.approx((-5.47, 5.47), abs=1e-2)
    assert of_fractions.p_value == hundredfold.p_value == 1.0


@pytest.mark.parametrize("broken", ["nowhere", "in one run", "without a row"])
def test_a_score_that_is_not_defined_is_no_number(broken: str) -> None:
    gold = np.zeros(40)
    gold[0] = 2.0
    answers = [np.column_stack([gold / 2, gold / 2]) for _ in range(3)]
    if broken == "nowhere":
        gold = np.ones(40)
    if broken == "in one run":
        gold, answers = np.ones(40), [np.ones((40, 2)), np.ones((40, 2)), np.full((40, 2), np.nan)]
    arm = answered_each(EntityF1(), gold, answers, redrawn=True)
    found, own = compare(arm, arm), interval(arm)
    if broken == "nowhere":
        assert found.p_value == 1.0 and own.ci95 is not None
        return
    assert (found.p_value, found.ci95, own.ci95) == (None, (-1.0, 1.0), None)
    assert found.cautions[0] == own.cautions[0] == "score_undefined" and not found.is_better
    # Entities in one row alone: the score is defined, and without that row it is not.
    assert (own.score is None) == (broken == "in one run")


class NotStudied(SquaredError):
    simulated = False


def test_what_was_not_simulated_decides_nothing_and_says_so() -> None:
    a, b = (answered_each(NotStudied(), GOLD, runs(5, error, seed)) for error, seed in ((1.5, 1), (0.2, 2)))
    found, studied = compare(a, b), compare(*(answered_each(SquaredError(), GOLD, runs(5, e)) for e in (1.5, 0.2)))
    assert studied.is_better and "not_simulated" not in studied.cautions
    assert found.cautions[0] == "not_simulated" and not found.winner_allowed
    assert make_call(found, margin=10.0, cheaper="b") == "undecided"
    # Neither rows nor seeds would help.
    assert rows_needed(found, 0.01) is None and seeds_needed(found, 0.01, (5, 5)) is None
    assert interval(a).cautions == ("not_simulated",)


def test_means_over_rows_need_no_simulation_of_their_own() -> None:
    assert not AbsoluteError.simulated and answered_each(AbsoluteError(), GOLD, runs(1)).simulated


def test_arms_of_unlike_rows_units_or_scores_are_not_compared() -> None:
    one = answered_each(Pearson(), GOLD, runs(2))
    for other, problem in (
        (answered_each(Pearson(), GOLD[:40], [run[:40] for run in runs(2)]), "same rows"),
        (answered_each(Pearson(), GOLD, runs(2), units=[row // 2 for row in range(80)]), "same units"),
        (answered_each(SquaredError(), GOLD, runs(2)), "one score"),
    ):
        with pytest.raises(ValueError, match=problem):
            compare(one, other)


def test_refuses_what_cannot_be_a_measure_of_these_rows() -> None:
    with pytest.raises(ValueError, match="one value a row"):
        answered_each(_Fixed(RowMeans(np.ones(7))), GOLD, [GOLD])
    with pytest.raises(ValueError, match="from 0 to 1"):
        answered_each(Graded(), GOLD, [np.full(80, 1.5)])
    with pytest.raises(ValueError, match="column a run"):
        row_values(np.ones((5, 0)))


class _Fixed(Graded):
    def __init__(self, found: RowMeans | Sums) -> None:
        self.found = found

    def measure(self, gold: object, answers: object) -> RowMeans | Sums:
        return self.found


def test_an_own_interval_stays_within_the_range() -> None:
    near = interval(answered_each(Pearson(), GOLD, [GOLD + 0.01 * run for run in runs(3)]))
    assert near.ci95 is not None and 0.99 < near.ci95[0] < near.ci95[1] <= 1.0
    error = interval(answered_each(AbsoluteError(), GOLD, runs(3)))
    assert error.ci95 is not None and error.ci95[0] < error.score < error.ci95[1] <= 0.0


def test_an_own_interval_without_spread_or_limit_is_none() -> None:
    found = interval(answered_each(AbsoluteError(), np.zeros(30), [np.ones(30)], random=False))
    assert (found.score, found.ci95, found.cautions) == (-1.0, None, ("no_scale",))
