"""The classification type: its metrics, and which of them decides by default."""

from __future__ import annotations

import numpy as np
import pytest

from tuningfork.errors import UnknownName
from tuningfork.metrics.metric import METRICS
from tuningfork.task.task_type import TASK_TYPES, TaskType


@pytest.fixture
def classification() -> TaskType:
    return TASK_TYPES.get("classification")


@pytest.mark.parametrize(
    ("counts", "metric"),
    [
        ([50, 50], "accuracy"),
        ([85, 17], "accuracy"),  # 17 is exactly a third of the even share of 51
        ([86, 16], "macro_f1"),
        ([100] * 19 + [30], "macro_f1"),
        ([100] * 20 + [1], "accuracy"),  # 21 labels
        ([50, 50, 0], "accuracy"),  # a label that the pool has not is no rare label
        ([50], "accuracy"),
    ],
)
def test_default_metric(classification: TaskType, counts: list[int], metric: str) -> None:
    assert classification.default_metric(np.array(counts)) == metric


def test_its_metrics_are_those_that_are_there(classification: TaskType) -> None:
    assert classification.metrics == METRICS.names()
    assert {"accuracy", "macro_f1"} <= set(classification.metrics)


def test_metric_names(classification: TaskType) -> None:
    assert classification.metric_named("Macro-F1") == "macro_f1"
    with pytest.raises(UnknownName, match=r"no metric for classification 'acuracy'; did you mean 'accuracy'\?"):
        classification.metric_named("acuracy")


def test_unknown_type() -> None:
    with pytest.raises(UnknownName, match=r"no task type 'clasification'; did you mean 'classification'\?"):
        TASK_TYPES.get("clasification")
