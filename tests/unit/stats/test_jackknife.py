"""Pseudo-values against dropping rows or units one by one, with scikit-learn's macro-F1 as the score."""

from __future__ import annotations

import time
import warnings

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from measured_arms import MACRO_F1, AnyStatistic, answered, compare_answers
from tuningfork.metrics.category.macro_f1 import without_each_row
from tuningfork.metrics.measures import LeftOut
from tuningfork.stats.jackknife import pseudo_values


def macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(f1_score(gold, predicted, labels=np.unique(gold), average="macro", zero_division=0))


def labels(n: int, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    gold = draw.choice(classes, size=n, p=draw.dirichlet(np.full(classes, 0.7)))
    predicted = np.where(draw.random(n) < 0.7, gold, draw.integers(-1, classes, n))
    return gold.astype(np.int32), predicted.astype(np.int32)


def measure(metric: object, gold: np.ndarray, predicted: np.ndarray) -> LeftOut:
    found = metric.measure(gold, predicted)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(6))
def test_left_out_matches_dropping_rows(seed: int) -> None:
    gold, predicted = labels(n=50, classes=9, seed=seed)
    brute = [macro_f1(np.delete(gold, i), np.delete(predicted, i)) for i in range(50)]
    np.testing.assert_allclose(without_each_row(gold, predicted), brute, atol=1e-12)
    fast, slow = (measure(metric, gold, predicted) for metric in (MACRO_F1, AnyStatistic(macro_f1)))
    np.testing.assert_allclose(pseudo_values(fast, None), pseudo_values(slow, None), atol=1e-9)
    assert fast.score == pytest.approx(macro_f1(gold, predicted))


def test_pseudo_values_of_a_mean_are_the_row_scores() -> None:
    gold, predicted = labels(n=80, classes=4, seed=1)
    values = pseudo_values(measure(AnyStatistic(accuracy_score), gold, predicted), None)
    np.testing.assert_allclose(values, (gold == predicted).astype(float), atol=1e-9)


def test_a_label_that_only_one_row_has_leaves_the_mean_with_it() -> None:
    gold, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert without_each_row(gold, predicted)[3] == pytest.approx(macro_f1(gold[:3], predicted[:3]))


def test_a_big_comparison_is_quick() -> None:
    draw = np.random.default_rng(0)
    gold = draw.integers(0, 150, 3000).astype(np.int32)
    a, b = (np.where(draw.random((3000, 20)) < 0.8, gold[:, None], draw.integers(0, 150, (3000, 20))) for _ in "ab")
    start = time.perf_counter()
    compare_answers(gold, a, b)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("seed", range(4))
def test_units_are_left_out_whole(seed: int) -> None:
    gold, predicted = labels(n=80, classes=5, seed=seed)
    members = np.sort(np.random.default_rng(seed).integers(0, 30, 80))
    members = np.unique(members, return_inverse=True)[1]
    units = members.max() + 1
    values = pseudo_values(measure(MACRO_F1, gold, predicted), members)
    whole = macro_f1(gold, predicted)
    left_out = np.array([macro_f1(gold[members != u], predicted[members != u]) for u in range(units)])
    of_units = units * whole - (units - 1) * left_out
    sums = np.bincount(members, values - values.mean())
    assert values.mean() == pytest.approx(whole)
    assert units / (units - 1) * (sums @ sums) / 80**2 == pytest.approx(of_units.var(ddof=1) / units)


def test_units_of_one_row_each_are_rows() -> None:
    found = measure(MACRO_F1, *labels(n=40, classes=3, seed=1))
    assert pseudo_values(found, np.arange(40)) == pytest.approx(pseudo_values(found, None))


def test_a_label_that_one_unit_alone_has_makes_the_score_uncertain() -> None:
    """Leaving out one of its rows hardly matters; without the unit the label is gone."""
    gold = np.repeat([0, 1, 2], [90, 90, 20])
    predicted = np.where(gold == 2, 0, gold)
    better = predicted.copy()
    better[gold == 2] = 2
    units = [*range(180), *[180] * 20]
    together = compare_answers(gold, predicted, better, random_a=False, random_b=False, units=units)
    apart = compare_answers(gold, predicted, better, random_a=False, random_b=False)
    assert apart.is_better and not together.is_better


def test_a_class_in_one_unit_alone_leaves_a_difference_without_an_interval() -> None:
    gold = np.repeat([0, 1], [90, 10])
    units = [*range(90), *[90] * 10]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare_answers(gold, np.zeros(100, dtype=int), gold, units=units)
    assert (found.p_value, found.ci95) == (None, (-1.0, 1.0)) and found.difference > 0.4
    assert found.cautions[0] == "one_class"


def test_one_row_has_a_score_and_nothing_to_leave_out() -> None:
    assert np.isnan(answered(MACRO_F1, np.array([0]), np.array([0])).score)
