"""Ctrl-C in every phase of a study: it stops within two seconds, says how to go on, and keeps what was finished."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from llm_servers import ScriptedServer, always, throttles
from study_runs import Rows, films, is_sound, own_cache, slowdown, start, wait_until

MOST_SECONDS = 2.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("interrupted")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder, pool=3000, evaluation=200)


@pytest.fixture(scope="module")
def cache(folder: Path) -> Path:
    return own_cache(folder)


@dataclass(frozen=True)
class Phase:
    """Arms that spend their time in it, when it has begun, and for how long it is let run."""

    arms: tuple[str, ...]
    begun: Callable[[Path], bool]
    seconds: float = 0.3


def has_session(study: Path) -> bool:
    return _count(study, "sessions") > 0


def has_trial(study: Path) -> bool:
    return _count(study, "trials") > 0


def has_vectors(study: Path) -> bool:
    return any((study / "models" / "embeddings").rglob("*.safetensors"))


def _count(study: Path, table: str) -> int:
    if not (study / "ledger.sqlite").is_file():
        return 0
    with closing(sqlite3.connect(study / "ledger.sqlite")) as ledger, suppress(sqlite3.OperationalError):
        return int(ledger.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])
    return 0  # being made at this moment


PHASES = {
    "embedding": Phase(("head:minilm",), has_vectors),
    "fitting": Phase(("linear",), has_trial),
    "fine-tuning": Phase(("finetune:minilm",), has_session, seconds=12.0),
}


def interrupt(rows: Rows, folder: Path, name: str, phase: Phase, **environment: str) -> None:
    """Start a study, interrupt it in the phase, and look at what it says and leaves."""
    study = folder / name.replace(" ", "-")
    arms = [f"--arm={arm}" for arm in phase.arms]
    options = ("--label-counts", "2000", "--eval-rows", "200", "--yes", "--out", str(study))
    process = start("run", *rows.arguments, *arms, *options, cwd=folder, **environment)
    wait_until(lambda: phase.begun(study))
    time.sleep(phase.seconds)
    assert process.poll() is None, "it was over before it was interrupted"
    began = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    seconds = time.monotonic() - began
    assert process.returncode == 130, err
    assert "same command goes on" in err
    assert "Traceback" not in err
    assert out == ""
    assert seconds < MOST_SECONDS * slowdown()
    assert is_sound(study)


@pytest.mark.parametrize("name", list(PHASES))
def test_ctrl_c_while_models_are_made(rows: Rows, folder: Path, cache: Path, name: str) -> None:
    interrupt(rows, folder, name, PHASES[name], TUNINGFORK_CACHE=str(cache))


def test_ctrl_c_while_a_remote_llm_asks_to_wait(rows: Rows, folder: Path, cache: Path) -> None:
    with ScriptedServer(always("positive"), throttles(retry_after=60)) as server:
        waiting = Phase((f"prompt:m@{server.url}",), lambda _: len(server.requests) > 0)
        interrupt(rows, folder, "waiting", waiting, TUNINGFORK_CACHE=str(cache))
        assert len(server.requests) == 1


@contextmanager
def trickling_hub() -> Iterator[tuple[str, list[bytes]]]:
    """A Hub whose files never end: a byte now and then. Its address, and what it was asked."""
    asked: list[bytes] = []
    no_list = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            asked.append(connection.recv(65536))
            if b"/api/" in asked[-1]:
                return connection.sendall(no_list)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
            while not asked[-1].startswith(b"HEAD"):
                connection.sendall(b"x")
                time.sleep(0.05)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)


def test_ctrl_c_while_a_model_is_fetched(rows: Rows, folder: Path, tmp_path: Path) -> None:
    with trickling_hub() as (address, asked):
        fetching = Phase(("head:wordllama",), lambda _: any(b"/resolve/" in request for request in asked))
        environment = {"HF_ENDPOINT": address, "TUNINGFORK_MIRROR": "0", "TUNINGFORK_CACHE": str(tmp_path / "cache")}
        interrupt(rows, folder, "fetching", fetching, **environment)
    models = [path for path in (tmp_path / "cache" / "models").rglob("*") if path.is_file()]
    assert all(path.name.endswith(".part") for path in models), "what is not whole has not its name"
