"""Where keys go, and where they never go."""

from __future__ import annotations

import pytest

from tuningfork.errors import InputError
from tuningfork.models.llm.addresses import is_loopback, own_address, provider_address
from tuningfork.models.llm.providers import providers

OPENAI, OLLAMA, AZURE = providers()["openai"], providers()["ollama"], providers()["azure"]


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


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("HTTP://h:1/v1/", "http://h:1/v1"),
        ("http://h:1/v1/models", "http://h:1/v1"),
        ("http://h:1/v1/completions", "http://h:1/v1"),
        ("http://h:1/docs", "http://h:1"),
        ("http://h:1/v1/docs", "http://h:1/v1"),
        ("http://h:1//", "http://h:1"),
        ("http://h:1/v1/v1/", "http://h:1/v1"),
        ("http://h:1/v1/chat", "http://h:1/v1"),
        ("https://h.services.ai.azure.com/models", "https://h.services.ai.azure.com/models"),
    ],
)
def test_what_is_copied_from_an_example_is_read(given, url):
    assert own_address(given, {}, key_env=None, insecure=False).url == url


def test_a_scheme_in_capitals_lets_no_key_go_unencrypted():
    with pytest.raises(InputError, match="unencrypted"):
        own_address("HTTP://10.0.0.7/v1", {"TUNINGFORK_API_KEY": "t"}, key_env=None, insecure=False)


@pytest.mark.parametrize("url", ["https://g.example/v1?key=s3cret", "https://g.example/v1?s3cret", "ftp://h?s3cret"])
def test_what_follows_the_question_mark_of_an_address_is_never_repeated(url):
    for refuse in (
        lambda: own_address(url, {}, key_env=None, insecure=False),
        lambda: provider_address(OPENAI, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": url}, insecure=False),
    ):
        with pytest.raises(InputError) as caught:
            refuse()
        assert "s3cret" not in str(caught.value)


DEPLOYMENT = "openai/deployments/gpt-4o/chat/completions?api-version=2024-06-01"


@pytest.mark.parametrize("host", ["n.openai.azure.com", "n.cognitiveservices.azure.com", "n.services.ai.azure.com"])
def test_azure_gets_azure_s_key_in_its_header_at_its_own_hosts(host):
    environment = {"AZURE_OPENAI_API_KEY": "az", "TUNINGFORK_API_KEY": "t"}
    found = own_address(f"https://{host}/{DEPLOYMENT}", environment, key_env=None, insecure=False)
    assert (found.url, found.query) == (f"https://{host}/openai/deployments/gpt-4o", "api-version=2024-06-01")
    assert found.headers() == {"api-key": "az"}
    found = own_address(f"https://{host}/openai/v1/", environment, key_env=None, insecure=False)
    assert (found.url, found.query, found.headers()) == (f"https://{host}/openai/v1", "", {"api-key": "az"})
    own = own_address(f"https://{host}/openai/v1/", environment, key_env="TUNINGFORK_API_KEY", insecure=False)
    assert own.key == "t"
    assert own_address(f"https://{host}/openai/v1", {}, key_env=None, insecure=False).key_variable == (
        "AZURE_OPENAI_API_KEY"
    )


@pytest.mark.parametrize("host", ["openai.azure.com.evil.example", "notopenai.azure.com", "azure.com", "127.0.0.1"])
def test_azure_s_key_goes_to_no_other_host(host):
    environment = {"AZURE_OPENAI_API_KEY": "az"}
    assert own_address(f"https://{host}/{DEPLOYMENT}", environment, key_env=None, insecure=False).key is None
    with pytest.raises(InputError, match="key of azure and goes to no other host"):
        own_address(f"https://{host}/v1", environment, key_env="AZURE_OPENAI_API_KEY", insecure=False)
    with pytest.raises(InputError, match="own hosts only"):
        provider_address(AZURE, environment | {"AZURE_OPENAI_ENDPOINT": f"https://{host}"}, insecure=False)


@pytest.mark.parametrize("path", ["", "/", "/openai", "/openai/v1/"])
def test_azure_as_a_provider_is_found_by_the_variable_of_its_own(path):
    environment = {"AZURE_OPENAI_API_KEY": "az", "AZURE_OPENAI_ENDPOINT": f"https://n.openai.azure.com{path}"}
    found = provider_address(AZURE, environment, insecure=False)
    assert (found.url, found.headers()) == ("https://n.openai.azure.com/openai/v1", {"api-key": "az"})
    with pytest.raises(InputError, match=r"AZURE_OPENAI_ENDPOINT is not set.*export AZURE_OPENAI_ENDPOINT=https"):
        provider_address(AZURE, {"AZURE_OPENAI_API_KEY": "az"}, insecure=False)


def test_openai_s_variable_may_name_azure_with_its_version():
    environment = {"OPENAI_API_KEY": "oa", "OPENAI_BASE_URL": f"https://n.openai.azure.com/{DEPLOYMENT}"}
    found = provider_address(OPENAI, environment, insecure=False)
    assert (found.query, found.headers()) == ("api-version=2024-06-01", {"api-key": "oa"})
    found = provider_address(OPENAI, environment | {"AZURE_OPENAI_API_KEY": "az"}, insecure=False)
    assert found.headers() == {"api-key": "az"}


@pytest.mark.parametrize(
    ("given", "host"),
    [("", "this machine"), ("localhost:11434", "this machine"), ("127.0.0.1:4000", "127.0.0.1:4000 on this machine")],
)
def test_ollama_is_at_its_usual_port_what_else_listens_is_not_known(given, host):
    assert provider_address(OLLAMA, {"OLLAMA_HOST": given}, insecure=False).host == host


def test_a_loopback_address_is_this_machine_s_model_only_where_somebody_says_so():
    url = "http://127.0.0.1:8000/v1"
    assert own_address(url, {}, key_env=None, insecure=False).host == "127.0.0.1:8000 on this machine"
    assert own_address(url, {}, key_env=None, insecure=False, local=True).host == "this machine"
    with pytest.raises(InputError, match="another one"):
        own_address("http://192.168.1.5:8000/v1", {}, key_env=None, insecure=False, local=True)


def test_an_ollama_address_that_is_none_is_named():
    with pytest.raises(InputError, match="OLLAMA_HOST"):
        provider_address(OLLAMA, {"OLLAMA_HOST": "box:port"}, insecure=False)


def test_what_this_machine_is():
    assert all(map(is_loopback, ["http://localhost:1", "http://127.0.0.1/v1", "http://127.9.9.9", "http://[::1]:8/v1"]))
    assert all(
        map(is_loopback, ["http://0.0.0.0:8000", "http://[::]:1", "http://LOCALHOST.:1", "http://[::ffff:127.0.0.1]"])
    )
    assert not any(map(is_loopback, ["http://localhost.example", "http://10.0.0.1", "http://127.0.0.1.example"]))
