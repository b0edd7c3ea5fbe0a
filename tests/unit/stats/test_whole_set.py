"""Scores of the whole set against scipy and scikit-learn, and what each row adds to them against leaving it out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import (
    f1_score,
    matthews_corrcoef,
    mean_absolute_error,
    mean_squared_error,
    roc_auc_score,
)

from measured_arms import answered_each
from toy_metrics import AbsoluteError, Auroc, Bleu, EntityF1, Mcc, Pearson, Spearman, SquaredError
from tuningfork.metrics.metric import Metric
from tuningfork.stats.crossed import compare, interval
from tuningfork.stats.jackknife import left_out


def numbers(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """With values that repeat, as ratings do."""
    draw = np.random.default_rng(seed)
    gold = draw.integers(0, 6, n).astype(float)
    return gold, np.round(gold + 1.5 * draw.standard_normal(n), 1)


def detections(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    gold = (np.arange(n) % 3 == 0).astype(int)
    return gold, np.round(gold + draw.standard_normal(n), 1)


def classes(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    gold, scores = detections(n, seed)
    return gold, (scores > 0.5).astype(int)


def entities(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    gold = draw.poisson(1.5, n)
    true = draw.binomial(gold, 0.7)
    return gold, np.column_stack([true, true + draw.poisson(0.4, n)])


def translations(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    length = draw.integers(8, 30, n)
    hits = [draw.binomial(length - k, 0.8 - 0.15 * k) for k in range(4)]
    return length, np.column_stack([x for k in range(4) for x in (hits[k], length - k)] + [length - 1])


CASES = [
    (Pearson(), numbers),
    (SquaredError(), numbers),
    (Spearman(), numbers),
    (Auroc(), detections),
    (Mcc(), classes),
    (EntityF1(), entities),
    (Bleu(), translations),
]
ids = [metric.name for metric, _ in CASES]


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_those_of_scipy_and_scikit_learn(seed: int) -> None:
    gold, said = numbers(90, seed)
    assert Pearson().score(gold, said) == pytest.approx(pearsonr(gold, said).statistic)
    assert Spearman().score(gold, said) == pytest.approx(spearmanr(gold, said).statistic)
    assert SquaredError().score(gold, said) == pytest.approx(np.sqrt(mean_squared_error(gold, said)))
    assert AbsoluteError().score(gold, said) == pytest.approx(mean_absolute_error(gold, said))
    assert Auroc().score(*detections(90, seed)) == pytest.approx(roc_auc_score(*detections(90, seed)))
    assert Mcc().score(*classes(90, seed)) == pytest.approx(matthews_corrcoef(*classes(90, seed)))


def test_micro_f1_of_sets_of_labels_is_a_ratio_of_sums() -> None:
    draw = np.random.default_rng(0)
    gold, said = (draw.random((60, 5)) < 0.3 for _ in "ab")
    counts = np.column_stack([(gold & said).sum(axis=1), said.sum(axis=1)])
    assert EntityF1().score(gold.sum(axis=1), counts) == pytest.approx(f1_score(gold, said, average="micro"))


@pytest.mark.parametrize(("metric", "world"), CASES, ids=ids)
@pytest.mark.parametrize("seed", range(3))
def test_without_each_row_is_the_score_of_the_others(metric: Metric, world: Any, seed: int) -> None:
    gold, said = world(40, seed)
    found = metric.measure(gold, said)
    brute = [metric.score(np.delete(gold, row), np.delete(said, row, axis=0)) for row in range(40)]
    np.testing.assert_allclose(left_out(found, None), brute, atol=1e-9)


@pytest.mark.parametrize(("metric", "world"), CASES, ids=ids)
def test_without_each_unit_is_the_score_of_the_others(metric: Metric, world: Any) -> None:
    gold, said = world(60, 1)
    unit = np.unique(np.random.default_rng(2).integers(0, 14, 60), return_inverse=True)[1]
    brute = [metric.score(gold[unit != u], said[unit != u]) for u in range(unit.max() + 1)]
    np.testing.assert_allclose(left_out(metric.measure(gold, said), unit), brute, atol=1e-9)


@pytest.mark.parametrize(("metric", "world"), CASES, ids=ids)
@pytest.mark.parametrize("in_units", [False, True])
def test_the_variance_is_that_of_the_jackknife(metric: Metric, world: Any, in_units: bool) -> None:
    gold, said = world(240, 3)
    _, other = world(240, 4)
    other = said if metric.name in {"entity_f1", "bleu"} else other
    a, b = [said], [_worse(metric, other)]
    units = np.arange(240) // 6 if in_units else None
    found = compare(*(answered_each(metric, gold, runs, random=False, units=units) for runs in (a, b)))
    sign = 1 if metric.higher_is_better else -1
    unit = np.arange(240) if units is None else units
    kept = [unit != u for u in range(unit.max() + 1)]
    left = np.array([metric.score(gold[k], b[0][k]) - metric.score(gold[k], a[0][k]) for k in kept])
    many = len(left)
    jackknife = (many - 1) / many * ((left - left.mean()) ** 2).sum()
    assert found.difference == pytest.approx(sign * (metric.score(gold, b[0]) - metric.score(gold, a[0])))
    assert found.centre == pytest.approx(found.difference)
    assert found.variance_rows == pytest.approx(jackknife)
    assert found.df == pytest.approx(many - 1)
    assert found.test.startswith("jackknife over rows")


def _worse(metric: Metric, said: np.ndarray) -> np.ndarray:
    if metric.name in {"entity_f1", "bleu"}:
        worse = said.copy()
        worse[::2, 0] = np.maximum(0, worse[::2, 0] - 1)
        worse[1::4, 0] = np.maximum(0, worse[1::4, 0] - 1)
        return worse
    return said


def test_equal_answers_leave_the_interval_open_where_the_score_is_a_fraction() -> None:
    gold, said = entities(50, 0)
    found = compare(*(answered_each(EntityF1(), gold, [said], random=False) for _ in "ab"))
    assert found.p_value == 1.0 and found.variance_rows == pytest.approx(2 / 52**2)
    correlated = compare(*(answered_each(Spearman(), *_once(numbers(50, 0)), random=False) for _ in "ab"))
    assert (correlated.p_value, correlated.ci95, correlated.cautions) == (None, (-2.0, 2.0), ("no_scale",))


def _once(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    return pair[0], [pair[1]]


def test_one_correlation_that_differs_in_one_row_is_not_certain() -> None:
    """The floor: half of a made-up row for each arm, worth the largest difference of pseudo-values that was seen."""
    gold, said = numbers(100, 0)
    other = said.copy()
    other[3] += 2
    found = compare(*(answered_each(Pearson(), gold, [run], random=False) for run in (said, other)))
    values = [answered_each(Pearson(), gold, [run]).per_row[:, 0] for run in (said, other)]
    g = np.abs((values[1] - values[1].mean()) - (values[0] - values[0].mean())).max()
    assert found.variance_rows >= 2 * 0.5 * g**2 / 101**2 and not found.is_better


def test_constant_answers_have_no_correlation() -> None:
    gold, said = numbers(60, 0)
    for metric in (Pearson(), Spearman()):
        constant = answered_each(metric, gold, [np.zeros(60)], random=False)
        found = compare(constant, answered_each(metric, gold, [said], random=False))
        assert metric.score(gold, np.zeros(60)) is None
        assert (found.p_value, found.ci95, found.cautions) == (None, (-2.0, 2.0), ("score_undefined",))
        assert interval(constant).score is None


def test_one_row_that_carries_a_correlation_leaves_no_interval() -> None:
    """All answers but one are equal: without that row there is no correlation."""
    gold = np.arange(30.0)
    said = np.zeros(30)
    said[29] = 1.0
    found = interval(answered_each(Spearman(), gold, [said], random=False))
    assert found.score is not None and found.ci95 is None and found.cautions == ("score_undefined",)
