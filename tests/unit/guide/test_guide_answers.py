"""Answers: as typed, from the task, and what happens when the two differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import PlantedArm, make_records
from tuningfork.errors import InputError, UnknownName
from tuningfork.guide.answers import Answer, merge, parse_answers
from tuningfork.guide.facts import BreakEvenFacts, Facts, ShiftFacts, answers_from, facts_of
from tuningfork.guide.flow import load_flow
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_file import read_task_file, write_task_file

FLOW = load_flow()


def test_typed_answers_are_read_whatever_their_case_and_blanks() -> None:
    assert parse_answers(FLOW, ["few_labels=YES", " mimics_human = no "]) == {
        "few_labels": Answer("yes"),
        "mimics_human": Answer("no"),
    }


@pytest.mark.parametrize("typed", ["few_labels", "few_labels=maybe", "few_labels=", "=yes"])
def test_what_is_no_answer_is_refused_with_the_form(typed: str) -> None:
    with pytest.raises(InputError, match=r"yes\|no\|unknown"):
        parse_answers(FLOW, [typed])


def test_an_answer_to_another_question_is_refused_with_near_names() -> None:
    with pytest.raises(UnknownName, match="did you mean 'few_labels'"):
        parse_answers(FLOW, ["few_label=yes"])
    with pytest.raises(InputError, match="twice"):
        parse_answers(FLOW, ["few_labels=yes", "few_labels=no"])


def test_a_persons_answer_wins_and_the_clash_is_told() -> None:
    measured = {"few_labels": Answer("no", "label count", "5,000 labelled rows", "medium")}
    answers, clashes = merge({"few_labels": Answer("yes")}, measured)
    assert answers["few_labels"].reply == "yes"
    assert answers["few_labels"].source == "you"
    assert len(clashes) == 1
    assert "you say yes" in str(clashes[0])
    assert "5,000 labelled rows" in str(clashes[0])


def test_a_persons_unknown_leaves_the_question_to_the_rows_and_agreement_is_no_clash() -> None:
    measured = {"few_labels": Answer("no", "label count", "x", "medium")}
    answers, clashes = merge({"few_labels": Answer("unknown")}, measured)
    assert answers["few_labels"].source == "label count"
    assert not clashes
    assert not merge({"few_labels": Answer("no")}, measured)[1]
    assert merge({"mimics_human": Answer("unknown")}, {})[0]["mimics_human"].reply == "unknown"


@pytest.mark.parametrize(
    ("rows", "labels", "reply", "confidence"),
    [
        (0, None, "yes", "high"),
        (30, 6, "yes", "high"),
        (80, 6, "yes", "medium"),
        (150, 6, "unknown", "low"),
        (350, 77, "yes", "medium"),
        (500, 77, "no", "medium"),
        (500, 2, "no", "low"),
        (6000, 2, "no", "medium"),
    ],
)
def test_label_counts_are_held_against_published_break_evens(
    rows: int, labels: int | None, reply: str, confidence: str
) -> None:
    answer = answers_from(Facts(labelled_rows=rows, labels=labels))["few_labels"]
    assert (answer.reply, answer.confidence, answer.source) == (reply, confidence, "label count")
    assert f"{rows:,} labelled rows" in (answer.method or "")


@pytest.mark.parametrize(
    ("found", "rows", "reply", "confidence", "told"),
    [
        (BreakEvenFacts(mean=120, mean_ci95=(90, 150), reliable=300), 80, "yes", "high", "about 120"),
        (BreakEvenFacts(mean=120, mean_ci95=(90, 150), reliable=300), 200, "no", "medium", "in the mean"),
        (BreakEvenFacts(mean=120, mean_ci95=(90, 150), reliable=300), 300, "no", "high", "reliably from about 300"),
        (BreakEvenFacts(mean=120, mean_ci95=(None, 150)), 200, "no", "medium", "in the mean"),
        (BreakEvenFacts(mean=120), 80, "yes", "low", "about 120"),
        (BreakEvenFacts(mean=120), 200, "no", "low", "in the mean"),
        (BreakEvenFacts(mean=4000, mean_ci95=(900, 9e4), extrapolated=True), 900, "yes", "medium", "about 4,000"),
        (BreakEvenFacts(ahead=True), 60, "no", "high", "ahead"),
        (BreakEvenFacts(ahead=False), 6000, "yes", "medium", "does not reach"),
    ],
)
def test_a_studys_own_learning_curve_comes_before_published_counts(
    found: BreakEvenFacts, rows: int, reply: str, confidence: str, told: str
) -> None:
    answer = answers_from(Facts(labelled_rows=rows, labels=6, break_even=found))["few_labels"]
    assert (answer.reply, answer.confidence, answer.source) == (reply, confidence, "learning curve")
    assert told in (answer.method or "")


@pytest.mark.parametrize(
    ("interval", "rows", "reply", "told"),
    [
        ((610.0, None), 9774, "no", "anywhere from 610 to above the counts tried labels"),
        ((None, 150.0), 60, "yes", "anywhere from below the counts tried to 150 labels"),
        ((20.0, 400.0), 200, "unknown", "anywhere from 20 to 400 labels"),
    ],
)
def test_an_interval_around_the_rows_at_hand_leaves_it_to_the_count(
    interval: tuple[float | None, float | None], rows: int, reply: str, told: str
) -> None:
    """A crossing somewhere between 610 and beyond 9,774 labels says nothing of 9,774 rows."""
    found = BreakEvenFacts(mean=120, mean_ci95=interval)
    answer = answers_from(Facts(labelled_rows=rows, labels=6, break_even=found))["few_labels"]
    assert (answer.reply, answer.source) == (reply, "label count")
    assert answer.confidence in ("low", "medium")
    assert told in (answer.method or "")


def test_a_study_that_could_not_tell_leaves_it_to_the_count() -> None:
    answer = answers_from(Facts(labelled_rows=60, labels=6, break_even=BreakEvenFacts()))["few_labels"]
    assert answer.source == "label count"


@pytest.mark.parametrize(
    ("detected", "power", "reply"),
    [
        (True, None, "yes"),
        (False, 0.9, "no"),
        (False, 0.3, "unknown"),
        (False, None, "unknown"),
        (None, 0.9, "unknown"),
    ],
)
def test_no_shift_is_believed_only_from_a_test_that_would_have_seen_one(
    detected: bool | None, power: float | None, reply: str
) -> None:
    shift = ShiftFacts(rows="shifted", detected=detected, method="a two-sample test", p_value=0.2, power=power)
    answer = answers_from(Facts(shift=shift))["out_of_distribution"]
    assert answer.reply == reply
    assert "shifted rows" in (answer.method or "")


def test_what_a_task_is_answers_by_definition_and_nothing_else() -> None:
    category = {name: a.reply for name, a in answers_from(Facts(output_kind="category")).items()}
    assert category == {
        "multiple_tasks": "no",
        "mimics_human": "no",
        "far_from_language_modelling": "no",
        "creative_generation": "no",
    }
    assert answers_from(Facts(output_kind="number"))["far_from_language_modelling"].reply == "yes"
    assert set(answers_from(Facts(output_kind="text"))) == {"multiple_tasks", "far_from_language_modelling"}
    assert set(answers_from(Facts(output_kind="something new"))) == {"multiple_tasks"}
    assert not answers_from(Facts())


def test_every_answered_question_is_one_of_the_flow() -> None:
    for kind in ("category", "set", "spans", "number", "text"):
        assert set(answers_from(Facts(output_kind=kind))) <= set(FLOW.questions)


def test_the_rows_of_a_task_are_all_its_labelled_ones() -> None:
    data = make_records(arms=[PlantedArm("linear")], rows=70, validation_rows=30, pool_rows=200, labels=3).task
    assert facts_of(data) == Facts(output_kind="category", labelled_rows=300, labels=3)


def test_a_task_file_takes_answers_as_words_and_as_yamls_truth_values(tmp_path: Path) -> None:
    path = tmp_path / "task.yaml"
    path.write_text("data: a.csv\nanswers:\n  few_labels: yes\n  mimics_human: 'no'\n  emergent_ability: unknown\n")
    spec = read_task_file(path)
    assert spec.answers == {"few_labels": "yes", "mimics_human": "no", "emergent_ability": "unknown"}
    write_task_file(tmp_path / "again.yaml", spec)
    assert read_task_file(tmp_path / "again.yaml").answers == spec.answers
    with pytest.raises(InputError, match="answers"):
        path.write_text("data: a.csv\nanswers: {few_labels: perhaps}\n")
        read_task_file(path)
    assert TaskSpec(data=path).answers is None
