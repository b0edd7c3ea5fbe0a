"""Answers are read strictly: wrappings come off, guesses do not count."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.prompt.forms.parsing import LabelParser
from tuningfork.arms.results import NO_LABEL

BANK = ("card", "card_arrival", "card arrival date", "Refund", "not received")


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("card", 0),
        ("  CARD_Arrival \n", 1),
        ("**card_arrival**", 1),
        ("__`refund`__", 3),
        ('"refund"', 3),
        ("“refund”", 3),
        ("```\ncard\n```", 0),
        ('```json\n{"label": "card_arrival"}\n```', 1),
        ('{"label": "Refund"}', 3),
        ('"{\\"label\\": \\"refund\\"}"', 3),
        ("card\n\nText: another one\nLabel: refund", 0),
        ("**card**\nbecause refund is something else", 0),
        ("The label is card_arrival.", 1),
        ("card arrival date!", 2),
        ("Label: refund", 3),
        ("Refund. ", 3),
        ("I think it is `card`", 0),
        ("This is: not received", 4),
        ('{"label": "card", "confidence": 0.9}', 0),
        ('{"answer": "card", "label": "card", "confidence": 0.93, "reason": "not a refund"}', 0),
        ('{"reason": "the refund is mentioned, but", "label": "card"}', 0),
        ('{"answer": "It says so: refund", "label": "card"}', 0),
        ('{"category": "Refund", "alternatives": ["card"]}', 3),
        ('["card"]', 0),
        ('{"label": ["card"]}', 0),
        ('{"label": {"label": "card"}}', 0),
        ('{"result": {"intent": "refund", "score": 1}}', 3),
        ("{'label': 'card', 'confidence': 0.9}", 0),
        ('{"label": "card",}', 0),
        ('Here is the JSON:\n```json\n{"label": "card_arrival"}\n```', 1),
        ('I would say {"label": "card"} here, for it is no refund.', 0),
        ('<tool_call>{"name": "classify", "arguments": {"label": "refund"}}</tool_call>', 3),
        ("**Label:** refund", 3),
        ("refund (confidence 0.93)", 3),
        ("Label: refund\nConfidence: 0.93", 3),
        ("The text says that money should come back, so it is no card.\n\nAnswer: refund", 3),
        ("Let me see.\n**Final answer:** **refund**", 3),
        ("Step 1: a card is named.\n\n\\boxed{refund}", 3),
        ("$\\boxed{\\text{card}}$", 0),
        ("<answer>refund</answer>", 3),
        ("It is about money.\n<answer>\nrefund\n</answer>", 3),
        ("<|begin_of_box|>refund<|end_of_box|>", 3),
        ("[refund]", 3),
        ("Refund. The customer asks for the money back, because nothing that was ordered ever came.", 3),
        ("**refund** - the customer asks for the money back, because nothing that was ordered ever came", 3),
        ("card_arrival: the customer waits for it, and has been doing so for more than two whole weeks", 1),
        ("- refund", 3),
        ("CARD ARRIVAL", 1),
        ("card-arrival", 1),
        ("CardArrival", 1),
        ("It is a card arrival.", 1),
        ("not_received", 4),
        ("card\u200b_arrival", 1),
    ],
)
def test_what_counts_as_an_answer(answer: str, label: int) -> None:
    assert LabelParser(BANK).parse(answer) == label


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   \n ",
        "card or refund",
        "cards",
        "discard",
        "card-holder",
        "postcard_arrival",
        "The answer is\ncard",
        "It could be a card. Then again, who knows?",
        "Having read the text with some care I would say that in all probability it is card",
        "It is not card",
        "It isn't a refund",
        '{"label": "card", "other": "refund"}',
        '{"label": "maybe", "answer": "card"}',
        '{"answer": "card", "category": "refund"}',
        '{"label": ["card", "refund"]}',
        '{"reason": "card", "confidence": 1}',
        '{"label": "card", "label": "refund"}',
        'Either {"label": "card"} or {"label": "refund"}',
        "Answer: not card",
        "It may be a card.\nAnswer: card or refund",
        "Answer: card\nOn second thought.\nAnswer: refund",
        "<answer>card</answer> <answer>refund</answer>",
        "Who knows.\n\nText: another row\nLabel: card",
        "card [1] or refund [2]",
        "Refund? The customer asks for the money back, because nothing that was ordered ever came.",
        "card: that is what one might think, but the customer really wants a refund for what was bought",
        "refund: this is not what the customer asks for, who only wants to know where the parcel is now",
        '{"label": "card"',
        "Both card_arrival and card",
    ],
)
def test_what_does_not_count(answer: str) -> None:
    assert LabelParser(BANK).parse(answer) == NO_LABEL


def test_two_labels_that_differ_by_case_need_the_right_case() -> None:
    parser = LabelParser(("Apple", "apple"))
    assert [parser.parse(text) for text in ("Apple", "apple", "APPLE", "It is Apple")] == [0, 1, NO_LABEL, 0]


def test_numbers_and_booleans_in_json_are_read_as_written() -> None:
    assert LabelParser(("0", "1")).parse('{"label": 1}') == 1
    assert LabelParser(("true", "false")).parse('{"answer": false}') == 1


def test_scripts_without_blanks_are_read_inside_a_sentence() -> None:
    assert LabelParser(("正面", "负面")).parse("答案是负面。") == 1


def test_labels_with_signs_at_their_edge_are_found() -> None:
    parser = LabelParser(("C", "C++"))
    assert [parser.parse("It is C++."), parser.parse("It is C.")] == [1, 0]


WORD = st.text(st.characters(whitelist_categories=("Ll", "Lu"), max_codepoint=0x17F), min_size=1, max_size=8)
LABEL = st.lists(WORD, min_size=1, max_size=3).map("_".join) | st.lists(WORD, min_size=1, max_size=3).map(" ".join)
LABELS = st.lists(LABEL, min_size=2, max_size=6, unique_by=str.casefold)
WRAPPINGS: tuple[Callable[[str], str], ...] = (
    lambda text: f"  {text}\n",
    lambda text: f'"{text}"',
    lambda text: f"'{text}'",
    lambda text: f"«{text}»",
    lambda text: f"**{text}**",
    lambda text: f"`{text}`",
    lambda text: f"```\n{text}\n```",
    lambda text: f"```json\n{text}\n```",
    json.dumps,
    lambda text: json.dumps({"label": text}),
)


@given(labels=LABELS, wrappings=st.lists(st.sampled_from(WRAPPINGS), max_size=4), data=st.data())
def test_every_label_in_any_wrapping_is_itself(
    labels: list[str], wrappings: list[Callable[[str], str]], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(range(len(labels))))
    answer = labels[chosen]
    for wrap in wrappings:
        answer = wrap(answer)
    assert LabelParser(labels).parse(answer) == chosen


@given(labels=LABELS, data=st.data())
def test_two_different_labels_in_one_line_are_no_answer(labels: list[str], data: st.DataObject) -> None:
    first, second = data.draw(st.permutations(range(len(labels))))[:2]
    parser = LabelParser(labels)
    answer = f"({labels[first]}) / ({labels[second]})"
    assert parser.parse(answer) == NO_LABEL


@given(answer=st.text(max_size=60))
def test_any_text_can_be_read(answer: str) -> None:
    assert LabelParser(BANK).parse(answer) in range(-1, len(BANK))


def test_a_fence_may_have_more_than_three_ticks() -> None:
    assert LabelParser(("A", "AA")).parse("````json\nA\n````") == 0


def test_labels_in_other_writing_are_found_and_the_longest_wins() -> None:
    parser = LabelParser(("R\u00fccksendung", "Ru\u0308ckfrage", "\u2764", "don\u2019t_know", "4"))
    answers = (
        "Ru\u0308cksendung",
        "It is R\u00fcckfrage.",
        "\u2764\ufe0f",
        "don't know",
        "4.0",
        '{"label": 4, "score": 1}',
    )
    assert [parser.parse(answer) for answer in answers] == [0, 1, 2, 3, 4, 4]


def test_numbers_that_say_how_sure_an_answer_is_are_no_label() -> None:
    parser = LabelParser(("0", "1"))
    assert parser.parse('{"label": 0, "confidence": 1}') == 0
    assert parser.parse('{"label": 0, "anything": 1}') == 0
    assert parser.parse('{"label": 0, "answer": 1}') == NO_LABEL


def test_labels_that_look_like_tags_or_reasons_are_themselves() -> None:
    names = ("<think>", "answer", "no", "not_spam", "spam")
    parser = LabelParser(names)
    assert [parser.parse(name) for name in names] == [0, 1, 2, 3, 4]
    assert parser.parse("It is not spam.") == 3
    assert LabelParser(("spam", "ham")).parse("It is not spam.") == NO_LABEL
