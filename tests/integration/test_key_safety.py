"""A key from the environment goes to its own server, and ends nowhere else."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from llm_servers import Answered, Asked, Rule, ScriptedServer, always, error
from ports import MemoryJournal, MemoryMeter
from study_runs import Ended, own_cache, tuningfork, write_csv
from tuningfork.errors import ProviderError
from tuningfork.models.llm.chat import Choices, Message, Question
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.llm.pacing import Patience
from tuningfork.models.store import ModelStore

KEY = 'tf-secret/4711+"quoted"=='
"""Characters that JSON escapes in one way or another are on purpose."""

PROVIDERS_KEY = "sk-of-another-provider"
ASK = Question(messages=(Message("user", "win money now"),), held_to=Choices(("spam", "ham")))

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    records = [
        {"text": f"{word} number {i}", "label": label}
        for i in range(60)
        for word, label in (("money", "spam"), ("meeting", "ham"))
    ]
    return write_csv(tmp_path / "mail.csv", records)


def echo(asked: Asked) -> str:
    """What a careless server says of a request: the header with the key, as people and as PHP write it."""
    header = asked.headers.get("authorization", "no key")
    unicode = "".join(f"\\u{ord(character):04x}" for character in header)
    slashed = json.dumps(header)[1:-1].replace("/", "\\/")
    return f"{json.dumps(header)[1:-1]} {slashed} {unicode}"


def echoes(status: int, **headers: str) -> Rule:
    def rule(asked: Asked) -> Answered:
        message = f'{{"error": {{"message": "not you: {echo(asked)}", "param": "{echo(asked)}"}}}}'
        return Answered(status, message, headers | {"x-seen": quote(asked.headers.get("authorization", ""))})

    return rule


class CommandLines:
    """Every command line of this machine that has the key in it, looked at whenever a request arrives."""

    def __init__(self) -> None:
        self.with_key: list[bytes] = []

    def __call__(self, asked: Asked) -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes()
            except OSError:
                continue
            if KEY.encode() in line:
                self.with_key.append(line)


def traces(study: Path, ended: Ended) -> Iterator[tuple[str, bytes]]:
    """Everything that a study left: its files, the ledger's packed bodies, and what was printed."""
    yield "stdout", ended.out.encode()
    yield "stderr", ended.err.encode()
    for path in study.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with closing(sqlite3.connect(study / "ledger.sqlite")) as ledger:
        for bodies in ledger.execute("SELECT request, response FROM responses"):
            for body in bodies:
                yield "a packed body of the ledger", zlib.decompress(body)


def assert_no_key(study: Path, ended: Ended) -> None:
    forms = {KEY, json.dumps(KEY)[1:-1], json.dumps(KEY)[1:-1].replace("/", "\\/"), quote(KEY), PROVIDERS_KEY}
    escaped = "".join(f"\\u{ord(character):04x}" for character in KEY)
    found = [place for place, content in traces(study, ended) for form in (*forms, escaped) if form.encode() in content]
    assert found == []


def study_with(server: ScriptedServer, rows: Path, folder: Path, *more: str) -> Ended:
    arms = ("--arm", "linear", "--arm", f"prompt:tiny@{server.url}", *more)
    return tuningfork(
        *("run", rows.name, *arms, "--label-counts", "8", "--seeds", "1", "--out", "study", "--yes"),
        cwd=folder,
        TUNINGFORK_API_KEY=KEY,
        OPENAI_API_KEY=PROVIDERS_KEY,
        TUNINGFORK_CACHE=str(own_cache(folder)),
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 429, 500])
def test_a_key_that_an_error_echoes_is_not_shown(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("TUNINGFORK_API_KEY", KEY)
    with ScriptedServer(always("spam"), echoes(status)) as server, pytest.raises(ProviderError) as caught:
        ask(server.url)
    assert "[key]" in str(caught.value)
    assert "4711" not in str(caught.value)


def test_a_key_that_an_error_echoes_ends_nowhere(rows: Path, tmp_path: Path) -> None:
    seen = CommandLines()
    with ScriptedServer(always("spam"), seen, echoes(403)) as server:
        ended = study_with(server, rows, tmp_path)
    assert ended.code == 1, ended.err
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    verdict = json.loads((tmp_path / "study" / "verdict.json").read_text())
    (failed,) = [arm for arm in verdict["arms"] if arm["side"] == "llm"]
    assert failed["status"] == "failed"
    assert "[key]" in failed["failure"], "what was said is kept, without the key"
    assert_no_key(tmp_path / "study", ended)
    assert seen.with_key == []


def test_a_key_that_answers_and_refusals_echo_ends_nowhere(rows: Path, tmp_path: Path) -> None:
    """A parameter refused, a fault, then answers full of the key, in every field that is kept."""
    seen = CommandLines()

    def refuses_temperature(asked: Asked) -> Answered | None:
        return error(400, f"temperature: {echo(asked)}", param="temperature") if "temperature" in asked.body else None

    def broken_once(asked: Asked) -> Answered | None:
        return echoes(500)(asked) if asked.number == 1 else None

    def answers(asked: Asked) -> Answered:
        body = json.dumps(server.completion(asked) | {"system_fingerprint": "KEY", "model": "KEY"})
        return Answered(body=body.replace("KEY", echo(asked)))

    with ScriptedServer(lambda asked: f"spam {KEY}", seen, refuses_temperature, broken_once, answers) as server:
        ended = study_with(server, rows, tmp_path)
    assert (ended.code, "no answer of the LLM side could be read" in " ".join(ended.err.split())) == (1, True), (
        ended.err
    )
    assert len(server.requests) > 30
    assert_no_key(tmp_path / "study", ended)
    assert "[key]" in (tmp_path / "study" / "verdict.json").read_text()
    assert seen.with_key == []


# Where a key goes ---------------------------------------------------------------------------------------------


def test_a_key_for_one_address_does_not_reach_another(rows: Path, tmp_path: Path) -> None:
    with ScriptedServer(always("spam")) as own, ScriptedServer(always("ham")) as other:
        second = f"prompt:tiny@{other.url}?key_env=OTHER_KEY"
        ended = tuningfork(
            *("run", rows.name, "--arm", "linear", "--arm", f"prompt:tiny@{own.url}?key_env=OWN_KEY", "--arm", second),
            *("--label-counts", "8", "--seeds", "1", "--out", "study", "--yes"),
            cwd=tmp_path,
            OWN_KEY=KEY,
            OTHER_KEY="the-key-of-the-other",
            OPENAI_API_KEY=PROVIDERS_KEY,
            TUNINGFORK_CACHE=str(own_cache(tmp_path)),
        )
    assert ended.code == 0, ended.err
    assert {request.headers["authorization"] for request in own.requests} == {f"Bearer {KEY}"}
    assert {request.headers["authorization"] for request in other.requests} == {"Bearer the-key-of-the-other"}
    assert_no_key(tmp_path / "study", ended)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_key_follows_no_redirect(monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    monkeypatch.setenv("TUNINGFORK_API_KEY", KEY)
    with ScriptedServer(always("spam")) as thief:

        def moved(asked: Asked) -> Answered:
            return Answered(status, "", {"location": f"{thief.url}/chat/completions?was={KEY}"})

        with ScriptedServer(always("spam"), moved) as server, pytest.raises(ProviderError) as caught:
            ask(f"{server.url}")
    assert thief.requests == []
    assert "follows no redirect" in str(caught.value) and KEY not in str(caught.value)


class Listener:
    """Takes down what a client says first, and hangs up."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                self.heard.append(connection.recv(65_536))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A proxy that the environment names for everything."""
    listener = Listener()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, listener.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield listener
    listener.close()


def ask(url: str | None, model: str = "tiny", **options: str) -> str:
    patience = Patience(retries=0)
    ports = {"store": ModelStore(), "journal": MemoryJournal(), "meter": MemoryMeter(), "prices": {}}
    with open_chat_model(model, url, options, **ports, patience=patience) as client:  # type: ignore[arg-type]
        return client.answer([ASK])[0].text


def test_what_stays_on_this_machine_passes_no_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Listener) -> None:
    monkeypatch.setenv("TUNINGFORK_API_KEY", KEY)
    with ScriptedServer(always("spam")) as server:
        assert "spam" in ask(server.url)
    assert proxy.heard == []


def test_a_proxy_learns_the_host_of_a_provider_and_not_the_key(
    monkeypatch: pytest.MonkeyPatch, proxy: Listener
) -> None:
    """TLS goes through the proxy; it could read anything else."""
    monkeypatch.setenv("OPENAI_API_KEY", PROVIDERS_KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ProviderError):
        ask(None, "openai/gpt-4.1-mini")
    assert proxy.heard
    assert all(said.startswith(b"CONNECT api.openai.com:443") for said in proxy.heard)
    assert all(b"sk-" not in said and b"money" not in said for said in proxy.heard)


def test_a_key_in_plain_http_passes_no_proxy(monkeypatch: pytest.MonkeyPatch, proxy: Listener) -> None:
    monkeypatch.setenv("TUNINGFORK_API_KEY", KEY)
    with pytest.raises(ProviderError, match=r"llm\.invalid"):
        ask("http://llm.invalid/v1", insecure="yes")
    assert proxy.heard == []


def test_a_malformed_header_with_the_key_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTTP library quotes what it cannot read."""
    monkeypatch.setenv("TUNINGFORK_API_KEY", "plain-key-4711")
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listening.accept()
        with connection:
            heard = connection.recv(65_536)
            assert b"plain-key-4711" in heard
            connection.sendall(b"HTTP/1.1 200 OK\r\n: Bearer plain-key-4711\r\n\r\n")

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with closing(listening), pytest.raises(ProviderError) as caught:
        ask(f"http://127.0.0.1:{listening.getsockname()[1]}/v1")
    thread.join(5)
    assert "plain-key-4711" not in str(caught.value)
