"""Where at a server the API is: found from what people write, once, at the same host, and remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from llm_servers import Answered, Asked, Rule, ScriptedServer, always, answers, says
from tuningfork.errors import ProviderError
from tuningfork.models.llm.chat import Choices, Message, Question

UNEXPECTED = '{"error": "Unexpected endpoint or method. (POST /chat/completions)"}'
PAGE = "<!DOCTYPE html>\n<html><head><title>Open WebUI</title></head></html>"
NOT_FOUND = '{"error": {"message": "The model `tiny` does not exist.", "type": "NotFoundError", "code": 404}}'


def ask(n: int = 1) -> list[Question]:
    return [Question(messages=(Message("user", f"text {i}"),), held_to=Choices(("spam", "ham"))) for i in range(n)]


def outside(folder: str, status: int, body: str, **headers: str) -> Rule:
    """What a server says to every path that does not begin with the folder."""

    def rule(asked: Asked) -> Answered | None:
        return None if asked.path.startswith(folder) else Answered(status, body, headers)

    return rule


@dataclass(frozen=True)
class Named:
    """A server under an address that somebody wrote."""

    url: str


def root_of(server: ScriptedServer) -> str:
    return server.url.removesuffix("/v1")


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (404, "404 page not found", {}),
        (404, '{"detail":"Not Found"}', {}),
        (404, '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}', {}),
        (404, "<html><head><title>404 Not Found</title></head><body>nginx</body></html>", {}),
        (405, '{"detail":"Method Not Allowed"}', {}),
        (501, "Unsupported method ('POST')", {}),
        (400, '{"error": "Unknown endpoint: POST /chat/completions"}', {}),
        (200, UNEXPECTED, {}),
        (200, '{"error": "Not found"}', {}),
        (200, PAGE, {}),
        (200, '{"status": "ok", "version": "1.2"}', {}),
        (307, "", {"location": "/v1/chat/completions"}),
        (308, "", {"location": "/v1"}),
        (302, "", {"location": "/ui/login"}),
    ],
)
def test_an_address_without_v1_is_completed_and_said(open_client, status, body, headers):
    with ScriptedServer(always("spam"), outside("/v1/", status, body, **headers)) as server:
        model = open_client(Named(root_of(server)))
        replies = model.answer(ask(8))
    assert [json.loads(reply.text)["label"] for reply in replies] == ["spam"] * 8
    assert [asked.path for asked in server.requests].count("/chat/completions") == 1, "one look, then the right path"
    assert dict(model.notes.items)["address_completed"].endswith(f"it was asked at {server.url}")


@pytest.mark.parametrize(
    "path", ["/api", "/api/chat", "/api/generate", "/api/v0", "/api/v1", "/docs", "/", "/v1/models"]
)
def test_addresses_of_other_apis_and_pages_of_the_server_lead_to_it(open_client, path):
    with ScriptedServer(always("spam"), outside("/v1/", 404, "404 page not found")) as server:
        model = open_client(Named(f"{root_of(server)}{path}"))
        assert len(model.answer(ask(3))) == 3
    assert len(server.requests) <= 4


@pytest.mark.parametrize("path", ["", "/api", "/llm", "/llm/v1", "/openai"])
def test_what_answers_where_it_was_named_is_asked_there(open_client, path):
    with ScriptedServer(always("spam")) as server:
        model = open_client(Named(f"{root_of(server)}{path}"))
        model.answer(ask(3))
    assert {asked.path for asked in server.requests} == {f"{path}/chat/completions"}
    assert model.notes.items == ()


def test_a_study_that_goes_on_finds_its_answers_and_the_address(open_client, journal):
    with ScriptedServer(always("spam"), outside("/v1/", 404, "404 page not found")) as server:
        open_client(Named(root_of(server))).answer(ask(4))
        asked = len(server.requests)
        again = open_client(Named(root_of(server)))
        assert all(reply.replayed for reply in again.answer(ask(4))) and len(server.requests) == asked
        assert "address_completed" in dict(again.notes.items), "told of answers that were kept, too"
        again.answer(ask(6))
        assert [request.path for request in server.requests[asked:]] == ["/v1/chat/completions"] * 2
        assert "address_completed" in dict(again.notes.items)


def test_a_server_that_has_moved_since_is_looked_for_again(open_client, journal):
    with ScriptedServer(always("spam"), outside("/chat/", 404, "404 page not found")) as server:
        journal.remember("address", root_of(server), server.url)
        model = open_client(Named(root_of(server)))
        model.answer(ask(3))
        assert model.notes.items == () and journal.recall("address", root_of(server)) == root_of(server)


def test_a_key_follows_nothing_in_a_ledger_but_its_own_host(open_client, journal, monkeypatch):
    monkeypatch.setenv("TUNINGFORK_API_KEY", "secret")
    with ScriptedServer(always("spam")) as server, ScriptedServer(always("ham")) as other:
        journal.remember("address", server.url, other.url)
        open_client(server).answer(ask(2))
    assert other.requests == [] and len(server.requests) == 2


def test_a_redirect_to_another_host_is_not_followed(open_client):
    with ScriptedServer(always("ham")) as other:
        elsewhere = answers("", 307, location=f"{other.url}/chat/completions")
        with ScriptedServer(always("spam"), elsewhere) as server, pytest.raises(ProviderError, match="points to"):
            open_client(Named(root_of(server))).answer(ask())
    assert other.requests == []


@pytest.mark.parametrize(
    ("url", "status", "body", "told"),
    [
        ("", 404, "404 page not found", ["404 page not found", "/v1/chat/completions", "host and port"]),
        ("/v2", 404, '{"detail":"Not Found"}', ["'prompt:tiny@http://127.0.0.1:", "/v1'"]),
        ("/v1", 200, UNEXPECTED, ["Unexpected endpoint or method"]),
        ("", 200, PAGE, ["a web page (Open WebUI)"]),
        ("", 405, "<html></html>", ["405 and a web page"]),
    ],
)
def test_where_no_api_answers_the_arm_fails_at_once(open_client, url, status, body, told):
    with ScriptedServer(always("spam"), answers(body, status)) as server:
        model = open_client(Named(f"{root_of(server)}{url}"))
        with pytest.raises(ProviderError) as caught:
            model.answer(ask(20))
    assert all(part in str(caught.value) for part in told), str(caught.value)
    assert "run again" not in str(caught.value) and len(server.requests) <= 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, NOT_FOUND),
        (404, '{"error":{"message":"model \'tiny\' not found","type":"api_error"}}'),
        (400, '{"error":{"message":"/chat/completions: Invalid model name passed in model=tiny","code":"400"}}'),
        (400, '{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}'),
        (200, '{"error": {"message": "No models loaded. Please load a model first.", "code": "model_not_found"}}'),
        (200, '{"error": "model tiny not found"}'),
    ],
)
def test_a_wrong_model_is_told_with_those_that_are_there(open_client, status, body):
    served = ["llama-3.1-8b", "tiny-1b-instruct", "qwen3-8b"]
    with (
        ScriptedServer(always("spam"), answers(body, status), models=served) as server,
        pytest.raises(ProviderError) as caught,
    ):
        open_client(server, "tiny").answer(ask(9))
    message = str(caught.value)
    assert "tiny" in message and "It has: tiny-1b-instruct, llama-3.1-8b, qwen3-8b." in message
    assert f"Did you mean 'prompt:tiny-1b-instruct@{server.url}'?" in message
    assert len(server.requests) == 1, "no request is repeated"


def test_a_server_that_lists_nothing_still_names_the_model(open_client):
    with (
        ScriptedServer(always("spam"), answers(NOT_FOUND, 404)) as server,
        pytest.raises(ProviderError, match="`tiny` does not exist"),
    ):
        open_client(server, "tiny").answer(ask())


@pytest.mark.parametrize("body", ['{"error": {"message": "upstream timed out"}}', '{"choices": []}', PAGE, '{"cho'])
def test_other_errors_in_a_200_are_still_the_transport_s(open_client, body):
    with ScriptedServer(always("spam"), says(body, times=2)) as server:
        (reply,) = open_client(server).answer(ask())
    assert json.loads(reply.text) == {"label": "spam"} and len(server.requests) == 3


def test_a_parameter_that_this_model_does_not_take_is_no_unknown_model(open_client):
    body = '{"error": {"message": "Unsupported parameter: \'seed\' is not supported with this model."}}'

    def rule(asked: Asked) -> Answered | None:
        return Answered(400, body) if "seed" in asked.body else None

    with ScriptedServer(always("spam"), rule) as server:
        model = open_client(server)
        model.answer(ask())
    assert "dropped_parameter" in dict(model.notes.items)


def test_http_and_https_taken_for_each_other_are_told_at_once(open_client):
    with ScriptedServer(always("spam"), answers("Client sent an HTTP request to an HTTPS server.\n", 400)) as server:
        with pytest.raises(ProviderError, match=r"https only.*'prompt:tiny@https://127\.0\.0\.1:\d+/v1'"):
            open_client(server).answer(ask())
        with pytest.raises(ProviderError, match=r"'prompt:tiny@http://127\.0\.0\.1:\d+/v1'"):
            open_client(Named(server.url.replace("http:", "https:"))).answer(ask())
