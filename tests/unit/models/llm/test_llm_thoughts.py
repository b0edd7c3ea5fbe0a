"""Thought and the marks of templates come off, whatever family of models wrote them."""

from __future__ import annotations

import pytest

from tuningfork.models.llm.thoughts import is_marked, without_thought

HM = "Is it card? Or refund?\nRather not."


@pytest.mark.parametrize(
    "text",
    [
        f"<think>\n{HM}\n</think>\n\nrefund",
        f"{HM}\n</think>\n\nrefund",
        f"<thinking>{HM}</thinking>refund",
        f"<Thought>{HM}</Thought> refund",
        f"<reasoning>{HM}</reasoning>\nrefund<|im_end|>",
        f"<seed:think>{HM}</seed:think>refund",
        f"<|begin_of_thought|>{HM}<|end_of_thought|>\n<|begin_of_solution|>refund<|end_of_solution|>",
        f"[THINK]{HM}[/THINK]refund</s>",
        f"◁think▷{HM}◁/think▷refund",
        f"<|channel|>analysis<|message|>{HM}<|end|><|start|>assistant<|channel|>final<|message|>refund<|return|>",
        f"analysis{HM}assistantfinalrefund",
        f"<unused94>thought\n{HM}<unused95>refund",
        f"<|START_THINKING|>{HM}<|END_THINKING|><|START_RESPONSE|>refund<|END_RESPONSE|>",
        f"<|channel>thought\n{HM}<channel|>refund<turn|>",
        f"<think>{HM}</think><think>once more</think>refund",
    ],
)
def test_what_is_left_is_the_answer(text: str) -> None:
    assert without_thought(text).strip() == "refund"
    assert is_marked(text) or text.startswith("analysis")


@pytest.mark.parametrize(
    "text", [f"<think>{HM}", f"<|channel|>analysis<|message|>{HM}", f"[THINK]{HM}", f"{HM}</think>"]
)
def test_a_thought_without_an_answer_leaves_nothing(text: str) -> None:
    assert without_thought(text) == ""


@pytest.mark.parametrize(
    "text", ["refund", "think", "I think refund", "<answer>refund</answer>", "a < b", "[1] refund"]
)
def test_what_is_no_thought_stays(text: str) -> None:
    assert without_thought(text) == text
    assert not is_marked(text)


@pytest.mark.parametrize("text", ["refund<|im_end|>\n<|im_start|>user", "<s>refund</s>", "refund<|eot_id|>"])
def test_the_marks_of_turns_come_off(text: str) -> None:
    assert without_thought(text) == "refund"
