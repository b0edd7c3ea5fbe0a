"""What a reader of a profile is told to mind, and that nothing is said where there is nothing to mind."""

from __future__ import annotations

import profile_cases as cases
from tuningfork.profile.figures import (
    Duplicates,
    Finding,
    Leakage,
    Profile,
    SuspiciousLabels,
    Truncation,
)
from tuningfork.profile.remarks import remarks_on

_EVEN = {"a": 100, "b": 90}


def codes(found: Profile) -> set[str]:
    return {note.code for note in remarks_on(found)}


def _repeats(normalised: int, near: int = 0, contradicting: int = 0) -> Duplicates:
    return Duplicates(
        exact=0, normalised=normalised, near=near, similarity=0.8, contradicting=contradicting, examples=()
    )


def test_even_clean_rows_ask_for_nothing() -> None:
    assert codes(cases.profile((cases.file_profile(labels=_EVEN),))) == set()


def test_uneven_labels_are_told_where_rare_ones_are_not_the_rule() -> None:
    assert codes(cases.profile((cases.file_profile(labels={"a": 100, "b": 3}),))) == {"imbalanced_labels"}
    rare = {f"intent {place}": 1 + place % 4 for place in range(40)}
    assert codes(cases.profile((cases.file_profile(labels=rare),))) == set()


def test_many_numbers_are_amounts_and_no_classes() -> None:
    ratings = {f"{place / 10}": 1 + 9 * (place % 4) for place in range(40)}
    assert codes(cases.profile((cases.file_profile(labels=ratings),))) == {"numeric_labels"}
    stars = {str(place): 100 for place in range(1, 6)}
    assert codes(cases.profile((cases.file_profile(labels=stars),))) == set()


def test_repeats_count_from_a_twentieth_on() -> None:
    def of(found: Duplicates) -> set[str]:
        return codes(cases.profile((cases.file_profile(labels=_EVEN, duplicates=found),)))

    assert of(_repeats(9)) == set()
    assert of(_repeats(5, near=5)) == {"many_repeats"}
    assert of(_repeats(2, contradicting=1)) == {"contradicting_duplicates"}


def test_personal_data_is_a_warning_that_holds_no_value() -> None:
    rows = cases.file_profile(labels=_EVEN, personal=(Finding(kind="e-mail address", rows=2),))
    (note,) = remarks_on(cases.profile((rows,)))
    assert note.code == "personal_data"
    assert "e-mail address (2)" in note.message
    assert "API" in note.message


def test_a_model_that_would_not_see_the_end_is_named_with_the_share() -> None:
    rows = cases.file_profile(labels=_EVEN, truncations=(Truncation(model="minilm", max_tokens=256, rows=38),))
    (note,) = remarks_on(cases.profile((rows,)))
    assert note.code == "truncated_texts"
    assert "minilm reads 256" in note.message
    assert "20 %" in note.message


def test_shared_rows_doubtful_labels_and_shift() -> None:
    files = (cases.file_profile(labels=_EVEN), cases.file_profile("test", name="test.csv", labels=_EVEN))
    doubtful = SuspiciousLabels(looked_at=100, found=10, worst=(), model="m")
    found = cases.profile(
        files,
        leakage=(Leakage(role="test", rows=3, near=2, of=190),),
        suspicious=doubtful,
        shifts=(cases.shift("test"),),
    )
    assert codes(found) == {"leaked_rows", "doubtful_labels", "rows_differ"}
    assert codes(cases.profile(files, shifts=(cases.shift("test", detected=None),))) == {"shift_not_tested"}
    assert codes(cases.profile(files, shifts=(cases.shift("test", detected=False),))) == set()


def test_without_labels_or_encoder_that_is_said() -> None:
    found = cases.profile((cases.file_profile(labels={}, unlabelled=30),), embedded_by=None)
    assert codes(found) == {"unlabelled_file", "no_encoder"}
