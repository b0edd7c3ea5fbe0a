"""How far two formats agree, and what follows from it."""

from __future__ import annotations

import math

import pytest

from tuningfork.models.llm.format_trial import Likeness, compare
from tuningfork.models.llm.gguf_format import _judge


def place(**probabilities: float) -> dict[int, float]:
    return {ord(token): math.log(p) for token, p in probabilities.items()}


def test_the_same_expectations_agree_fully() -> None:
    places = [place(a=0.7, b=0.3), place(a=0.1, b=0.9)]
    assert compare(places, places) == Likeness(1.0, 0.0)


def test_by_hand() -> None:
    first = [place(a=0.5, b=0.5001), place(a=0.75, b=0.25)]
    second = [place(a=0.6, b=0.4), place(a=0.75, b=0.25)]
    likeness = compare(first, second)
    assert likeness.same_first == 0.5
    assert likeness.divergence == pytest.approx((0.5 * math.log(0.5 / 0.6) + 0.5001 * math.log(0.5001 / 0.4)) / 2)


def test_a_continuation_the_second_does_not_list_counts_as_its_least() -> None:
    likeness = compare([place(a=0.8, c=0.2)], [place(a=0.9, b=0.1)])
    assert likeness.divergence == pytest.approx(0.8 * math.log(0.8 / 0.9) + 0.2 * math.log(0.2 / 0.1))


@pytest.mark.parametrize(("first", "second"), [([], []), ([place(a=1.0)], [])])
def test_needs_as_many_places(first: list[dict[int, float]], second: list[dict[int, float]]) -> None:
    with pytest.raises(ValueError, match="places"):
        compare(first, second)


@pytest.mark.parametrize(
    ("old", "new", "likeness", "rewrite", "word"),
    [
        (200.0, 260.0, Likeness(1.0, 0.005), True, "260"),
        (200.0, 209.0, Likeness(1.0, 0.005), False, "not faster"),
        (200.0, 400.0, Likeness(0.90, 0.005), False, "differently"),
        (200.0, 400.0, Likeness(1.0, 0.23), False, "differently"),
    ],
)
def test_faster_and_alike_or_it_stays(old: float, new: float, likeness: Likeness, rewrite: bool, word: str) -> None:
    verdict = _judge("q4_1", {"q4_1": old, "q8_0": new}, likeness)
    assert verdict.rewrite is rewrite
    assert word in verdict.reason
