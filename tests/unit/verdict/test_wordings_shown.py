"""How far the wordings of a prompt differ: scored in the metric that the study has when it is read."""

from __future__ import annotations

import dataclasses
import json

import pytest
from sklearn.metrics import accuracy_score, f1_score

from builders import PlantedArm, make_records
from tuningfork.arms.results import NO_LABEL
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import ArmRow

PROMPT = "prompt:smollm2-135m"
ROWS = 40


def studied(details: tuple[tuple[str, str], ...], *, rows: int = 200) -> StudyRecords:
    arm = PlantedArm(PROMPT, accuracy={0: 0.8}, deterministic=True, details=details)
    return make_records(arms=[PlantedArm("linear", accuracy={128: 0.8}), arm], labels=3, rows=rows)


def judged_by(records: StudyRecords, metric: str) -> ArmRow:
    task = dataclasses.replace(records.task, spec=records.task.spec.model_copy(update={"metric": metric}))
    (row,) = [row for row in decide(dataclasses.replace(records, task=task)).arms if row.arm == PROMPT]
    return row


def test_a_changed_metric_is_that_of_the_wordings_too() -> None:
    gold = studied(()).task.evaluation.gold[:ROWS].tolist()
    answers = {"plain": [0] * ROWS, "short": [*gold[:30], *[2] * 10], "none": [NO_LABEL] * ROWS}
    records = studied((("wording_answers", json.dumps(answers)),))
    by_accuracy, by_f1 = (judged_by(records, metric) for metric in ("accuracy", "macro_f1"))
    assert by_accuracy.wordings == pytest.approx([accuracy_score(gold, given) for given in answers.values()])
    f1 = [f1_score(gold, given, labels=[0, 1, 2], average="macro", zero_division=0) for given in answers.values()]
    assert by_f1.wordings == pytest.approx(f1)
    assert by_f1.wordings != by_accuracy.wordings
    told = json.loads(dict(by_f1.details)["wording_scores"])
    assert told == pytest.approx(dict(zip(answers, f1, strict=True)))


def test_scores_without_their_metric_are_not_known() -> None:
    """Trials of the first version kept numbers only."""
    row = judged_by(studied((("wording_scores", '{"plain": 0.5, "short": 0.7}'),)), "macro_f1")
    assert row.wordings is None
    assert "0.7" not in str(row.details)
    assert "not known" in dict(row.details)["scores of the wordings"]
