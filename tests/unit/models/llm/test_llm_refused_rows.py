"""Every server says in words of its own that a prompt is too long."""

from __future__ import annotations

import pytest

from tuningfork.models.llm.refused_rows import is_about_model, is_too_long, tokens_allowed

TOO_LONG = [
    ("prompt too long; exceeded max context length by 1063 tokens", None),
    ("max_tokens must be at least 1, got -1063.", None),
    ("Request too large", None),
    ("This model's maximum context length is 2048 tokens. However, you requested 3111 tokens in the messages.", 2048),
    ("request (9031 tokens) exceeds the available context size (4096 tokens)", 4096),
    ("prompt is too long: 210000 tokens > 200000 maximum", 200000),
    ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048575).", 1048575),
    (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3000 `inputs` tokens and 60 `max_new_tokens`",  # noqa: E501
        2048,
    ),
    ("Input validation error: `inputs` must have less than 1024 tokens. Given: 3000", 1024),
    ("The input (5000 tokens) is longer than the model's context length (4096 tokens).", 4096),
    (
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 5000 tokens",  # noqa: E501
        4096,
    ),
    (
        "This model's maximum context length is 2048 tokens. However, your request has 3111 input tokens. Please reduce the length of the input messages.",  # noqa: E501
        2048,
    ),
    ("Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", 32768),
    ("too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.", 4081),
    ("The number of tokens to keep from the initial prompt is greater than the context length", None),
    (
        "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough",  # noqa: E501
        4096,
    ),
    ("the request exceeds the available context size. try increasing the context size or enable context shift", None),
    ("input length exceeds maximum context length", None),
    ("Payload Too Large", None),
    (
        "Request too large for model `llama` in organization on tokens per minute (TPM): Limit 6000, Requested 8000",
        6000,
    ),
    ("Input length (3111) exceeds model's maximum context length (2048).", 2048),
    ("The prompt (length 3111) is too long: max_model_len 2048", 2048),
    ("Total tokens of image and text exceed max message tokens", None),
    ("input is too long for requested model", None),
    ("Please reduce the length of the messages or completion.", None),
    ("prompt tokens (3111) exceed limit 2048", 2048),
]
OTHER = [
    "Unsupported parameter: 'max_tokens' is not supported with this model.",
    "max_tokens is too large: 33008. This model supports at most 16384 completion tokens",
    "The response was filtered",
    "top_logprobs must be at most 5",
    "tools is required",
    "invalid UTF-8",
    "Rate limit exceeded",
    "seed: Extra inputs are not permitted",
    "5 is greater than the maximum of 1 - 'logprobs'",
    "Extra inputs are not permitted: max_tokens",
    "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3",
]


@pytest.mark.parametrize(("said", "tokens"), TOO_LONG)
def test_it_is_understood_and_so_is_the_number(said: str, tokens: int | None) -> None:
    assert is_too_long(said)
    assert tokens_allowed(said) == tokens


@pytest.mark.parametrize("said", OTHER)
def test_other_errors_are_not_taken_for_it(said: str) -> None:
    assert not is_too_long(said)


def test_errors_about_the_model_are_told_apart() -> None:
    assert is_about_model("The model 'x' does not exist") and is_about_model("model not found")
    assert not is_about_model("invalid characters in the input")
