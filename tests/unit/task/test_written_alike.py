"""A text is a label but for its writing, and never one of two that are written alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.task.written_alike import WrittenAlike, folded, looks


@pytest.mark.parametrize(
    ("labels", "written", "label"),
    [
        (["0", "1", "2"], "2.0", "2"),
        (["0", "1"], "1,0", "1"),
        (["-1", "0", "1"], "-1.0", "-1"),
        (["-1", "0", "1"], "\u22121", "-1"),
        (["007", "12"], "7", "007"),
        (["1.0", "2.0"], "2", "2.0"),
        (["refund_request", "other"], "refund request", "refund_request"),
        (["refund_request", "other"], "Refund-Request", "refund_request"),
        (["refund request", "other"], "refund_request", "refund request"),
        (["Rückgabe", "Konto"], unicodedata.normalize("NFD", "Rückgabe"), "Rückgabe"),
        ([unicodedata.normalize("NFD", "Rückgabe"), "Konto"], "Rückgabe", unicodedata.normalize("NFD", "Rückgabe")),
        (["\u2764\ufe0f", "\U0001f44d"], "\u2764", "\u2764\ufe0f"),
        (["don't know", "yes"], "don\u2019t know", "don't know"),
        (["sci-fi", "drama"], "sci\u2011fi", "sci-fi"),
        (["R&D", "HR"], "\uff32&\uff24", "R&D"),
        (["New York", "Rome"], "New\u00a0York", "New York"),
        (["ham", "spam"], "\u200bspam\u200b", "spam"),
        (["STRASSE", "Weg"], "Straße", "STRASSE"),
        (["B-17", "C3"], "b 17", "B-17"),
    ],
)
def test_writings_of_one_label_are_that_label(labels: list[str], written: str, label: str) -> None:
    found = WrittenAlike(labels).find(written)
    assert found is not None and labels[found] == label


@pytest.mark.parametrize(
    ("labels", "written"),
    [
        (["0", "1"], "-1"),
        (["0", "1"], "1.5"),
        (["1", "2"], "12"),
        (["C", "Java"], "C++"),
        (["refund", "delivery"], ""),
        (["refund", "delivery"], "refunds"),
        (["1-2", "3-4"], "12"),
        (["US", "us"], "Us"),
        (["a_b", "a b"], "a-b"),
    ],
)
def test_other_texts_are_none(labels: list[str], written: str) -> None:
    assert WrittenAlike(labels).find(written) is None


def test_labels_that_differ_in_writing_only_are_each_found_as_they_stand() -> None:
    labels = ["US", "us", "\u2764", "\u2764\ufe0f", "1", "1.0", "a_b", "a b"]
    reader = WrittenAlike(labels)
    assert [reader.find(label) for label in labels] == list(range(len(labels)))


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=8, unique=True))
def test_every_label_finds_itself_or_blank_and_never_another(labels: list[str]) -> None:
    reader = WrittenAlike(labels)
    for number, label in enumerate(labels):
        found = reader.find(label)
        if label.strip() and sum(other.strip() == label.strip() for other in labels) == 1:
            assert found == number


@given(st.text(max_size=12))
def test_writings_are_settled_after_one_pass(text: str) -> None:
    assert looks(looks(text)) == looks(text)
    assert folded(folded(text)) == folded(text)
