"""From an answer as a file writes it to the label that it is."""

from __future__ import annotations

import pytest

from tuningfork.task.answers.labels import (
    NO_LABEL,
    LabelReader,
    NeverLabels,
    Remedies,
    refuse_if_never_labels,
    space_of,
)

REMEDIES = Remedies(
    "tool {}", column="--answer {}", label_names="--names n", codes="--codes c", encoding="--encoding {}", match="{}"
)


def read(answer: str, values: tuple[str, ...], **names: str) -> str | None:
    reader = LabelReader(space_of(values, names))
    found = reader.find(answer)
    return None if found == NO_LABEL else reader.labels.values[found]


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("refund", "refund"),
        (" Refund. ", "refund"),
        ("“refund”", "refund"),
        ("`refund`", "refund"),
        ('{"label": "refund", "confidence": 0.3}', "refund"),
        ('{"text": "refund", "why": "so"}', None),
        ('["refund"]', "refund"),
        ("['refund', 'delivery']", None),
        ("__label__refund", "refund"),
        ("refund or delivery", None),
        ("refunds", None),
        ("", None),
        ("{", None),
    ],
)
def test_an_answer_is_a_label_but_for_its_wrapping(answer: str, label: str | None) -> None:
    assert read(answer, ("refund", "delivery")) == label


@pytest.mark.parametrize(
    ("answer", "label"),
    [("1.0", "1"), ("01", "1"), ("LABEL_1", "1"), ("label 0", "0"), ("1.5", None), ("-1", None), ("good", "1")],
)
def test_codes_are_read_by_their_number_and_by_their_name(answer: str, label: str | None) -> None:
    assert read(answer, ("0", "1"), **{"1": "Good"}) == label


def test_a_value_to_the_letter_comes_first_then_a_name_to_the_letter() -> None:
    turned = {"a": "b", "b": "a"}
    assert read("a", ("a", "b"), **turned) == "a"
    assert read("B", ("b", "x"), b="y", x="B") == "x", "before what is written otherwise"


def test_codes_that_stand_for_labels_are_known_when_somebody_says_so() -> None:
    reader = LabelReader(space_of(("delivery", "refund")))
    assert reader.find_all(["0", "1.0", "2"]) == [NO_LABEL] * 3
    assert reader.with_codes({"0": "Refund", "1": "delivery"}).find_all(["0", "1.0", "2"]) == [1, 0, NO_LABEL]


def refuse(given: list[str], values: tuple[str, ...] = ("no", "yes"), known: tuple[str, ...] = ()) -> None:
    labels = space_of(values)
    found = LabelReader(labels).find_all(given)
    refuse_if_never_labels(given, found, labels, file="a.csv", column="p", remedies=REMEDIES, known=known)


def test_one_label_in_twenty_is_enough_and_fewer_are_refused() -> None:
    refuse(["yes", *["dunno"] * 19])
    with pytest.raises(
        NeverLabels, match="only 1 of 21 answers are labels of this task: the answers are 'dunno', 'yes'"
    ):
        refuse(["yes", *["dunno"] * 20])
    refuse(["yes", *["dunno"] * 19, *[""] * 50])
    with pytest.raises(NeverLabels, match=r"tool --codes c"):
        refuse(["0", "1"] * 10)
    with pytest.raises(NeverLabels, match=r"tool --names n"):
        refuse(["yes", "no"] * 10, values=("0", "1"))


def test_wrong_answers_that_may_be_labels_are_not_refused() -> None:
    refuse(["maybe"] * 5)
    refuse(["maybe"] * 100, values=("yes",))
    refuse(["maybe"] * 100, known=("maybe", "yes"))
