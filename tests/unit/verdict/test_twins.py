"""Near repeats in the verdict: the first sentence, the scores without them, and a call that does not hold there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.answers.category import Categories
from tuningfork.arms.results import TrialResult
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored_arms import scored_arms
from tuningfork.verdict.scores import Scorer

ARMS = [
    PlantedArm("linear", accuracy={128: 0.95}),
    PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.85}, seeds=3),
]
NOTE = Note("near_repeats", "many rows nearly repeat others")


def with_twins(records: StudyRecords, twins: np.ndarray, dropped: int = 0) -> StudyRecords:  # type: ignore[type-arg]
    return replace(records, task=replace(records.task, twins=twins, twins_dropped=dropped))


def first(rows: int, of: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.arange(of) < rows


def right_only_on(records: StudyRecords, arm: str, rows: np.ndarray) -> StudyRecords:  # type: ignore[type-arg]
    """The records with an arm that knows these evaluation rows but one a seed, and is wrong on all others."""
    gold = records.task.evaluation.gold

    def changed(trial: TrialResult) -> TrialResult:
        if trial.plan.arm != arm:
            return trial
        assert trial.evaluation is not None
        right = rows & (np.arange(len(gold)) != trial.plan.seed)
        labels = np.where(right, gold, (gold + 1) % len(records.task.labels)).astype(np.int32)
        return replace(trial, evaluation=replace(trial.evaluation, answers=Categories(labels)))

    return replace(records, trials=tuple(map(changed, records.trials)))


def first_sentence(reason: str) -> str:
    return reason.partition(". ")[0]


def test_without_near_repeats_nothing_is_said() -> None:
    record = decide(make_records(arms=ARMS))
    assert record.twins is None
    assert "repeat" not in record.reason


def test_the_first_sentence_has_both_scores_without_them_beside_those_on_all() -> None:
    records = make_records(arms=ARMS, rows=400, task_notes=[NOTE])
    record = decide(with_twins(records, first(300, 400)))
    assert record.twins is not None
    assert (record.twins.rows, record.twins.of, record.twins.n) == (300, 400, 100)
    sentence = first_sentence(record.reason)
    assert "300 of 400 evaluation rows nearly repeat a training row" in sentence
    assert f"{record.twins.score_fine_tuned:.2f} (TF-IDF" in sentence
    assert f"{record.twins.score_llm:.2f} (SmolLM2-135M, 5 shots) on the 100 without" in sentence
    assert record.warnings[0].code == "near_repeats"
    assert record.twins.call == record.call == "better"


def test_the_scores_are_those_of_the_rows_without() -> None:
    records = make_records(arms=ARMS, rows=400)
    twins = np.arange(400) % 4 > 0
    row = decide(with_twins(records, twins)).twins
    assert row is not None
    for arm in scored_arms(records):
        hits = arm.answers(400).same(records.task.evaluation.answers)
        assert row.scores[arm.arm] == pytest.approx(hits[~twins].mean())
    assert row.difference == pytest.approx(row.score_fine_tuned - row.score_llm)  # type: ignore[operator]
    fewer = make_records(arms=ARMS, rows=400)
    assert Scorer.of(fewer.task).units is None, "each row is a draw, and so is each that is left"


def test_a_call_that_does_not_hold_without_them_is_told() -> None:
    twins = first(340, 400)
    records = right_only_on(make_records(arms=ARMS, rows=400), "linear", first(380, 400))
    there = decide(with_twins(records, twins))
    assert there.recommendation == "fine-tune"
    assert there.twins is not None
    assert there.twins.call == "better"
    assert there.twins.difference is not None
    assert there.twins.difference < 0
    assert "On those 60 rows alone the call is for SmolLM2-135M, 5 shots." in there.reason


def test_too_few_rows_without_decide_nothing() -> None:
    record = decide(with_twins(make_records(arms=ARMS, rows=400), first(370, 400)))
    assert record.twins is not None
    assert record.twins.call == "undecided"
    assert "On those 30 rows alone, which are fewer than 50, nothing is decided." in record.reason


def test_where_all_are_near_repeats_that_is_said() -> None:
    record = decide(with_twins(make_records(arms=ARMS, rows=400), first(400, 400)))
    assert "400 of 400 evaluation rows nearly repeat a training row, and none is without" in record.reason
    assert record.twins is not None
    assert record.twins.score_llm is None


def test_a_few_are_left_to_the_warnings() -> None:
    record = decide(with_twins(make_records(arms=ARMS, rows=400, task_notes=[NOTE]), first(8, 400)))
    assert "repeat" not in record.reason
    assert record.twins is not None
    assert record.twins.rows == 8
    assert any(warning.code == "near_repeats" for warning in record.warnings)


def test_what_left_the_pool_is_counted() -> None:
    records = make_records(arms=ARMS)
    record = decide(replace(records, task=replace(records.task, twins_dropped=5)))
    assert record.twins is not None
    assert (record.twins.rows, record.twins.dropped, record.twins.scores) == (0, 5, {})


def test_one_side_alone_has_its_score_too() -> None:
    record = decide(with_twins(make_records(arms=ARMS[:1], rows=400), first(300, 400)))
    assert record.twins is not None
    told = f"300 of 400 evaluation rows nearly repeat a training row: {record.twins.scores['linear']:.2f} (TF-IDF"
    assert told in first_sentence(record.reason)


def test_groups_stay_draws_without_them() -> None:
    records = make_records(arms=ARMS, rows=400, groups=40)
    record = decide(with_twins(records, first(200, 400)))
    assert record.twins is not None
    assert record.twins.ci95 is not None
    assert record.twins.n == 200
