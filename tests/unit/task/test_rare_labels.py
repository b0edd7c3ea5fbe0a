"""Rare labels, labels that no score speaks of, a label that is nearly everywhere, and the metric that these allow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from task_files import codes, write
from tuningfork.task.loading import prepare
from tuningfork.task.rare_labels import rare_label_notes
from tuningfork.task.schema import TaskData, TaskSpec


def task_of(tmp_path: Path, counts: dict[str, int], **options: object) -> TaskData:
    labels = [label for label, n in counts.items() for _ in range(n)]
    rows = [[f"{chr(97 + n % 26)}{chr(97 + n // 26)} {label}", label] for n, label in enumerate(labels)]
    return prepare(TaskSpec(data=write(tmp_path / "rows.csv", rows), **options))  # type: ignore[arg-type]


def test_a_single_row_cannot_be_both_learned_and_scored(tmp_path: Path) -> None:
    told = codes(task_of(tmp_path, {"ok": 499, "fraud": 1}))
    assert "'fraud' has 1 row, so it cannot be both learned and scored" in told["rare_labels"]
    assert "always answering that has an accuracy of" in told["one_label_dominates"]


def test_the_rarest_are_listed_first_and_few(tmp_path: Path) -> None:
    counts = {"a": 100, "b": 5, **{f"rare{n}": 1 + n % 4 for n in range(8)}}
    told = codes(task_of(tmp_path, counts))["rare_labels"]
    assert told.startswith("8 labels with fewer than 5 rows ('rare0' 1, 'rare4' 1, 'rare1' 2, ")
    assert "and 3 more): 'rare0', 'rare4' have 1 row each" in told


def test_even_labels_say_nothing(tmp_path: Path) -> None:
    told = codes(task_of(tmp_path, {"a": 120, "b": 130}))
    assert not {"rare_labels", "labels_not_scored", "one_label_dominates", "metric_not_defined"} & told.keys()


@pytest.mark.parametrize(("others", "told"), [(6, False), (5, True)])
def test_the_majority_is_told_from_95_percent_on(others: int, told: bool) -> None:
    evaluation = np.array([0] * 95 + [1] * others, np.int32)
    notes = list(rare_label_notes(["a", "b"], np.array([0, 1], np.int32), evaluation, np.array([96, 9])))
    assert ([note.code for note in notes] == ["one_label_dominates"]) == told
    if told:
        assert "95 of 100 evaluation rows are 'a'" in notes[0].message
        assert "accuracy of 0.95" in notes[0].message


def test_labels_that_no_evaluation_row_has_are_named() -> None:
    pool, evaluation = np.array([0, 1, 2], np.int32), np.array([0, 1], np.int32)
    (note,) = rare_label_notes(["a", "b", "c"], pool, evaluation, np.array([9, 9, 9]))
    assert (note.code, "'c'" in note.message) == ("labels_not_scored", True)


def test_the_default_metric_is_one_that_the_rows_define(tmp_path: Path) -> None:
    task = task_of(tmp_path, {"ok": 498, "fraud": 2})
    assert len(np.unique(task.evaluation.gold)) == 1, "with this seed"
    assert task.metric == "accuracy"
    assert "judged by accuracy" in codes(task)["metric_not_defined"]


def test_a_metric_that_was_asked_for_stays_and_the_remedy_is_told(tmp_path: Path) -> None:
    task = task_of(tmp_path, {"ok": 498, "fraud": 2}, metric="macro_f1")
    assert task.metric == "macro_f1"
    told = codes(task)["metric_not_defined"]
    assert "no arm will have a score" in told
    assert told.endswith(f"tuningfork run {tmp_path / 'rows.csv'} --metric accuracy")
