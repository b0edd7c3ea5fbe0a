"""Where keys go, and where they never go."""

from __future__ import annotations

import pytest

from tuningfork.errors import InputError
from tuningfork.models.llm.addresses import is_loopback, own_address, provider_address
from tuningfork.models.llm.providers import providers

OPENAI, OLLAMA = providers()["openai"], providers()["ollama"]


def test_a_provider_gets_its_own_key_at_its_own_address():
    address = provider_address(OPENAI, {"OPENAI_API_KEY": " sk-1 ", "TUNINGFORK_API_KEY": "other"}, insecure=False)
    assert (address.url, address.key, address.host, address.own) == (
        "https://api.openai.com/v1",
        "sk-1",
        "api.openai.com",
        False,
    )
    assert "sk-1" not in repr(address)


def test_a_missing_key_is_named():
    with pytest.raises(InputError, match="OPENAI_API_KEY is not set"):
        provider_address(OPENAI, {"OPENAI_API_KEY": "  "}, insecure=False)


@pytest.mark.parametrize("key", ["sk 1", "sk\n1", "schlüssel"])
def test_a_key_that_is_none_is_refused_without_showing_it(key):
    with pytest.raises(InputError) as caught:
        provider_address(OPENAI, {"OPENAI_API_KEY": key}, insecure=False)
    assert key not in str(caught.value)


def test_an_address_of_one_s_own_never_gets_a_provider_s_key():
    environment = {"OPENAI_API_KEY": "sk-1", "MISTRAL_API_KEY": "m-1"}
    assert own_address("https://gateway.example/v1", environment, key_env=None, insecure=False).key is None
    for variable in environment:
        with pytest.raises(InputError, match="goes to no other host"):
            own_address("https://gateway.example/v1", environment, key_env=variable, insecure=False)


def test_its_key_comes_from_the_project_s_variable_or_the_one_named():
    environment = {"TUNINGFORK_API_KEY": "t", "MINE": "m"}
    assert own_address("https://g.example/v1", environment, key_env=None, insecure=False).key == "t"
    assert own_address("https://g.example/v1", environment, key_env="MINE", insecure=False).key == "m"
    with pytest.raises(InputError, match="YOURS is not set"):
        own_address("https://g.example/v1", environment, key_env="YOURS", insecure=False)


def test_a_key_goes_over_plain_http_to_this_machine_only_unless_insisted():
    environment = {"TUNINGFORK_API_KEY": "t", "OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://proxy.example/v1"}
    assert own_address("http://127.0.0.1:8000/v1", environment, key_env=None, insecure=False).key == "t"
    with pytest.raises(InputError, match=r"unencrypted.*insecure=yes"):
        own_address("http://10.0.0.7:8000/v1", environment, key_env=None, insecure=False)
    with pytest.raises(InputError, match="unencrypted"):
        provider_address(OPENAI, environment, insecure=False)
    assert own_address("http://10.0.0.7:8000/v1", environment, key_env=None, insecure=True).key == "t"
    assert own_address("http://10.0.0.7:8000/v1", {}, key_env=None, insecure=False).key is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://h/v1",
        "http://",
        "http://h:port/v1",
        "http://h/v1?key=1",
        "host:8000/v1",
        "http://user:pw@h.example/v1",
        "http://my host:8000/v1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url):
    with pytest.raises(InputError) as caught:
        own_address(url, {}, key_env=None, insecure=False)
    assert "pw" not in str(caught.value)


def test_the_full_path_of_the_endpoint_will_do():
    assert own_address("http://h:1/v1/chat/completions/", {}, key_env=None, insecure=False).url == "http://h:1/v1"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080/v1"),
        (":8080", "http://127.0.0.1:8080/v1"),
        ("[::]:8080", "http://[::1]:8080/v1"),
        ("box.lan", "http://box.lan:11434/v1"),
        ("https://box.lan", "https://box.lan:443/v1"),
        ("http://box.lan:99/ollama/v1/", "http://box.lan:99/ollama/v1"),
    ],
)
def test_ollama_s_address_is_read_as_ollama_users_write_it(given, url):
    address = provider_address(OLLAMA, {"OLLAMA_HOST": given}, insecure=False)
    assert (address.url, address.key) == (url, None)


def test_an_ollama_address_that_is_none_is_named():
    with pytest.raises(InputError, match="OLLAMA_HOST"):
        provider_address(OLLAMA, {"OLLAMA_HOST": "box:port"}, insecure=False)


def test_what_this_machine_is():
    assert all(map(is_loopback, ["http://localhost:1", "http://127.0.0.1/v1", "http://127.9.9.9", "http://[::1]:8/v1"]))
    assert not any(map(is_loopback, ["http://localhost.example", "http://10.0.0.1", "http://127.0.0.1.example"]))
