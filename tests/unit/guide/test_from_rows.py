"""What a profile answers to the flow: shift by its size and the file it is of, labels by count, languages by model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import profile_cases as cases
from tuningfork.guide.facts import Facts, answers_from
from tuningfork.guide.from_rows import documented, facts_of_rows, known_languages, shift_facts
from tuningfork.profile.figures import Languages, Shift
from tuningfork.task.schema import TaskSpec


def answer(found: Shift) -> tuple[str, str | None]:
    told = answers_from(Facts(shift=shift_facts([found])))["out_of_distribution"]
    return told.reply, told.confidence


@pytest.mark.parametrize(
    ("role", "separation", "expected"),
    [
        ("test", 0.9, ("yes", "high")),
        ("test", None, ("yes", "high")),
        ("test", 0.55, ("unknown", "low")),
        ("shifted", 0.9, ("yes", "high")),
        ("shifted", 0.55, ("yes", "low")),
    ],
)
def test_a_difference_counts_by_its_size(role: str, separation: float | None, expected: tuple[str, str]) -> None:
    assert answer(replace(cases.shift(role), separation=separation)) == expected


@pytest.mark.parametrize("role", ["test", "shifted"])
def test_texts_that_only_repeat_more_are_no_shift(role: str) -> None:
    found = replace(cases.shift(role), separation=0.8, repeats_only=True)
    assert answer(found) == ("unknown", "low")
    facts = shift_facts([found])
    assert facts is not None
    assert not facts.counts


@pytest.mark.parametrize(
    ("role", "detected", "separation", "counts"),
    [
        ("test", True, 0.86, True),
        ("test", True, None, True),
        ("test", True, 0.6, False),
        ("shifted", True, 0.6, True),
        ("test", False, 0.86, False),
        ("shifted", None, None, False),
    ],
)
def test_a_shift_counts_where_it_is_found_and_not_slight_or_given(
    role: str, detected: bool | None, separation: float | None, counts: bool
) -> None:
    facts = shift_facts([replace(cases.shift(role, detected=detected), separation=separation)])
    assert facts is not None
    assert facts.counts is counts


def test_no_shift_is_an_answer_only_with_power() -> None:
    seen = cases.shift(detected=False)
    assert answer(seen) == ("no", "medium")
    assert answer(replace(seen, power=0.4)) == ("unknown", "low")
    assert answer(cases.shift(detected=None)) == ("unknown", "low")


def test_shifted_rows_come_before_test_rows() -> None:
    found = shift_facts([cases.shift("test"), cases.shift("shifted", detected=False)])
    assert found is not None
    assert (found.rows, found.detected) == ("shifted", False)
    assert shift_facts([]) is None


def test_rows_without_labels_say_nothing_of_the_output() -> None:
    assert set(answers_from(facts_of_rows("classification", labelled=0, labels=0, shifts=()))) == {"few_labels"}
    told = answers_from(facts_of_rows("classification", labelled=900, labels=3, shifts=()))
    assert told["creative_generation"].reply == "no"
    assert told["few_labels"].reply == "no"


def test_starters_that_do_not_know_the_language_are_named() -> None:
    assert known_languages()["minilm"] == ("en",)
    german = replace(cases.file_profile(), languages=Languages(shares=(("de", 1.0),), looked_at=90, told=80))
    notes = documented(cases.profile((german,)), TaskSpec(data=Path("t.csv"))).notes
    (note,) = [note for note in notes if note.code == "language_mismatch"]
    assert "minilm" in note.message
    assert "German" in note.message
    assert "language_mismatch" not in {note.code for note in cases.document(cases.profile()).notes}
