"""Accuracy and macro-F1 against scikit-learn, and where they have no meaning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import accuracy_score, f1_score

from tuningfork.errors import UnknownName
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
    rows = metric.row_scores(gold, predicted)
    assert metric.score(gold, predicted, N_LABELS) == pytest.approx(accuracy_score(gold, predicted))
    assert rows is not None and rows.shape == gold.shape
    assert rows.mean() == pytest.approx(accuracy_score(gold, predicted))


@settings(deadline=None)
@given(pairs)
def test_macro_f1_matches_sklearn_over_the_labels_in_gold(pair: tuple[LabelIndices, LabelIndices]) -> None:
    gold, predicted = pair
    present = np.unique(gold)
    score = METRICS.get("macro_f1").score(gold, predicted, N_LABELS)
    if len(present) < 2:
        assert score is None
    else:
        assert score == pytest.approx(f1_score(gold, predicted, labels=present, average="macro", zero_division=0))


def test_macro_f1_by_hand() -> None:
    # Label 0: 1 right, 2 gold, 1 predicted: 2/3. Label 1: 1 right, 2 gold, 2 predicted: 1/2. No label is an error.
    score = METRICS.get("macro_f1").score(labels(0, 0, 1, 1), labels(0, 1, 1, -1), 3)
    assert score == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert METRICS.get("macro_f1").row_scores(labels(0, 1), labels(0, 1)) is None


@pytest.mark.parametrize("name", METRICS.names())
def test_every_metric_keeps_the_contract(name: str) -> None:
    metric = METRICS.get(name)
    gold = labels(0, 1, 2, 0)
    assert metric.name == name and metric.display_name
    assert metric.score(labels(), labels(), 3) is None
    assert metric.score(gold, gold, 3) == 1.0
    assert metric.score(gold, labels(-1, -1, -1, -1), 3) == 0.0
    for wrong in (labels(0, 1, 2), labels(0, 1, 2, 3), labels(0, 1, 2, -2)):
        with pytest.raises(ValueError, match=r"one shape|out of range"):
            metric.score(gold, wrong, 3)
    with pytest.raises(ValueError, match="out of range"):
        metric.score(labels(0, -1), labels(0, 0), 3)


def test_unknown_metric() -> None:
    with pytest.raises(UnknownName, match="no metric 'f1_macro'"):
        METRICS.get("f1_macro")
