"""The llama.cpp server as a process of its own: `python -m tuningfork.models.llm.server_process MODEL.gguf`.

Used by `LocalServer`, and by hand as a stand-alone OpenAI-compatible server:

    TUNINGFORK_SERVER_KEY=secret python -m tuningfork.models.llm.server_process model.gguf --port 8080

The key that clients must send comes from the environment, never from the command line, which every user of the machine
can read. When the model is loaded one line of JSON goes to standard output: {"url", "device", "context_tokens"}.
Exit codes: 0 stopped, 1 the model cannot be loaded (standard error says why), 2 a wrong invocation.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from tuningfork.models.hardware import let_threads_spin_briefly

KEY_VARIABLE = "TUNINGFORK_SERVER_KEY"
"""Environment variable with the key that the server asks of its clients."""

PROMPT_CACHE_MIB = 512
"""Memory for the prefixes of earlier prompts, so that going back to one costs a copy instead of a computation."""

CPU_PIECE, GPU_PIECE = 128, 512
"""Tokens computed at once (`n_ubatch`). On CPUs 128 was as fast as 512 (AVX2) or a quarter faster (AVX-512), in a
quarter of the memory."""

SECONDS_BETWEEN_LOOKS = 1.0
"""How often the parent process is looked for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped; see the module's text."""
    options = _parse(arguments)
    key = os.environ.pop(KEY_VARIABLE, "")
    if not key:
        sys.stderr.write(f"set {KEY_VARIABLE} to the key that clients must send\n")
        return 2
    parent = os.getppid()
    announcements = _keep_output_apart()
    leave = _Leaving(options.state_folder)
    if options.until_parent_exits:
        threading.Thread(target=_leave_at_end_of_input, args=(leave,), daemon=True).start()
    let_threads_spin_briefly()
    server, device = _load(options, key, leave)
    ready = {"url": f"{server.listening_address}/v1", "device": device, "context_tokens": options.context_tokens}
    announcements.write(json.dumps(ready) + "\n")
    announcements.flush()
    _serve(leave, parent if options.until_parent_exits else None)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="server_process", description="Serve a GGUF model on loopback.")
    parser.add_argument("gguf", help="file of the model")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; a free one when left out")
    parser.add_argument("--model-name", default="", help="the name that answers carry; the file's name when left out")
    parser.add_argument("--threads", type=int, default=0, help="threads; all physical cores when left out")
    parser.add_argument("--context-tokens", type=int, default=4096, help="size of the context window")
    parser.add_argument(
        "--state-folder", default="", help="folder for saved states of prompts, removed at the end; none when left out"
    )
    parser.add_argument("--until-parent-exits", action="store_true", help="stop when standard input ends")
    return parser.parse_args(arguments)


def _keep_output_apart() -> TextIO:
    """A handle on standard output for our own line; what native code prints there goes to standard error."""
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return ours


def _load(options: argparse.Namespace, key: str, leave: _Leaving) -> tuple[Any, str]:
    """The running server and the name of the device that computes."""
    import xllamacpp

    from tuningfork.models.llm.machine import usable_cores

    device = _graphics_device(xllamacpp)
    settings = xllamacpp.CommonParams()
    settings.model.path = options.gguf
    settings.model_alias = {options.model_name} if options.model_name else set()
    settings.api_keys = [key]
    settings.port = options.port
    settings.n_ctx = options.context_tokens
    settings.n_parallel = 1  # more slots were never faster on a CPU, and would share the context and the hot prefix
    settings.n_ubatch = GPU_PIECE if device else CPU_PIECE
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = options.threads or usable_cores()
    settings.n_gpu_layers = -1 if device else 0
    settings.fit_params = device is not None
    settings.cache_ram_mib = PROMPT_CACHE_MIB
    if options.state_folder:
        settings.slot_save_path = f"{options.state_folder}{os.sep}"
    settings.ui = False
    settings.endpoint_slots = False
    settings.cors_origins = ""
    settings.verbosity = 2  # warnings and errors; a line for every request would fill the disk
    try:
        return xllamacpp.Server(settings), device or "CPU"
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        leave(1)


def _graphics_device(library: Any) -> str | None:
    """Description of the first GPU that this build of llama.cpp can use, or None."""
    kinds = library.ggml_backend_dev_type
    graphics = {kinds.GGML_BACKEND_DEVICE_TYPE_GPU, kinds.GGML_BACKEND_DEVICE_TYPE_IGPU}
    found = (device["description"] for device in library.get_device_info() if device["type"] in graphics)
    return next(found, None)


class _Leaving:
    """How the process ends, whoever asks for it.

    Args:
        state_folder: is removed, because nobody else does where the parent was killed; '' for none.
    """

    def __init__(self, state_folder: str) -> None:
        self._folder = state_folder

    def __call__(self, code: int) -> NoReturn:
        """Leave at once: the native server's own shutdown waits for requests in flight."""
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        sys.stderr.flush()
        os._exit(code)


def _serve(leave: _Leaving, parent: int | None) -> NoReturn:
    """Wait while the server's own threads work; leave at a signal, or when `parent` is gone."""
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: leave(0))
    while parent is None or os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    leave(0)


def _leave_at_end_of_input(leave: _Leaving) -> None:
    """The parent holds the other end of our standard input; it ends when the parent closes it, dies or is killed.

    (Linux could signal a parent's death, but it means the parent's *thread*: a server started by a worker thread would
    be killed when that thread is done.)
    """
    while os.read(0, 1024):
        pass
    leave(0)


if __name__ == "__main__":
    sys.exit(main())
