"""What limits a verdict: a shift that the profile found, what an arm was given, and which limit comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

import profile_cases as cases
from builders import PlantedArm, make_records
from tuningfork.profile.figures import Shift
from tuningfork.report.terminal import plain_text
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.choice import choose
from tuningfork.verdict.decide import decide
from tuningfork.verdict.head_to_head import head_to_head
from tuningfork.verdict.scored import score_study
from tuningfork.verdict.shifted import shift_cautions
from tuningfork.verdict.verdict_json import Caution, VerdictRecord
from tuningfork.verdict.weight import by_weight

LINEAR = PlantedArm("linear", accuracy={32: 0.7, 128: 0.9})
PROMPT = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.7}, seeds=3)


def with_shift(*shifts: Shift, arms: tuple[PlantedArm, ...] = (LINEAR, PROMPT)) -> StudyRecords:
    files = (cases.file_profile(), *(cases.file_profile(shift.role, name=f"{shift.role}.csv") for shift in shifts))
    profile = cases.document(cases.profile(files, shifts=shifts))
    return replace(make_records(arms=list(arms), pool_rows=4000), profile=profile)


def warned(record: VerdictRecord, code: str) -> list[str]:
    return [warning.message for warning in record.warnings if warning.code == code]


def seen(role: str, separation: float | None = 0.86) -> Shift:
    return replace(cases.shift(role), separation=separation)


def test_a_shift_of_the_test_rows_is_on_the_first_screen_and_decides_the_guides_path() -> None:
    record = decide(with_shift(seen("test")))
    (message,) = warned(record, "shift_found")
    assert message.startswith("Rows of test.csv differ from the labelled rows of tickets.csv (")
    assert "AUC 0.86" in message
    assert message in " ".join(plain_text(record).split())
    assert record.guide is not None
    assert record.guide.leaf == "llm"
    assert record.guide.path[-1] == {"question": "out_of_distribution", "answer": "yes", "source": "shift test"}
    assert [step["question"] for step in record.guide.path[:-1]] == [
        "mimics_human",
        "multiple_tasks",
        "far_from_language_modelling",
        "few_labels",
    ]


def test_rows_in_use_that_differ_are_told_with_the_scores_on_them() -> None:
    records = with_shift(seen("shifted"))
    (message,) = warned(decide(records), "shift_found")
    assert "need not hold for those of shifted.csv." in message
    rows = decide(records).arms
    assert all(row.shifted_score is None for row in rows)
    there = [row.model_copy(update={"shifted_score": score}) for row, score in zip(rows, (0.6, 0.8), strict=True)]
    scored = score_study(records)
    (caution,) = shift_cautions(scored, head_to_head(scored, choose(scored)), there)
    assert caution.message.endswith(
        "There, TF-IDF and a linear classifier scores 0.60 and SmolLM2-135M, 5 shots scores 0.80 (accuracy)."
    )


def test_rows_given_as_shifted_count_though_they_differ_slightly() -> None:
    (message,) = warned(decide(with_shift(seen("shifted", 0.6))), "shift_found")
    assert "(slightly: a classifier tells the two apart with AUC 0.60)" in message


@pytest.mark.parametrize(
    "shift",
    [
        seen("test", 0.6),
        cases.shift("test", detected=False),
        cases.shift("test", detected=None),
        replace(seen("test"), repeats_only=True),
    ],
    ids=["slight", "not seen", "too few rows", "repeats only"],
)
def test_what_does_not_count_as_shift_is_no_warning(shift: Shift) -> None:
    assert warned(decide(with_shift(shift)), "shift_found") == []


def test_without_a_profile_nothing_is_said_of_shift() -> None:
    assert warned(decide(make_records(arms=[LINEAR, PROMPT])), "shift_found") == []


def test_a_prompt_is_not_trained() -> None:
    nearest = PlantedArm("prompt:m?shots=5&select=nearest", accuracy={5: 0.8}, deterministic=True, n_labels={5: 500})
    part = PlantedArm("prompt:m?shots=5", accuracy={5: 0.8}, seeds=3, n_labels={5: 100})
    whole = PlantedArm("linear", accuracy={500: 0.8}, seeds=1, deterministic=True)
    record = decide(make_records(arms=[nearest, whole], pool_rows=500))
    prompt, trained = sorted(warned(record, "whole_pool"))
    assert "was trained on all 500 pool rows: the claim is about these labels" in prompt + trained
    told = next(message for message in (prompt, trained) if message.startswith("m, "))
    assert "chose its examples among all 500 pool rows: the claim is about these labels" in told
    assert "trained" not in told
    (message,) = [
        message
        for message in warned(decide(make_records(arms=[part, LINEAR], pool_rows=500)), "conditional_on_pool")
        if message.startswith("m, ")
    ]
    assert "chose its examples among 100 of 500 pool rows" in message
    assert "trained" not in message


def test_what_limits_most_comes_first() -> None:
    codes = ["follows_injections", "something_new", "whole_pool", "weak_llm", "shift_found", "few_seeds", "weak_llm"]
    ordered = by_weight([Caution(code=code, message=str(place)) for place, code in enumerate(codes)])
    assert [caution.code for caution in ordered] == [
        *("few_seeds", "shift_found", "weak_llm", "weak_llm", "whole_pool", "follows_injections", "something_new")
    ]
    assert [caution.message for caution in ordered if caution.code == "weak_llm"] == ["3", "6"]


def test_labels_that_are_codes_come_before_the_size_of_the_llm() -> None:
    notes = (Note("unnamed_labels", "Labels look like codes."),)
    record = decide(make_records(arms=[LINEAR, PROMPT], task_notes=notes))
    assert [warning.code for warning in record.warnings][:2] == ["unnamed_labels", "weak_llm"]
