"""Addresses as people write them, and servers on this machine that may be anything."""

from __future__ import annotations

import csv
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from llm_servers import Answered, Asked, Rule, ScriptedServer, planted
from ports import MemoryJournal, MemoryMeter
from study_runs import Ended, own_cache, typed
from tuningfork.errors import ProviderError
from tuningfork.models.llm.chat import ChatModel, Choices, Message, Question
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.store import ModelStore

pytestmark = pytest.mark.timeout(180)

SMALL = ("--label-counts", "16,32", "--seeds", "3", "--budget-minutes", "2", "--out", "out", "--yes")
UNEXPECTED = '{"error": "Unexpected endpoint or method. (POST /chat/completions)"}'
RELAY = "prompt:claude-sonnet-4-5@http://127.0.0.1:4000/v1"
KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", "TUNINGFORK_API_KEY", "AZURE_OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def nobody_s_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cases(shared_cases: Path) -> Callable[[str], Path]:
    """The rows of a case, by its number."""
    return lambda number: next(shared_cases.glob(f"{number}-*")) / "data.csv"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows that a small model learns, 150 of three labels."""
    path = tmp_path / "rows.csv"
    words = {"bill": "invoice money charge", "ship": "parcel courier late", "login": "password account locked"}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label"))
        writer.writerows((f"{word} number {i} of {label}", label) for i in range(50) for label, word in words.items())
    return path


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ended]:
    cache = own_cache(tmp_path)

    def run(*arguments: str, **environment: str) -> Ended:
        return typed(*arguments, cwd=tmp_path, TUNINGFORK_CACHE=str(cache), **environment)

    return run


def gold_of(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["text"]: row["label"] for row in csv.DictReader(file)}


def outside_v1(status: int, body: str, **headers: str) -> Rule:
    def rule(asked: Asked) -> Answered | None:
        return None if asked.path.startswith("/v1/") else Answered(status, body, headers)

    return rule


def root_of(server: ScriptedServer) -> str:
    return server.url.removesuffix("/v1")


def in_one_line(text: str) -> str:
    return " ".join(text.split())


# What stands behind loopback -------------------------------------------------------------------------------------


def test_a_gateway_s_plan_claims_neither_privacy_nor_a_bill_of_nothing(cases, command) -> None:
    plan = in_one_line(command("plan", str(cases("79")), "--arm", RELAY).out)
    assert "no bill" not in plan and "nothing leaves" not in plan
    assert "price not known; give --price 'claude-sonnet-4-5=IN,OUT'" in plan and "0,0 if free" in plan
    assert "rows go to 127.0.0.1:4000 on this machine; where it sends them is not known" in plan
    assert "looks like a relay (LiteLLM" in plan and f"--arm '{RELAY}?local=yes'" in plan


def test_plan_and_run_refuse_a_dollar_budget_alike_and_before_any_request(rows, command) -> None:
    with ScriptedServer(planted(gold_of(rows), 1.0)) as server:
        arm = f"prompt:gpt-4o@{server.url}"
        told = [
            command(name, str(rows), "--arm", "linear", "--arm", arm, "--budget-usd", "1", *options)
            for name, options in (("plan", ()), ("run", ("--out", "out", "--yes")))
        ]
        assert server.requests == []
    assert {ended.code for ended in told} == {2} and told[0].err == told[1].err
    assert "--price 'gpt-4o=IN,OUT'" in told[0].err and f"--arm '{arm}?local=yes'" in told[0].err


@pytest.mark.parametrize(
    ("arm", "options", "environment", "usd", "host"),
    [
        ("prompt:m@http://localhost:8000/v1", (), {}, None, "localhost:8000 on this machine"),
        ("prompt:m@http://[::1]:8000/v1?server=vllm", (), {}, None, "[::1]:8000 on this machine"),
        ("prompt:m@http://0.0.0.0:8000", (), {}, None, "0.0.0.0:8000 on this machine"),
        ("prompt:m@http://127.0.0.1:8000/v1?local=yes", (), {}, 0, None),
        ("prompt:m@http://127.0.0.1:8000/v1?local=yes", ("--budget-usd", "1"), {}, 0, None),
        ("prompt:m@http://127.0.0.1:8000/v1", ("--price", "m=0,0"), {}, 0, "127.0.0.1:8000 on this machine"),
        ("prompt:m@http://192.168.7.7:8000/v1", (), {}, None, "192.168.7.7"),
        ("prompt:m@http://llm.internal/v1", (), {}, None, "llm.internal"),
        ("prompt:ollama/llama3:8b", ("--budget-usd", "1"), {}, 0, None),
        ("prompt:lmstudio/qwen3-8b", (), {}, 0, None),
        ("prompt:ollama/gpt-oss:120b-cloud", (), {}, None, "ollama.com (through this machine)"),
        ("prompt:ollama/x", (), {"OLLAMA_HOST": "127.0.0.1:4000"}, None, "127.0.0.1:4000 on this machine"),
        (
            "prompt:openai/gpt-4o",
            (),
            {"OPENAI_BASE_URL": "http://127.0.0.1:4000/v1", "OPENAI_API_KEY": "k"},
            None,
            "127.0.0.1:4000 on this machine",
        ),
    ],
)
def test_dollars_and_hosts_of_a_plan(rows, command, arm, options, environment, usd, host) -> None:
    plan = command("plan", str(rows), "--json", "--arm", arm, *options, **environment).json
    assert plan["usd"] == usd and plan["hosts"] == ([] if host is None else [host])
    codes = [note["code"] for note in plan["notes"]]
    assert ("where_rows_go" in codes) == (host is not None and host.endswith(" on this machine"))


def test_personal_data_is_warned_of_where_a_relay_would_get_it(tmp_path, command) -> None:
    path = tmp_path / "mail.csv"
    lines = [f"write to someone{i}@example.com about {'money' if i % 2 else 'work'},{i % 2}" for i in range(60)]
    path.write_text("\n".join(["text,label", *lines]), encoding="utf-8")
    arm = "prompt:m@http://127.0.0.1:4000/v1"
    plans = [command("plan", str(path), "--json", "--arm", spec).json for spec in (arm, f"{arm}?local=yes")]
    assert ["personal_data" in {note["code"] for note in plan["notes"]} for plan in plans] == [True, False]


@pytest.mark.parametrize("option", ["", "?local=yes"])
def test_the_verdict_claims_of_a_relay_no_more_than_is_known(rows, command, tmp_path, option) -> None:
    with ScriptedServer(planted(gold_of(rows), 0.6)) as server:
        arm = f"prompt:claude-sonnet-4-5@{server.url}{option}"
        ended = command("run", str(rows), "--arm", "linear", "--arm", arm, *SMALL)
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    llm = next(row for row in verdict["arms"] if row["side"] == "llm")
    report = in_one_line((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert llm["usd_per_1k"] is None and verdict["cost"]["usd"] is None
    assert "weak_llm" not in {caution["code"] for caution in verdict["warnings"]}, "its size is not known"
    unknown = "price not known, nor where its server on this machine sends rows"
    assert (unknown in report) == (option == "")
    assert ended.code == 0, ended.err


# An address without its /v1 --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "outside"),
    [
        ("42", outside_v1(404, "404 page not found")),
        ("43", outside_v1(200, UNEXPECTED)),
        ("42", outside_v1(405, '{"detail":"Method Not Allowed"}')),
        ("42", outside_v1(200, "<!doctype html><title>llama.cpp</title>")),
        ("42", outside_v1(308, "", location="/v1/chat/completions")),
    ],
)
def test_a_study_at_an_address_without_v1_is_right_and_says_so(cases, command, tmp_path, number, outside) -> None:
    path = cases(number)
    with ScriptedServer(planted(gold_of(path), 1.0), outside) as server:
        arguments = ("run", str(path), "--arm", "linear", "--arm", f"prompt:my-model@{root_of(server)}", *SMALL)
        assert command(*arguments).code == 0
        asked = len(server.requests)
        assert [request.path for request in server.requests].count("/chat/completions") == 1
        assert command(*arguments).code == 0 and len(server.requests) == asked, (
            "a study that goes on asks nothing again"
        )
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    assert next(row["score"] for row in verdict["arms"] if row["side"] == "llm") == 1.0
    report = in_one_line((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert f"it was asked at {server.url}" in report


def test_a_wrong_model_fails_at_once_with_those_that_are_there(rows, command, tmp_path) -> None:
    missing = '{"error": {"message": "The model `my-modl` does not exist.", "code": "model_not_found"}}'
    with ScriptedServer(planted(gold_of(rows), 1.0), outside_v1(200, missing), models=["my-model"]) as server:
        ended = command("run", str(rows), "--arm", "linear", "--arm", f"prompt:my-modl@{root_of(server)}", *SMALL)
        assert len(server.requests) == 1
    assert ended.code == 1
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    failure = next(row["failure"] for row in verdict["arms"] if row["side"] == "llm")
    assert f"It has: my-model. Did you mean 'prompt:my-model@{root_of(server)}'?" in failure


# Azure -----------------------------------------------------------------------------------------------------------

DEPLOYMENT = "/openai/deployments/gpt-4o/chat/completions"


def test_azure_s_address_of_a_deployment_can_be_planned(cases, command) -> None:
    address = f"https://NAME.openai.azure.com{DEPLOYMENT}?api-version=2024-06-01"
    own = command("plan", str(cases("59")), "--arm", f"prompt:gpt-4o@{address}")
    variables = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": address}
    overridden = command("plan", str(cases("59")), "--arm", "prompt:openai/gpt-4o", **variables)
    for ended in (own, overridden):
        assert ended.code == 0, ended.err
        assert "rows go to name.openai.azure.com" in in_one_line(ended.out)


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every name of Azure's leads to this machine; the host's name."""
    found = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return found("127.0.0.1" if str(name).endswith(".azure.com") else host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-key")
    yield "name.openai.azure.com"


def asked_of(url: str | None, model: str, tmp_path: Path, **options: str) -> str:
    with open_chat_model(
        model, url, options, store=ModelStore(tmp_path), journal=MemoryJournal(), meter=MemoryMeter(), prices={}
    ) as chat:
        return answer_of(chat)


def answer_of(chat: ChatModel) -> str:
    question = Question(messages=(Message("user", "money back"),), held_to=Choices(("refund", "other")))
    return str(json.loads(chat.answer([question])[0].text)["label"])


def test_a_deployment_is_asked_with_its_version_and_the_key_in_azure_s_header(azure, tmp_path) -> None:
    with ScriptedServer(planted({"money back": "refund", "x": "other"}, 1.0)) as server:
        base = f"http://{azure}:{server.url.rpartition(':')[2].removesuffix('/v1')}"
        url = f"{base}{DEPLOYMENT}?api-version=2024-06-01"
        assert asked_of(url, "gpt-4o", tmp_path, insecure="yes") == "refund"
        assert asked_of(f"{base}/openai/v1", "gpt-4o", tmp_path, insecure="yes") == "refund"
    assert [asked.path for asked in server.requests] == [
        f"{DEPLOYMENT}?api-version=2024-06-01",
        "/openai/v1/chat/completions",
    ]
    for asked in server.requests:
        assert asked.headers["api-key"] == "azure-key" and "authorization" not in asked.headers


def test_at_azure_s_host_alone_the_api_is_found_where_azure_has_it(azure, tmp_path) -> None:
    def elsewhere(asked: Asked) -> Answered | None:
        found = asked.path.startswith("/openai/v1/")
        return None if found else Answered(404, '{"error": {"code": "404", "message": "Resource not found"}}')

    with ScriptedServer(planted({"money back": "refund", "x": "other"}, 1.0), elsewhere) as server:
        port = server.url.rpartition(":")[2].removesuffix("/v1")
        assert asked_of(f"http://{azure}:{port}", "gpt-4o", tmp_path, insecure="yes") == "refund"
        with pytest.raises(ProviderError, match=f"'prompt:gpt-4o@http://{azure}:{port}/openai/v1'"):
            asked_of(f"http://{azure}:{port}{DEPLOYMENT}?api-version=1", "gpt-4o", tmp_path, insecure="yes")


def test_azure_as_a_provider_asks_the_deployment_by_its_name(azure, tmp_path, monkeypatch) -> None:
    with ScriptedServer(planted({"money back": "refund", "x": "other"}, 1.0)) as server:
        monkeypatch.setenv(
            "AZURE_OPENAI_ENDPOINT", f"http://{azure}:{server.url.rpartition(':')[2].removesuffix('/v1')}"
        )
        assert asked_of(None, "azure/my-deployment", tmp_path, insecure="yes") == "refund"
    (asked,) = server.requests
    assert asked.path == "/openai/v1/chat/completions" and asked.body["model"] == "my-deployment"
    assert asked.headers["api-key"] == "azure-key"


def test_azure_s_key_reaches_no_other_host_and_is_in_no_message(azure, tmp_path, monkeypatch) -> None:
    def refuses(asked: Asked) -> Answered:
        return Answered(401, json.dumps({"error": {"message": f"not you: {asked.headers.get('api-key')}"}}))

    with ScriptedServer(planted({"money back": "refund", "x": "other"}, 1.0), refuses) as server:
        port = server.url.rpartition(":")[2].removesuffix("/v1")
        with pytest.raises(ProviderError) as caught:
            asked_of(f"http://{azure}:{port}/openai/v1", "gpt-4o", tmp_path, insecure="yes")
        with pytest.raises(ProviderError, match="TUNINGFORK_API_KEY"):
            asked_of(f"http://127.0.0.1:{port}{DEPLOYMENT}?api-version=2024-06-01", "gpt-4o", tmp_path)
    assert "azure-key" not in str(caught.value) and "AZURE_OPENAI_API_KEY is wrong" in str(caught.value)
    assert ["api-key" in asked.headers for asked in server.requests] == [True, False]


@pytest.mark.parametrize("name", ["key", "api-key", "token", "subscription-key"])
def test_a_key_in_an_address_is_refused_and_printed_nowhere(rows, command, name) -> None:
    ended = command("plan", str(rows), "--arm", f"prompt:m@https://gateway.example/v1?{name}=s3cret")
    assert ended.code == 2 and "TUNINGFORK_API_KEY" in ended.err
    assert "s3cret" not in ended.out + ended.err
    variables = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": f"https://gateway.example/v1?{name}=s3cret"}
    ended = command("plan", str(rows), "--arm", "prompt:openai/gpt-4o", **variables)
    assert ended.code == 2 and "s3cret" not in ended.out + ended.err
