"""What a spec's model is, found out without a request."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from llm_servers import ScriptedServer, always
from ports import MemoryJournal, MemoryMeter
from tuningfork.errors import InputError, UnknownName
from tuningfork.models.llm.chat import Choices, Message, Question
from tuningfork.models.llm.opening import check_chat_model, open_chat_model
from tuningfork.models.store import ModelStore


@pytest.fixture
def describe(tmp_path):
    store = ModelStore(tmp_path / "empty")
    return lambda model, url=None, prices=None, **options: check_chat_model(model, url, options, store, prices=prices)


def test_a_provider_s_model(describe, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    found = describe("openai/gpt-4o-mini")
    assert (found.provider, found.host, found.model) == ("openai", "api.openai.com", "gpt-4o-mini")
    assert not found.local and found.billed and found.price_known
    assert found.price.prompt == 0.15 and found.context_tokens == 128_000
    assert not describe("openai/gpt-of-tomorrow").price_known
    assert describe("openai/gpt-of-tomorrow", prices={"gpt-of-tomorrow": (1.0, 2.0)}).price.completion == 2.0
    assert describe("openai/gpt-4o-mini", prices={"openai/gpt-4o-mini": (9.0, 9.0)}).price.prompt == 9.0


def test_a_provider_at_another_address_has_no_list_price(describe, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://proxy.example/v1")
    found = describe("openai/gpt-4o-mini")
    assert (found.host, found.price_known) == ("proxy.example", False)


def test_a_model_name_with_slashes_at_a_provider(describe, monkeypatch):
    monkeypatch.setenv("OPENROUTER_API_KEY", "k")
    assert describe("openrouter/openai/gpt-4o-mini").model == "openai/gpt-4o-mini"


def test_loopback_servers_have_no_bill_and_no_price(describe):
    found = describe("ollama/llama3.2:1b")
    assert (found.host, found.local, found.billed, found.price) == ("this machine", True, False, None)
    cloud = describe("ollama/gpt-oss:120b-cloud")
    assert (cloud.host, cloud.local, cloud.billed) == ("ollama.com (through this machine)", False, True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:4000/v1", "http://localhost:4000", "http://[::1]:4000/v1"])
@pytest.mark.parametrize("options", [{}, {"server": "vllm"}, {"server": "llama.cpp"}])
def test_what_stands_behind_a_loopback_address_is_unknown_until_the_user_says(describe, url, options):
    found = describe("claude-sonnet-4-5", url, **options)
    assert (found.local, found.billed, found.price) == (False, True, None)
    assert found.host == f"{urlsplit(url).netloc} on this machine"
    own = describe("claude-sonnet-4-5", url, local="yes", **options)
    assert (own.host, own.local, own.billed) == ("this machine", True, False)
    free = describe("m", url, prices={"m": (0.0, 0.0)}, **options)
    assert (free.local, free.billed, free.price_known) == (False, True, True)


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "glm-4.6:cloud"])
def test_ollama_s_cloud_models_leave_at_any_address(describe, model):
    found = describe(model, "http://127.0.0.1:11434/v1", local="yes")
    assert found.host.startswith("ollama.com (through ") and (found.local, found.billed) == (False, True)


def test_variables_that_lead_to_loopback_say_no_more(describe, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:4000/v1")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9999")
    for model in ("openai/gpt-4o-mini", "ollama/llama3"):
        found = describe(model)
        assert found.host.endswith(" on this machine") and found.billed and not found.price_known
        assert describe(model, local="yes").local
    monkeypatch.setenv("OLLAMA_HOST", "box.lan")
    with pytest.raises(InputError, match="another one"):
        describe("ollama/llama3", local="yes")


def test_an_address_of_one_s_own_wins_over_a_provider_s_name(describe, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    found = describe("openai/gpt-4o-mini", "https://gateway.example/v1")
    assert (found.provider, found.host, found.model) == ("openai-compatible", "gateway.example", "openai/gpt-4o-mini")
    assert found.billed and not found.price_known
    given = describe("m", "https://g.example/v1", prices={"m": (1.0, 2.0)})
    assert given.price_known


def test_a_local_starter(describe):
    found = describe("smollm2-135m")
    assert (found.provider, found.host, found.local, found.billed, found.price_known) == (
        "local",
        "this machine",
        True,
        False,
        False,
    )
    assert found.parameters is not None and 1e8 < found.parameters < 2e8


@pytest.mark.parametrize(
    ("model", "url", "options", "message"),
    [
        ("openai/gpt-4o", None, {}, "OPENAI_API_KEY is not set"),
        ("openai/", None, {}, "no model after"),
        ("ollama/", None, {}, "no model after"),
        ("opnai/gpt-4o", None, {}, "did you mean 'openai'"),
        ("smollm2", None, {}, "smollm2-135m"),
        ("minilm", None, {}, "encoder"),
        ("m", "localhost:8000/v1", {}, "no address"),
        ("", "http://localhost:8000/v1", {}, "no model before"),
        ("m", "http://localhost:8000/v1", {"server": "lama.cpp"}, "llama.cpp"),
        ("m", "http://localhost:8000/v1", {"key_env": "NOT_THERE"}, "NOT_THERE is not set"),
        ("m", "http://localhost:8000/v1", {"insecure": "maybe"}, "neither yes nor no"),
        ("m", "http://localhost:8000/v1", {"effort": "huge"}, "reasoning effort"),
        ("smollm2-135m", None, {"effort": "low"}, "ignores a reasoning effort"),
        ("smollm2-135m", None, {"key_env": "MINE"}, "address of your own"),
        ("ollama/llama3", None, {"server": "vllm"}, "address of your own"),
        ("m@127.0.0.1:8000/v1", None, {"shots": "2"}, r"'prompt:m@http://127\.0\.0\.1:8000/v1\?shots=2'"),
        ("m@localhost:8000", None, {}, r"'prompt:m@http://localhost:8000'"),
        ("o/m@gpu-box:8000/v1", None, {}, r"'prompt:o/m@http://gpu-box:8000/v1'"),
        ("m@[::1]:8000", None, {}, r"'prompt:m@http://\[::1\]:8000'"),
        ("m@llm.example.org/v1", None, {}, r"'prompt:m@http://llm\.example\.org/v1'"),
        ("m@https:/h.example/v1", None, {}, r"'prompt:m@https://h\.example/v1'"),
        ("m@ws://h.example/v1", None, {}, r"'prompt:m@http://h\.example/v1'"),
        ("m", "http://10.0.0.7:8000/v1", {"local": "yes"}, "another one"),
        ("m", "http://localhost:8000/v1", {"local": "maybe"}, "neither yes nor no"),
        ("ollama/x", None, {"local": "maybe"}, "neither yes nor no"),
        ("smollm2-135m", None, {"local": "yes"}, "runs on this machine anyway"),
    ],
)
def test_what_cannot_work_is_bad_input(describe, model, url, options, message):
    with pytest.raises(InputError, match=message) as caught:
        describe(model, url, **options)
    assert caught.value.exit_code == 2


def test_an_unknown_local_model_has_near_names(describe):
    with pytest.raises(UnknownName):
        describe("smolm2-135m")


def test_options_of_the_prompt_are_none_of_ours(describe):
    assert describe("smollm2-135m", shots="5", select="nearest").local


def test_checking_and_opening_send_nothing(tmp_path):
    with ScriptedServer(always("a")) as server:
        store = ModelStore(tmp_path)
        check_chat_model("m", server.url, {}, store)
        with open_chat_model("m", server.url, {}, store=store, journal=MemoryJournal(), meter=MemoryMeter(), prices={}):
            pass
        assert server.requests == []


def test_two_servers_share_no_answers(tmp_path):
    """The address is part of what makes two requests the same."""
    journal, question = MemoryJournal(), Question(messages=(Message("user", "x"),), held_to=Choices(("a", "b")))
    texts = []
    with ScriptedServer(always("a")) as one, ScriptedServer(always("b")) as two:
        for server in (one, two):
            with open_chat_model(
                "m", server.url, {}, store=ModelStore(tmp_path), journal=journal, meter=MemoryMeter(), prices={}
            ) as model:
                texts.append(model.answer([question])[0].text)
    assert texts == ['{"label": "a"}', '{"label": "b"}']
