"""What one field tells alone stands beside the verdict, and is no candidate of it."""

from __future__ import annotations

import pytest

from builders import PlantedArm, make_records
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import VerdictRecord

TRAINED = PlantedArm("linear", accuracy={128: 0.8}, validation_accuracy=0.7)
PROMPT = PlantedArm("prompt:smollm2-135m", accuracy={0: 0.7}, deterministic=True)


def check(field: str, accuracy: float) -> PlantedArm:
    return PlantedArm(f"linear?only={field}", accuracy={128: accuracy}, validation_accuracy=accuracy)


def verdict(*checks: PlantedArm) -> VerdictRecord:
    return decide(make_records(arms=[TRAINED, PROMPT, *checks], rows=400))


def told(record: VerdictRecord, code: str) -> list[str]:
    return [warning.message for warning in record.warnings if warning.code == code]


def test_a_check_that_scores_best_of_all_stands_for_no_side() -> None:
    plain, checked = verdict(), verdict(check("text_b", 0.99))
    assert checked.chosen_arm == plain.chosen_arm == "linear"
    assert checked.comparison == plain.comparison
    assert [row.arm for row in checked.arms] == [row.arm for row in plain.arms]
    assert len(checked.pairs) == len(plain.pairs)
    assert checked.labels_for_choice == plain.labels_for_choice
    assert not told(checked, "arm_not_run")


def test_its_score_is_told_beside_the_constant_answer() -> None:
    (row,) = verdict(check("text_b", 0.75)).shortcuts
    assert (row.arm, row.field, row.n_labels) == ("linear?only=text_b", "text_b", 128)
    assert row.score == pytest.approx(0.75, abs=0.05)
    assert row.constant == pytest.approx(0.5, abs=0.05)
    assert row.ci95 is not None
    assert row.ci95[0] < row.score < row.ci95[1]


def test_a_field_that_tells_by_itself_is_a_warning_and_one_that_does_not_is_none() -> None:
    (message,) = told(verdict(check("text_b", 0.75)), "one_field_tells")
    assert message.startswith("Text b alone scores 0.7")
    assert not told(verdict(check("text_b", 0.52)), "one_field_tells")


def test_a_check_that_failed_is_told_as_failed() -> None:
    failed = PlantedArm("linear?only=text_a", accuracy={128: 0.5}, failure="no room")
    record = verdict(failed)
    assert record.shortcuts == ()
    assert [row.status for row in record.arms if row.arm == "linear?only=text_a"] == ["failed"]
