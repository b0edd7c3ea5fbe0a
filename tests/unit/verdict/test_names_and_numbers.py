"""How arms and numbers read."""

from __future__ import annotations

import pytest

from tuningfork.arms.results import Side
from tuningfork.verdict import numbers
from tuningfork.verdict.names import name_of, parameters_in


@pytest.mark.parametrize(
    ("arm", "side", "short", "order"),
    [
        (
            "linear",
            "fine-tuned",
            "TF-IDF and a linear classifier",
            "Train a small model (TF-IDF and a linear classifier)",
        ),
        ("head:wordllama", "fine-tuned", "WordLlama embeddings and logistic regression", None),
        ("blend:minilm", "fine-tuned", "TF-IDF and MiniLM embeddings, each with a linear classifier", None),
        ("finetune:minilm", "fine-tuned", "MiniLM", "Fine-tune MiniLM"),
        ("finetune:minilm?layers=2", "fine-tuned", "MiniLM, top 2 layers", "Fine-tune MiniLM, top 2 layers"),
        ("finetune:hf:microsoft/deberta-v3-small", "fine-tuned", "deberta-v3-small", None),
        ("prompt:smollm2-135m?shots=5", "llm", "SmolLM2-135M, 5 shots", "Prompt SmolLM2-135M, 5 shots"),
        ("prompt:smollm2-135m", "llm", "SmolLM2-135M, zero-shot", None),
        (
            "prompt:qwen2.5-coder-1.5b?shots=1&select=nearest",
            "llm",
            "Qwen2.5-Coder-1.5B, 1 shot, nearest examples",
            None,
        ),
        ("prompt:openai/gpt-5-mini?effort=low", "llm", "gpt-5-mini, zero-shot, effort low", None),
        ("prompt:m@http://127.0.0.1:8000/v1?key_env=KEY", "llm", "m, zero-shot", None),
        ("predictions:out/b.csv?side=llm", "llm", "answers in b.csv", "Use the LLM arm whose answers are in b.csv"),
        ("predictions:out/b.csv?side=llm&model=GPT-5.6 Sol", "llm", "GPT-5.6 Sol", "Use GPT-5.6 Sol"),
        ("predictions:b.csv?model=GPT-5.6%20Sol&side=llm", "llm", "GPT-5.6 Sol", "Use GPT-5.6 Sol"),
    ],
)
def test_arms_read_well(arm: str, side: Side, short: str, order: str | None) -> None:
    name = name_of(arm, side)
    assert name.short == short
    assert order is None or name.order == order


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("smollm2-135m q8_0", 135e6),
        ("qwen2.5-coder-0.5b", 0.5e9),
        ("Llama-3.1-8B-Instruct", 8e9),
        ("mixtral-8x7b", 56e9),
        ("qwen3-30b-a3b", 30e9),
        ("llama3:70b", 70e9),
        ("gpt-5-mini", None),
        ("minilm-int8", None),
        ("b-17", None),
    ],
)
def test_parameters_are_read_off_a_name(name: str, size: float | None) -> None:
    assert parameters_in(name) == size


def test_scores_have_the_digits_their_interval_deserves() -> None:
    assert numbers.score(0.9137, (0.8821, 0.9344)) == "0.91 [0.88, 0.93]"
    assert numbers.score(0.9137, (0.9091, 0.9180)) == "0.914 [0.909, 0.918]"
    assert numbers.score(0.9137) == "0.91"
    assert numbers.score(None) == "–"


def test_gaps_are_whole_points_unless_that_would_hide_which_side_of_zero_a_bound_is_on() -> None:
    assert numbers.gap(0.18, (0.14, 0.22), "points") == "18 points [14, 22]"
    assert numbers.gap(0.011, (-0.021, 0.043), "points") == "1 point [-2, 4]"
    assert numbers.gap(0.031, (0.002, 0.06), "points") == "3.1 points [0.2, 6.0]"
    assert numbers.gap(0.004, (-0.03, 0.04), "points") == "0.4 points [-3, 4]"
    assert numbers.gap(0.0, (-0.05, 0.05), "points") == "0 points [-5, 5]"


def test_points_counts_and_p_values() -> None:
    assert [numbers.amount(x, "points") for x in (0.03, 0.01, 0.035, 0.0, 0.0001)] == [
        "3 points",
        "1 point",
        "3.5 points",
        "0 points",
        "0 points",
    ]
    assert [numbers.about(x) for x in (7, 43.2, 347, 1043, 98765)] == ["7", "43", "350", "1,000", "99,000"]
    assert [numbers.p_value(x) for x in (None, 0.0004, 0.012, 0.3)] == [None, "p < 0.001", "p = 0.012", "p = 0.30"]
    assert numbers.count(12345) == "12,345"
