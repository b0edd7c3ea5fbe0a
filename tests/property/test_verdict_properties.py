"""What must hold of every verdict, whatever the records."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from builders import PlantedArm, make_records
from tuningfork.errors import InputError
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.compare import compare
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import VerdictRecord

shares = st.floats(0.3, 1.0)
seeds = st.integers(1, 4)


@st.composite
def studies(draw: st.DrawFn) -> StudyRecords:
    """Two arms a side, some of them failed, on few rows."""
    specs = ["linear", "head:minilm", "prompt:smollm2-135m?shots=5", "prompt:qwen2.5-coder-1.5b"]
    arms = [
        PlantedArm(
            spec,
            accuracy={8: draw(shares), 64: draw(shares)},
            seeds=draw(seeds),
            validation_accuracy=draw(st.none() | shares),
            failure=draw(st.sampled_from([None, None, None, "no memory"])),
            invalid=draw(st.sampled_from([0.0, 0.3, 1.0])),
            n_eval=draw(st.sampled_from([None, 40])),
        )
        for spec in specs
    ]
    return make_records(
        arms=arms,
        rows=draw(st.sampled_from([45, 90])),
        labels=draw(st.integers(2, 4)),
        metric=draw(st.sampled_from(["accuracy", "macro_f1"])),
        pool_rows=draw(st.sampled_from([64, 500])),
        seed=draw(st.integers(0, 99)),
    )


def with_other_evaluation_labels(records: StudyRecords, seed: int) -> StudyRecords:
    gold = np.random.default_rng(seed).integers(0, len(records.task.labels), len(records.task.evaluation))
    evaluation = dataclasses.replace(records.task.evaluation, gold=gold.astype(np.int32))
    return dataclasses.replace(records, task=dataclasses.replace(records.task, evaluation=evaluation))


def stand_for_their_sides(verdict: VerdictRecord) -> list[tuple[str, str | None, int]]:
    """Who was ranked first, or stands alone; where nothing ranked the arms of a side, how many the best is seen of."""
    return [(row.side, row.arm if row.best_of == 1 else None, row.best_of) for row in verdict.sides]


@settings(max_examples=25, deadline=None)
@given(records=studies(), seed=st.integers(0, 99))
def test_evaluation_labels_have_no_say_in_who_stands_for_a_side(records: StudyRecords, seed: int) -> None:
    other = with_other_evaluation_labels(records, seed)
    first, second = decide(records), decide(other)
    assert stand_for_their_sides(first) == stand_for_their_sides(second)
    assert [row.n_labels for row in first.arms] == [row.n_labels for row in second.arms]
    assert first.labels_for_choice == second.labels_for_choice


@settings(max_examples=25, deadline=None)
@given(records=studies())
def test_every_verdict_agrees_with_itself(records: StudyRecords) -> None:
    verdict = decide(records)
    assert (verdict.call == "undecided") == (verdict.chosen_arm is None) == (verdict.recommendation == "undecided")
    finished = [row for row in verdict.arms if row.status == "done"]
    if verdict.call == "undecided":
        read = [row for row in finished if not (row.not_read and row.not_read.mostly)]
        if verdict.if_you_must_choose is None:
            assert not read or all(row.arm not in {one.arm for one in verdict.sides} for row in read)
        assert verdict.reason.startswith("Undecided")
    else:
        assert verdict.if_you_must_choose is None
    for row in finished:
        if row.not_read is not None and row.not_read.mostly:
            assert row.arm != verdict.chosen_arm
            assert verdict.comparison is None or row.arm not in (
                verdict.comparison.llm_arm,
                verdict.comparison.fine_tuned_arm,
            )
        if row.score is not None and row.ci95 is not None:
            assert 0 <= row.ci95[0] <= row.ci95[1] <= 1
        assert row.invalid is not None
        assert row.accuracy is not None
        assert row.invalid + row.accuracy <= 1 + 1e-9
    if verdict.comparison is not None:
        shared = verdict.comparison
        assert np.isclose(shared.difference, shared.score_fine_tuned - shared.score_llm)
        assert -1 <= shared.ci95[0] < shared.ci95[1] <= 1
        assert shared.best_of == np.prod([row.best_of for row in verdict.sides])
        assert shared.n_shared >= 50 or verdict.call == "undecided"
    assert VerdictRecord.model_validate_json(verdict.model_dump_json()) == verdict


@settings(max_examples=50, deadline=None)
@given(answers=st.lists(st.tuples(*[st.sampled_from("abc")] * 3), min_size=2, max_size=60))
@example(answers=[("a", "a", "a")] * 2 + [("a", "a", "b")] * 3 + [("c", "a", "b")])
def test_comparing_does_not_depend_on_the_order_of_rows_or_the_names_of_labels(answers: list[tuple[str, ...]]) -> None:
    gold, a, b = (list(column) for column in zip(*answers, strict=True))
    reversed_rows = gold[::-1], a[::-1], b[::-1]
    renamed_labels = [[f"<{label}>" for label in column] for column in (gold, a, b)]
    try:
        there = compare(gold, a, b)
    except InputError:  # a side that hardly ever says one of gold's labels
        for others in (reversed_rows, renamed_labels):
            with pytest.raises(InputError):
                compare(*others)
        return
    for other in (compare(*reversed_rows), compare(*renamed_labels)):
        assert np.allclose([other.difference, *other.ci95], [there.difference, *there.ci95])
        assert (other.call, other.discordant) == (there.call, there.discordant)
