"""Errors as real servers write them, and what they mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tuningfork.errors import ProviderError
from tuningfork.models.llm.addresses import Address
from tuningfork.models.llm.faults import Blocked, Fault, Refusal, RowRefused, RowTooLong, raise_for
from tuningfork.models.llm.providers import providers, server

SENT = ("max_tokens", "temperature", "seed", "logprobs", "top_logprobs", "response_format")


def say(status, body, headers=None, *, provider=None):
    raise_for(
        status,
        headers or {},
        body if isinstance(body, str) else json.dumps(body),
        sent=SENT,
        address=Address(url="https://llm.example/v1", key=None, key_variable="TUNINGFORK_API_KEY", own=True),
        provider=provider or server("openai-compatible"),
        model="m",
    )


def openai(message, param=None, code=None):
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (
            openai(
                "Unsupported parameter: 'max_tokens' is not supported here. Use 'max_completion_tokens' instead.",
                "max_tokens",
                "unsupported_parameter",
            ),
            "max_tokens",
        ),
        (openai("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"), "temperature"),
        (openai("Invalid schema for response_format 'answer'", "response_format.json_schema"), "response_format"),
        (openai("`logprobs` is not supported with this model"), "logprobs"),
        (openai("This model does not support response format `json_schema`."), "response_format"),
        (openai("temperature is deprecated for this model."), "temperature"),
        (
            [
                {
                    "error": {
                        "code": 400,
                        "message": 'Invalid JSON payload received. Unknown name "seed": Cannot find field.',
                        "status": "INVALID_ARGUMENT",
                    }
                }
            ],
            "seed",
        ),
        (
            {"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"], "msg": "Extra inputs are not permitted"}]},
            "seed",
        ),
        ({"object": "error", "message": {"detail": [{"loc": ["body", "top_logprobs"]}]}}, "top_logprobs"),
        ({"object": "error", "message": json.dumps({"detail": [{"loc": ["body", "logprobs"]}]})}, "logprobs"),
        ({"message": "5 is greater than the maximum of 1 - 'logprobs'", "param": "logprobs"}, "logprobs"),
        ("top_logprobs must be at most 5", "top_logprobs"),
    ],
)
def test_the_refused_parameter_is_found(body, parameter):
    with pytest.raises(Refusal) as caught:
        say(400, body)
    assert caught.value.parameter == parameter


def test_the_largest_allowed_value_is_read():
    with pytest.raises(Refusal) as caught:
        say(400, openai("top_logprobs must be between 0 and 5", "top_logprobs"))
    assert caught.value.at_most == 5


@pytest.mark.parametrize(
    "body",
    [
        openai("This model's maximum context length is 8192 tokens, however you requested 9000 (max_tokens 1000)"),
        {
            "error": {
                "code": 400,
                "message": "request (9031 tokens) exceeds the available context size (4096 tokens)",
                "type": "exceed_context_size_error",
            }
        },
        {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens"}},
    ],
)
def test_a_prompt_that_does_not_fit_is_no_refused_parameter(body):
    with pytest.raises(RowTooLong):
        say(400, body)


def test_a_parameter_that_was_not_sent_is_not_dropped():
    with pytest.raises(RowRefused, match="tools is required"):
        say(400, openai("tools is required", "tools"))


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation"])
def test_a_content_filter_is_told_apart(code):
    with pytest.raises(Blocked):
        say(400, openai("The response was filtered", "prompt", code))


def test_a_throttling_server_says_how_long():
    soon = datetime.now(UTC) + timedelta(seconds=30)
    cases = {"7": 7.0, "0.5": 0.5, format_datetime(soon, usegmt=True): 30.0, "soon": None, "-3": 0.0}
    for given, seconds in cases.items():
        with pytest.raises(Fault) as caught:
            say(429, openai("slow down"), {"retry-after": given})
        assert caught.value.throttled
        assert caught.value.retry_after == (None if seconds is None else pytest.approx(seconds, abs=2))
    with pytest.raises(Fault) as caught:
        say(429, openai("slow down"), {"retry-after-ms": "250", "retry-after": "1"})
    assert caught.value.retry_after == 0.25


def test_no_credit_is_final():
    with pytest.raises(ProviderError, match="no credit left"):
        say(429, openai("You exceeded your current quota, please check your plan", code="insufficient_quota"))


def test_a_model_that_is_not_pulled_gets_the_command():
    with pytest.raises(ProviderError, match="ollama pull m"):
        say(404, {"error": {"message": 'model "m" not found, try pulling it first'}}, provider=providers()["ollama"])


def test_a_long_page_is_not_poured_over_the_person():
    with pytest.raises(ProviderError) as caught:
        say(418, "<html>" + "x" * 5000)
    assert len(str(caught.value)) < 500
