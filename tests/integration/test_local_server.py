"""The local server at work: a real model, real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tuningfork.errors import InputError, ModelUnavailable
from tuningfork.models.llm import local_server
from tuningfork.models.llm.format_trial import compare, expectations
from tuningfork.models.llm.gguf_format import fastest_format, format_of, parameters_of, trained_context
from tuningfork.models.llm.gguf_header import read_header
from tuningfork.models.llm.gguf_rewrite import slow_share
from tuningfork.models.llm.local_server import LocalServer
from tuningfork.models.llm.server_process import KEY_VARIABLE
from tuningfork.models.store import ModelStore

LABELS = ("loan", "fee", "event", "room")
GRAMMAR = "root ::= " + " | ".join(f'"{label}"' for label in LABELS)
SHARED = "Sort messages to a library into loan, fee, event or room. " + " ".join(
    f"Message {i}: may I keep book number {i * 37} for another week? It is a loan." for i in range(12)
)


@pytest.fixture(scope="module")
def smollm2() -> Path:
    return ModelStore().locate("smollm2-135m", "llm")


@pytest.fixture(scope="module")
def server(smollm2: Path) -> Iterator[LocalServer]:
    with LocalServer(smollm2, name="smollm2-135m", context_tokens=1024) as running:
        yield running


def chat(server: LocalServer, row: str, **options: object) -> httpx.Response:
    messages = [{"role": "system", "content": SHARED}, {"role": "user", "content": row}]
    return httpx.post(
        f"{server.url}/chat/completions",
        headers={"Authorization": f"Bearer {server.key}"},
        json={"messages": messages, "max_tokens": 8, "temperature": 0, **options},
        timeout=120,
    )


def comes_true(condition: Callable[[], bool], *, within: float = 10.0) -> bool:
    """A killed process goes thread by thread: it is a zombie before it can be reaped."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def gone(process_id: int) -> bool:
    """Whether a process ends soon; one that only waits to be reaped has."""

    def ended() -> bool:
        try:
            return bool(psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    return comes_true(ended)


def test_says_what_runs(server: LocalServer, smollm2: Path) -> None:
    assert server.model == "smollm2-135m q4_1"
    assert server.url.startswith("http://127.0.0.1:")
    assert server.alive()
    assert trained_context(smollm2) == 8192
    assert parameters_of(smollm2) == 134_515_008
    assert chat(server, "hello", max_tokens=1).json()["model"] == server.model


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["no key", "wrong key"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/tokenize", "/completion"])
def test_refuses_strangers(server: LocalServer, headers: dict[str, str], path: str) -> None:
    body = {"messages": [{"role": "user", "content": "hi"}], "content": "hi", "prompt": "hi"}
    assert httpx.post(server.root + path, headers=headers, json=body, timeout=30).status_code == 401


def test_the_key_is_not_in_the_process_list(server: LocalServer) -> None:
    assert not any(server.key in word for word in psutil.Process(server.process_id).cmdline())


def test_other_keys_are_not_handed_on(smollm2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "not for a local server")
    monkeypatch.setenv("HF_TOKEN", "nor this")
    with LocalServer(smollm2, name="smollm2-135m", context_tokens=256) as running:
        environment = psutil.Process(running.process_id).environ()
    assert not {"OPENAI_API_KEY", "HF_TOKEN"} & set(environment)


def test_the_grammar_holds_and_log_probabilities_come(server: LocalServer) -> None:
    for row in ("Hello there!", "I owe you four euros", "Is the talk tonight?"):
        choice = chat(server, row, grammar=GRAMMAR, logprobs=True, top_logprobs=20).json()["choices"][0]
        assert choice["message"]["content"] in LABELS
        assert len(choice["logprobs"]["content"][0]["top_logprobs"]) == 20


def test_a_shared_prefix_is_computed_once(server: LocalServer) -> None:
    chat(server, "first row")
    body = chat(server, "another row").json()
    cached, prompt = body["usage"]["prompt_tokens_details"]["cached_tokens"], body["usage"]["prompt_tokens"]
    assert prompt > 200
    assert cached > 0.9 * prompt
    assert body["timings"]["prompt_n"] == prompt - cached


def test_going_back_to_an_earlier_prefix_finds_it(server: LocalServer) -> None:
    chat(server, "first row")
    other = {"messages": [{"role": "user", "content": "Something else entirely. " * 20}]}
    chat(server, "", **other)
    usage = chat(server, "third row").json()["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] > 0.9 * usage["prompt_tokens"]


def test_a_prompt_beyond_the_context_is_refused_with_its_size(server: LocalServer) -> None:
    answer = chat(server, "word " * 1500)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "exceed_context_size_error"
    assert answer.json()["error"]["n_ctx"] == 1024


def test_a_crash_is_seen_and_a_restart_mends_it(smollm2: Path) -> None:
    said: list[str] = []
    with LocalServer(smollm2, name="smollm2-135m", context_tokens=512, announce=said.append) as running:
        key, first = running.key, running.process_id
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        assert comes_true(lambda: not running.alive())
        running.restart()
        assert running.alive()
        assert running.key == key
        assert httpx.get(f"{running.root}/health", timeout=10).json() == {"status": "ok"}
        second = running.process_id
    assert gone(second)
    assert any("started again" in line for line in said)


def test_an_error_within_the_block_ends_the_server(smollm2: Path) -> None:
    running = LocalServer(smollm2, name="smollm2-135m", context_tokens=256)
    with pytest.raises(RuntimeError, match="planted"), running:
        process_id = running.process_id
        raise RuntimeError("planted")
    assert gone(process_id)
    assert not running.alive()


START_AND = """
import sys, time
from pathlib import Path
from tuningfork.models.llm.local_server import LocalServer
server = LocalServer(Path(sys.argv[1]), name="m", context_tokens=256)
server.start()
print(server.process_id, flush=True)
"""


@pytest.mark.parametrize(
    "ending", ["time.sleep(600)", "pass", "import os; os._exit(3)"], ids=["killed", "exit", "abort"]
)
def test_no_server_outlives_its_parent(smollm2: Path, ending: str) -> None:
    command = [sys.executable, "-c", START_AND + ending, str(smollm2)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        process_id = int(parent.stdout.readline())
        if "sleep" in ending:
            assert psutil.pid_exists(process_id)
            parent.kill()
        parent.wait(60)
    assert gone(process_id)


def test_a_server_started_in_a_thread_outlives_the_thread(smollm2: Path) -> None:
    from threading import Thread

    running = LocalServer(smollm2, name="smollm2-135m", context_tokens=256)
    thread = Thread(target=running.start)
    thread.start()
    thread.join()
    time.sleep(1.5)
    assert running.alive()
    running.stop()


def test_a_damaged_model_is_explained_with_the_servers_words(smollm2: Path, tmp_path: Path) -> None:
    content = bytearray(smollm2.read_bytes())
    name = content.index(b"llama.block_count")
    content[name : name + 17] = b"llama.block_cOunt"
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"damaged.*block_count"):
        LocalServer(damaged, name="damaged", context_tokens=256).start()


def test_a_file_that_is_no_model_is_bad_input(tmp_path: Path) -> None:
    notes = tmp_path / "notes.gguf"
    notes.write_text("no model")
    with pytest.raises(InputError, match=r"notes\.gguf"):
        LocalServer(notes, name="notes")


def test_too_little_memory_is_said_before_anything_starts(smollm2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "available_memory", lambda: 300 << 20)
    running = LocalServer(smollm2, name="smollm2-135m")
    with pytest.raises(ModelUnavailable, match=r"needs about \d+ MiB .* 300 are available"):
        running.start()
    assert not running.alive()


def test_stands_alone_with_a_key_of_ones_own(smollm2: Path) -> None:
    command = [sys.executable, "-m", "tuningfork.models.llm.server_process", str(smollm2), "--context-tokens", "256"]
    environment = {**os.environ, KEY_VARIABLE: "a key of ours"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        models = f"{ready['url']}/models"
        assert httpx.get(models, timeout=10).status_code == 401
        assert httpx.get(models, headers={"Authorization": "Bearer a key of ours"}, timeout=10).status_code == 200
        process.terminate()
        assert process.wait(10) == 0


def test_without_a_key_it_does_not_serve(smollm2: Path) -> None:
    command = [sys.executable, "-m", "tuningfork.models.llm.server_process", str(smollm2)]
    environment = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert KEY_VARIABLE in done.stderr


def test_the_fastest_format_is_found_once_and_answers_alike(smollm2: Path, server: LocalServer) -> None:
    """In the user's cache, so that the trial itself runs once a machine."""
    cache = ModelStore().cache
    said: list[str] = []
    choice = fastest_format(smollm2, cache, announce=said.append)
    assert set(choice.measured) == {"q4_1", "q8_0"}
    assert min(choice.measured.values()) > 0
    again = fastest_format(smollm2, cache, announce=pytest.fail)
    assert again == choice
    if choice.format == "q8_0":
        assert choice.path != smollm2
        assert format_of(choice.path) == "q8_0"
        assert slow_share(read_header(choice.path)) == 0
        assert parameters_of(choice.path) == parameters_of(smollm2)
        with LocalServer(choice.path, name="smollm2-135m", context_tokens=1024) as rewritten:
            assert rewritten.model == "smollm2-135m q8_0"
            likeness = compare(expectations(server), expectations(rewritten))
        assert likeness.same_first >= 0.95
    else:
        assert choice.path == smollm2


def test_where_a_trial_is_not_possible_the_file_stays_and_that_is_said(
    smollm2: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_server, "available_memory", lambda: 50 << 20)
    cache = tmp_path / "cache"
    said: list[str] = []
    choice = fastest_format(smollm2, cache, announce=said.append)
    assert (choice.path, choice.format, dict(choice.measured)) == (smollm2, "q4_1", {})
    assert "MiB" in said[-1]
    assert not list((cache / "formats").glob("*.json"))


def test_a_blocked_cache_is_no_obstacle(smollm2: Path, tmp_path: Path) -> None:
    (tmp_path / "formats").write_text("in the way")
    said: list[str] = []
    choice = fastest_format(smollm2, tmp_path, announce=said.append)
    assert choice.path == smollm2
    assert "could not be found out" in said[-1]
