"""From an answer to one of a row's options."""

from __future__ import annotations

import pytest

from tuningfork.arms.prompt.forms.option_answers import OptionParser
from tuningfork.arms.results import NO_LABEL

PLACES = ("a swamp", "a glacier", "the hills", "a desert")
WORDS = ("owls", "toads", "mice", "moss")
A, B, C, D = range(4)


@pytest.mark.parametrize(
    "answer",
    [
        *("B", "b", "(B)", "[B]", "B.", "b.", "B)", "B:", " B\n", "**B**", '"B"', "`B`", "\\boxed{B}", "$B$"),
        *("Answer: B", "answer: b", "**Answer:** B", "Answer: (B)", "Final answer: B.", "The correct answer: B"),
        *("Option B", "option b", "Choice B.", "Option: B", "The answer is B", "The answer is (b)."),
        "I would choose B.",
        *("B. a glacier", "B) a glacier", "(B) a glacier", "B: a glacier", "B - a glacier", "b. a glacier."),
        "B a glacier",
        *("Answer: B. a glacier", "The answer is B: a glacier.", "The correct option is (B) a glacier"),
        *("a glacier", "A glacier", "a glacier.", "'a glacier'", "Answer: a glacier", "It is a glacier."),
        "The fog is in a glacier.",
        *('{"label": "B"}', '{"answer": "b"}', '{"answer": "a glacier"}', '```json\n{"label": "B"}\n```', '["B"]'),
        *("B\n\nA glacier is cold and wet.", "B. a glacier\nIt is not a swamp."),
        "B. Fog needs cold air over wet ground.",
        *("B, because fog needs cold air.", "B is correct.", "<answer>B</answer>", "B. a glacier, not a swamp"),
        "Fog needs water and cold.\nSo the answer is B.",
        "A swamp is warm and a desert is dry.\nTherefore, the correct answer is (B).",
    ],
)  # fmt: skip
def test_one_option_in_every_writing(answer: str) -> None:
    assert OptionParser(PLACES).parse(answer) == B


@pytest.mark.parametrize(
    "answer",
    [
        *("", "A or B", "A, B", "A and B", "(A) or (B)", "A/B", "AB", "A B", "Both A and B"),
        *("E", "e.", "(E)", "Answer: E", "E. a glacier", "Option F", "The answer is G."),
        *("A. a glacier", "C: a glacier", "(D) a swamp", "The answer is C: a glacier", "C a glacier"),
        *("a swamp or a glacier", "either a swamp or a desert", "not B", "It is not a glacier."),
        "B is wrong.\nC is right.",
        *("I don't know", "None of them", "the sea", "42", '{"label": "E"}', '{"a": "A", "b": "B"}', '["A", "B"]'),
        *("B. No, C is right.", "Answer: A\nAnswer: B"),
        "The answer is A.\nNo, the answer is B.",
    ],
)  # fmt: skip
def test_what_names_no_option_or_two_is_no_answer(answer: str) -> None:
    assert OptionParser(PLACES).parse(answer) == NO_LABEL


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("A", A),
        ("a", A),
        ("A.", A),
        ("Answer: A", A),
        ("The answer is A", A),
        ("A is correct.", A),
        ("Option A fits best.", A),
        ("I think owls.", A),
        ("I would say A.", A),
        ("Foxes hunt mice.", C),
        ("A predator eats mice.", C),
        ("a predator", NO_LABEL),
        ("I", NO_LABEL),
    ],
)
def test_an_article_is_no_letter_and_the_letter_is(answer: str, place: int) -> None:
    assert OptionParser(WORDS).parse(answer) == place


def test_texts_that_are_letters_numbers_or_twice_there() -> None:
    assert OptionParser(("B", "C", "A")).parse("B") == B, "held to letters, a letter is one"
    assert OptionParser(("4", "12", "1")).parse("12") == B
    assert OptionParser(("4", "12", "1")).parse("3") == NO_LABEL
    assert OptionParser(("4", "12", "1")).parse("1") == C
    twice = OptionParser(("red", "blue", "red"))
    assert twice.parse("red") == NO_LABEL
    assert [twice.parse(answer) for answer in ("A. red", "C. red", "blue", "B. red")] == [A, C, B, NO_LABEL]
    assert OptionParser(("vitamin C", "vitamin D", "iron")).parse("vitamin C") == A
    assert OptionParser(("vitamin C", "vitamin D", "iron")).parse("It is vitamin C.") == A
    assert OptionParser(("It does not burn.", "It burns.")).parse("A. It does not burn.") == A
    assert OptionParser(("It does not burn.", "It burns.")).parse("it does not burn") == A
    assert OptionParser(("yes", "no")).parse("C") == NO_LABEL
