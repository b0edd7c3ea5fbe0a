"""Accuracy and macro-F1 against scikit-learn, and where they have no meaning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import accuracy_score, f1_score

from tuningfork.errors import UnknownName
from tuningfork.metrics.measures import LeftOut, RowMeans
from tuningfork.metrics.metric import METRICS, LabelIndices

N_LABELS = 4
pairs = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.int32, n, elements=st.integers(0, N_LABELS - 1)),
        arrays.arrays(np.int32, n, elements=st.integers(-1, N_LABELS - 1)),
    )
)


def labels(*values: int) -> LabelIndices:
    return np.array(values, dtype=np.int32)


@settings(deadline=None)
@given(pairs)
def test_accuracy_matches_sklearn_and_is_the_mean_of_its_rows(pair: tuple[LabelIndices, LabelIndices]) -> None:
    gold, predicted = pair
    metric = METRICS.get("accuracy")
    found = metric.measure(gold, predicted)
    assert metric.score(gold, predicted) == pytest.approx(accuracy_score(gold, predicted))
    assert isinstance(found, RowMeans) and found.values.shape == gold.shape
    assert found.values.mean() == pytest.approx(accuracy_score(gold, predicted))


@settings(deadline=None)
@given(pairs)
def test_macro_f1_matches_sklearn_over_the_labels_in_gold(pair: tuple[LabelIndices, LabelIndices]) -> None:
    gold, predicted = pair
    present = np.unique(gold)
    score = METRICS.get("macro_f1").score(gold, predicted)
    if len(present) < 2:
        assert score is None
    else:
        assert score == pytest.approx(f1_score(gold, predicted, labels=present, average="macro", zero_division=0))


@settings(deadline=None)
@given(pairs, st.permutations(range(N_LABELS)), st.randoms(use_true_random=False))
def test_names_of_labels_and_the_order_of_rows_move_no_score(
    pair: tuple[LabelIndices, LabelIndices], names: list[int], shuffler: object
) -> None:
    order = np.array(shuffler.sample(range(len(pair[0])), len(pair[0])))
    gold, predicted = (labels(*names, -1)[one][order] for one in pair)
    for metric in map(METRICS.get, METRICS.names()):
        assert metric.score(gold, predicted) == pytest.approx(metric.score(*pair))


def test_macro_f1_by_hand() -> None:
    # Label 0: 1 right, 2 gold, 1 predicted: 2/3. Label 1: 1 right, 2 gold, 2 predicted: 1/2. No label is an error.
    found = METRICS.get("macro_f1").measure(labels(0, 0, 1, 1), labels(0, 1, 1, -1))
    assert isinstance(found, LeftOut) and found.score == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found.right is not None and found.right.tolist() == [True, False, True, False]
    # Without the last row: label 0 as before, label 1 with 1 right, 1 gold, 2 predicted.
    assert found.without()[3] == pytest.approx((2 / 3 + 2 / 3) / 2)


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_keeps_the_contract(name: str) -> None:
    metric = METRICS.get(name)
    gold = labels(0, 1, 2, 0)
    assert metric.name == name and metric.display_name
    assert (metric.unit, metric.range, metric.higher_is_better, metric.margin) == ("points", (0.0, 1.0), True, 0.03)
    assert metric.simulated
    assert metric.score(labels(), labels()) is None
    assert metric.score(gold, gold) == 1.0
    assert metric.score(gold, labels(-1, -1, -1, -1)) == 0.0
    for wrong in (labels(0, 1, 2), labels(0, 1, 2, -2)):
        with pytest.raises(ValueError, match=r"one shape|out of range"):
            metric.score(gold, wrong)
    with pytest.raises(ValueError, match="out of range"):
        metric.score(labels(0, -1), labels(0, 0))


def test_unknown_metric() -> None:
    with pytest.raises(UnknownName, match="no metric 'f1_macro'"):
        METRICS.get("f1_macro")
