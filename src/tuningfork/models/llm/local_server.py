"""A llama.cpp server in a process of its own, on loopback, for as long as somebody needs it.

A crash of native code takes the server's process down, never ours; and whatever becomes of ours, the server's ends.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tuningfork.errors import ModelUnavailable
from tuningfork.models.llm.gguf_metadata import file_size, format_of, key_value_bytes, trained_context, vocabulary_size
from tuningfork.models.llm.machine import available_memory, usable_cores
from tuningfork.models.llm.server_process import CPU_PIECE, KEY_VARIABLE, PROMPT_CACHE_MIB

CONTEXT_LIMIT = 8192
"""Tokens of context unless more is asked for: the cache of keys and values costs memory for each, used or not."""

START_SECONDS = 600.0
"""A model that is not ready by then never will be."""

STOP_SECONDS = 5.0
SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
"""Environment variables with such a word in their name are not handed to the server."""

LARGE_MIB = 400
"""Loading a file above this takes long enough to be announced."""

LOG_LINES = 12
MIB = 1 << 20


class LocalServer:
    """A context manager around one server process.

    Args:
        gguf: the model's file.
        name: the model's name without its format; `model` adds the format.
        threads: all usable physical cores when None.
        context_tokens: the model's trained context, 8192 at most, when None.
        announce: told what is started, where it runs, and when it is started again.

    Raises (on entering and by `restart`):
        InputError: the file is no readable GGUF.
        ModelUnavailable: too little memory, or the server does not start; the message ends with its log's last lines.
    """

    def __init__(
        self,
        gguf: Path,
        *,
        name: str,
        threads: int | None = None,
        context_tokens: int | None = None,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        self.gguf, self.model = gguf, f"{name} {format_of(gguf)}"
        self.threads = threads or usable_cores()
        self.context_tokens = context_tokens or min(trained_context(gguf), CONTEXT_LIMIT)
        self.key = secrets.token_urlsafe(32)
        self._announce = announce or (lambda _: None)
        self._running: _Running | None = None

    @property
    def url(self) -> str:
        """'http://127.0.0.1:PORT/v1'; the port is another one after a restart."""
        return self._started().url

    @property
    def root(self) -> str:
        """The address without '/v1', under which llama.cpp's own endpoints are: /health, /tokenize, …"""
        return self.url.removesuffix("/v1")

    @property
    def device(self) -> str:
        """What computes: 'CPU', or the description of a GPU."""
        return self._started().device

    @property
    def process_id(self) -> int:
        """Of the server's process."""
        return int(self._started().process.pid)

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._running is not None and self._running.process.poll() is None

    def require_memory(self) -> None:
        """Refuse what would make the machine swap or kill processes; only the file's head is read.

        Raises:
            ModelUnavailable: weights, cache and working memory do not fit what is available now.
        """
        working = CPU_PIECE * vocabulary_size(self.gguf) * 4 + PROMPT_CACHE_MIB * MIB
        cache = key_value_bytes(self.gguf, self.context_tokens)
        needed, available = file_size(self.gguf) + cache + working, available_memory()
        if needed > available:
            raise ModelUnavailable(
                f"{self.model} needs about {needed // MIB} MiB of memory ({cache // MIB} of them for "
                f"{self.context_tokens} tokens of context), and {available // MIB} are available. Close other "
                "programs, ask for a smaller context, or take a smaller model"
            )

    def start(self) -> None:
        """Start the server and wait until the model is loaded; nothing if it runs already."""
        if self.alive():
            return
        self.stop()
        self.require_memory()
        size = file_size(self.gguf) // MIB
        if size > LARGE_MIB:
            self._announce(f"loading {self.model} ({size} MiB)")
        self._running = _Running(self._command(), self._environment(), self.model)
        self._announce(
            f"{self.model} runs on {_where(self.device, self.threads)}, {self.context_tokens} tokens of context"
        )

    def restart(self) -> None:
        """Start afresh, on another port with the same key, after a crash or a server that no longer answers."""
        log = self._running.log_tail() if self._running else ""
        self.stop()
        self._announce(f"the server of {self.model} is started again" + (f"; its last words: {log}" if log else ""))
        self.start()

    def stop(self) -> None:
        """End the server's process; nothing if there is none."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _started(self) -> _Running:
        if self._running is None:
            raise ModelUnavailable(f"the server of {self.model} is not started")
        return self._running

    def _command(self) -> list[str]:
        module = "tuningfork.models.llm.server_process"
        options = {"--threads": self.threads, "--context-tokens": self.context_tokens, "--model-name": self.model}
        values = [f"{option}={value}" for option, value in options.items()]
        return [sys.executable, "-m", module, str(self.gguf.resolve()), *values, "--until-parent-exits"]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not any(w in name.upper() for w in SECRET_WORDS)}
        # Without the safe path, a file json.py in the current folder would be imported by the server.
        return {**kept, KEY_VARIABLE: self.key, "PYTHONSAFEPATH": "1"}


class _Running:
    """A server process that has reported ready; its log, and the prompts' beginnings that it keeps, are in a temporary
    folder that only this user can read."""

    def __init__(self, command: list[str], environment: dict[str, str], model: str) -> None:
        folder = tempfile.TemporaryDirectory(prefix="tuningfork-server-")
        self._log = Path(folder.name) / "server.log"
        states = Path(folder.name) / "states"
        states.mkdir()
        with self._log.open("wb") as log:
            self.process = _spawn([*command, f"--state-folder={states}"], environment, log)
        # Runs when this object goes, and at the interpreter's exit at the latest.
        self.stop = weakref.finalize(self, _end, self.process, folder, os.getpid())
        try:
            ready = json.loads(self._first_line())
            self.url, self.device = str(ready["url"]), str(ready["device"])
        except ValueError as error:
            code = self.process.wait()
            reason = self.log_tail() or f"it ended with exit code {code} (at most {START_SECONDS:.0f} s are waited)"
            self.stop()
            raise ModelUnavailable(f"the local server cannot run {model}: {reason}") from error
        except BaseException:
            self.stop()
            raise

    def _first_line(self) -> bytes:
        """What the process says when its model is loaded; empty if it ended before."""
        assert self.process.stdout is not None
        deadline = threading.Timer(START_SECONDS, self.process.kill)
        deadline.start()
        try:
            return self.process.stdout.readline()
        finally:
            deadline.cancel()

    def log_tail(self) -> str:
        """The last lines of the log, in one."""
        with suppress(OSError):
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
            return " | ".join(line.strip() for line in lines[-LOG_LINES:] if line.strip())
        return ""


def _spawn(command: list[str], environment: dict[str, str], log: BinaryIO) -> subprocess.Popen[bytes]:
    """Start the server's process, in a group of its own: Ctrl-C is for us, and the server has to live until the answer
    on its way is in the journal."""
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        process_group=0 if os.name == "posix" else None,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _end(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str], owner: int) -> None:
    """Let the process end by itself, else make it. A fork of its owner, which also comes here at its exit, must not."""
    if os.getpid() != owner:
        return
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    for harder in (process.terminate, process.kill):
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            harder()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
    folder.cleanup()


def _where(device: str, threads: int) -> str:
    if device != "CPU":
        return device
    return f"the CPU ({threads} thread{'s' if threads > 1 else ''})"
