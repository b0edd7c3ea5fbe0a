"""Choosing within a side: the order, who is not told apart, who beats the choice, and whether it held."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from measured_arms import (
    MACRO_F1,
    answered,
    compare_answers,
    compare_rows,
    interval_of_answers,
    interval_of_rows,
    rank_of,
)
from tuningfork.stats.crossed import ScoreInterval
from tuningfork.stats.measured import row_values
from tuningfork.stats.ranking import beaten_by, validation_gap

rank_rows = partial(rank_of, row_values)


def runs(n: int, accuracies: list[float], seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return (draw.random((n, len(accuracies))) < np.array(accuracies)).astype(float)


def arm(values: Any, samples: tuple[int, ...] | None = None) -> tuple[np.ndarray, tuple[int, ...] | None]:
    return np.asarray(values), samples


def right_on(n: int, rows: int) -> np.ndarray:
    return (np.arange(n) < rows).astype(float)[:, None]


def test_orders_by_the_mean_and_says_who_is_near() -> None:
    arms = {
        "far": arm(right_on(400, 200)),
        "near": arm(right_on(400, 359)),
        "best": arm(right_on(400, 360)),
    }
    found = rank_rows(arms)
    assert [one.arm for one in found.standings] == ["best", "near", "far"]
    assert (found.first, found.not_told_apart) == ("best", ("near",))
    best, near, far = found.standings
    assert (best.score, best.behind, best.standard_error, best.told_apart) == (0.9, 0.0, None, False)
    assert near.behind == pytest.approx(0.0025) and far.behind == pytest.approx(0.4)
    assert (best.rows, best.runs) == (400, 1)


@pytest.mark.parametrize(("more", "apart"), [(11, False), (12, True)])
def test_told_apart_from_one_paired_standard_error_on(more: int, apart: bool) -> None:
    """Right on 70 rows that the other is wrong on, wrong on 70 less `more`: one error is 11.4 rows."""
    first, other = np.zeros((1000, 1)), np.zeros((1000, 1))
    first[:70] = 1
    other[70 : 140 - more] = 1
    found = rank_rows({"other": arm(other), "first": arm(first)})
    behind, error = found.standings[1].behind, found.standings[1].standard_error
    assert behind == pytest.approx(more / 1000)
    assert error == pytest.approx(np.sqrt(140 - more) / 1000, rel=0.01)
    assert found.standings[1].told_apart == apart
    assert found.not_told_apart == (() if apart else ("other",))


def test_equal_arms_keep_the_order_given_and_are_not_told_apart() -> None:
    same = runs(100, [0.8])
    thirds = arm(np.concatenate([same, same, same], axis=1))
    found = rank_rows({"cheap": arm(same), "dear": thirds, "third": arm(same)})
    assert found.first == "cheap" and found.not_told_apart == ("dear", "third")


def test_runs_on_the_same_samples_pair() -> None:
    luck = np.array([0.0, 0.1, -0.1])
    a, b = runs(500, list(0.7 + luck), 1), runs(500, list(0.7 + luck), 2)
    paired, apart = (
        rank_rows({"a": arm(a, samples=(1, 2, 3)), "b": arm(b, samples=samples)}) for samples in ((1, 2, 3), (4, 5, 6))
    )
    errors = [found.standings[1].standard_error for found in (paired, apart)]
    assert errors[0] is not None and errors[1] is not None and errors[0] < errors[1] / 1.5


def test_nobody_gains_from_having_answered_easy_rows_only() -> None:
    """The short arm answered 100 easy rows, on which the long one was better still."""
    long = np.concatenate([right_on(100, 98), right_on(300, 210)])
    short = right_on(100, 93)
    found = rank_rows({"short": arm(short), "long": arm(long)})
    assert found.first == "long"
    assert found.standings[1].score == 0.93 and found.standings[0].score == 0.77
    assert found.standings[1].behind == pytest.approx(0.05) and found.standings[1].rows == 100


def test_repeated_rows_are_no_more_evidence() -> None:
    first, other = right_on(40, 34), right_on(40, 32)
    tenfold = {name: arm(np.tile(x, (10, 1))) for name, x in (("a", first), ("b", other))}
    by_unit = rank_rows(tenfold, units=list(range(40)) * 10)
    by_row = rank_rows(tenfold)
    assert by_unit.not_told_apart == ("b",) or by_unit.standings[1].standard_error > 0.03
    assert by_unit.standings[1].standard_error > 2.5 * by_row.standings[1].standard_error
    assert by_row.not_told_apart == ()


def test_macro_f1_ranks_by_the_statistic_and_its_jackknife() -> None:
    draw = np.random.default_rng(3)
    gold = draw.choice(3, size=300, p=[0.6, 0.3, 0.1])
    answers = {
        name: np.where(draw.random((300, 3)) < accuracy, gold[:, None], draw.integers(0, 3, (300, 3)))
        for name, accuracy in (("worse", 0.5), ("better", 0.8))
    }
    found = rank_of(partial(answered, MACRO_F1, gold), {name: arm(values) for name, values in answers.items()})
    pair = compare_answers(gold, answers["better"], answers["worse"])
    assert found.first == "better" and found.not_told_apart == ()
    assert found.standings[1].behind == pytest.approx(-pair.difference)
    assert found.standings[1].standard_error == pytest.approx(np.sqrt(pair.variance))


def test_rows_of_one_class_rank_nobody_by_macro_f1() -> None:
    gold = np.zeros(50, dtype=int)
    found = rank_of(partial(answered, MACRO_F1, gold), {name: arm(gold) for name in ("a", "b")})
    assert (found.first, found.not_told_apart) == (None, ())
    assert [(one.arm, one.score, one.behind) for one in found.standings] == [("a", None, None), ("b", None, None)]


def test_one_shared_row_tells_nobody_apart() -> None:
    found = rank_rows({"a": arm([[1.0]]), "b": arm([[0.0]])})
    assert found.first == "a" and found.not_told_apart == ("b",) and found.standings[1].standard_error is None


def test_an_arm_alone_is_first() -> None:
    found = rank_rows({"only": arm(right_on(20, 10))})
    assert found.first == "only" and found.not_told_apart == ()
    assert rank_rows({}).first is None


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (arm(np.ones((0, 1))), "a row a row"),
        (arm(np.ones((5, 2)), samples=(1,)), "2 runs and 1 samples"),
    ],
)
def test_refuses_runs_that_do_not_fit(given: tuple[np.ndarray, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        rank_rows({"a": given, "b": arm(np.ones((5, 2)))})


def test_another_arm_that_beats_the_choice_is_named_after_holm() -> None:
    chosen = right_on(500, 350)
    others = {"same": right_on(500, 352), "much": right_on(500, 400), "more": right_on(500, 420)}
    compared = {name: compare_rows(chosen, scores, random_a=False, random_b=False) for name, scores in others.items()}
    assert beaten_by(compared) == ("more", "much")
    assert beaten_by({}) == ()
    behind = compare_rows(others["more"], chosen, random_a=False, random_b=False)
    assert beaten_by({"behind": behind}) == ()
    # One of twenty at p = .02 is what luck gives.
    just = compare_rows(right_on(500, 350), right_on(500, 360), random_a=False, random_b=False)
    assert just.is_better and beaten_by({"just": just}) == ("just",)
    level = compare_rows(chosen, chosen, random_a=False, random_b=False)
    assert beaten_by({"just": just} | {f"level {i}": level for i in range(60)}) == ()


def interval(n: int, right: int) -> ScoreInterval:
    return interval_of_rows(right_on(n, right), random=False)


def test_a_score_that_does_not_hold_on_evaluation_rows_is_seen() -> None:
    found = validation_gap(interval(200, 190), interval(500, 410))
    assert found is not None and found.differs
    expected = np.sqrt(192 / 204 * 12 / 204 / 204 + 412 / 504 * 92 / 504 / 504)
    assert found.difference == pytest.approx(0.13) and found.standard_error == pytest.approx(expected)
    assert found.z == pytest.approx(0.13 / expected)
    lower = validation_gap(interval(200, 150), interval(500, 460))
    assert lower is not None and lower.differs and lower.z < 0
    near = validation_gap(interval(200, 170), interval(500, 410))
    assert near is not None and not near.differs


def test_luck_of_the_runs_is_on_both_sides_and_hides_nothing() -> None:
    """Runs spread by ten points, and each scores five points lower on evaluation rows."""
    accuracies = [0.6, 0.7, 0.8, 0.9, 0.75]
    validation = interval_of_rows(runs(1000, [a + 0.05 for a in accuracies], 1))
    evaluation = interval_of_rows(runs(2000, accuracies, 2))
    found = validation_gap(validation, evaluation)
    assert found is not None and found.differs
    assert validation.variance is not None and evaluation.variance is not None
    assert abs(found.difference) < np.sqrt(validation.variance + evaluation.variance)


def test_nothing_is_said_of_a_single_row_or_one_class() -> None:
    known = interval(200, 150)
    assert validation_gap(interval_of_rows([[1.0]]), known) is None
    gold = np.zeros(30, dtype=int)
    assert validation_gap(known, interval_of_answers(gold, gold)) is None
