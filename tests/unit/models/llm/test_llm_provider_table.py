"""The table of providers says what it must of each."""

from __future__ import annotations

import pytest

from tuningfork.errors import UnknownName
from tuningfork.models.llm.addresses import is_loopback
from tuningfork.models.llm.providers import providers, server, servers


def test_every_provider_of_the_arm_specs_is_there():
    names = {
        "openai",
        "azure",
        "anthropic",
        "google",
        "mistral",
        "deepseek",
        "groq",
        "together",
        "openrouter",
        "ollama",
        "lmstudio",
    }
    assert set(providers()) == names
    assert set(servers()) == {"openai-compatible", "vllm", "sglang", "llama.cpp"}


def test_who_bills_has_a_key_and_https_who_does_not_is_this_machine():
    for row in providers().values():
        assert row.billed == (row.key is not None)
        if row.address is None:
            assert row.address_variable and row.hosts and row.example, "each customer has a host of their own"
            continue
        assert row.address.startswith("https://") == row.billed == (not is_loopback(row.address))


@pytest.mark.parametrize(
    ("model", "reasons"),
    [
        ("gpt-4o-mini", False),
        ("gpt-4.1", False),
        ("gpt-5-mini", True),
        ("gpt-5.2", True),
        ("gpt-5-chat-latest", False),
        ("o1", True),
        ("o4-mini", True),
        ("gpt-10", True),
        ("ft:gpt-4o-mini:me", False),
    ],
)
def test_openai_s_reasoning_models_are_known(model, reasons):
    row = providers()["openai"]
    assert row.reasons(model) is reasons
    assert row.takes_temperature(model) is not reasons
    assert row.candidates(model) == (0 if reasons else 20)


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        ("claude-haiku-4-5", True),
        ("claude-haiku-4-5-20251001", True),
        ("claude-opus-4-6", True),
        ("claude-opus-4-8", False),
        ("claude-sonnet-4-20250514", True),
        ("claude-3-5-sonnet-20241022", True),
        ("claude-sonnet-5", False),
        ("claude-opus-5-1", False),
    ],
)
def test_which_claude_takes_a_temperature_is_known(model, takes):
    assert providers()["anthropic"].takes_temperature(model) is takes


def test_ollama_s_cloud_models_leave_this_machine():
    row = providers()["ollama"]
    assert row.relayed_to("gpt-oss:120b-cloud") == "ollama.com"
    assert row.relayed_to("llama3.2") is None


def test_an_unknown_kind_of_server_gets_near_names():
    with pytest.raises(UnknownName, match="vllm"):
        server("vlm")
