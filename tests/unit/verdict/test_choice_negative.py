"""Choosing within a side by a metric that goes below 0, such as a correlation or an error with its sign turned."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from builders import PlantedArm, make_records
from tuningfork.metrics.measures import RowMeans
from tuningfork.metrics.metric import Metric
from tuningfork.verdict import choice, scores
from tuningfork.verdict.scored import score_study


class _Distance(Metric):
    """Minus twenty times the share of errors: from -20 to 0."""

    name, display_name, range = "distance", "distance", (-20.0, 0.0)

    def measure(self, gold: Any, answers: Any) -> RowMeans | None:
        return RowMeans(-20.0 * (gold != answers)) if len(gold) else None


class _Registry:
    def get(self, name: str) -> Metric:
        return _Distance()


def test_an_arm_without_validation_rows_is_not_taken_for_one_with_a_score_of_minus_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scores, "metrics_of", lambda kind: _Registry())
    arms = [
        PlantedArm("unranked", accuracy={8: 0.9}),
        PlantedArm("worse", accuracy={8: 0.7}, validation_accuracy=0.7),
        PlantedArm("better", accuracy={8: 0.8}, validation_accuracy=0.8),
    ]
    records = make_records(arms=arms)
    found = choice.choose(score_study(records))
    assert all(score < -1 for score in found.validation_scores.values())
    assert found.best["fine-tuned"].arm == "better"


def test_where_nothing_can_be_ranked_the_first_named_stands() -> None:
    records = make_records(arms=[PlantedArm("first", accuracy={8: 0.6}), PlantedArm("second", accuracy={8: 0.9})])
    emptied = dataclasses.replace(records.task, validation=records.task.validation.take([]))
    found = choice.choose(score_study(dataclasses.replace(records, task=emptied)))
    assert found.best["fine-tuned"].arm == "first"
