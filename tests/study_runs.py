"""Small real studies through the command line and through Python, for tests of the whole.

The rows are SST-2's: `films` writes a pool and an evaluation file of a few dozen rows and knows their labels. Studies
keep this machine's measured speeds in a cache folder of the test's own, so that no test changes a user's plans;
the models in it are the user's.
"""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tuningfork.cli.app import run_app
from tuningfork.models.store import default_cache

COMMAND = str(Path(sys.executable).with_name("tuningfork"))
_SHARED_FOLDERS = ("models", "formats", "locks")
TIMINGS = frozenset({"seconds", "seconds_train", "latency_ms_p50", "latency_ms_p95", "ms_per_row"})


@dataclass(frozen=True)
class Rows:
    """Files of one small task, and the label of every text in them."""

    pool: Path
    test: Path
    gold: Mapping[str, str]

    @property
    def evaluation(self) -> dict[str, str]:
        """Text -> label of the evaluation rows."""
        return {row["text"]: row["label"] for row in read_csv(self.test)}

    @property
    def arguments(self) -> tuple[str, ...]:
        """What `plan` and `run` are given to use them."""
        return (str(self.pool), "--test", str(self.test))


def films(shared_data: Path, folder: Path, *, pool: int = 200, evaluation: int = 60) -> Rows:
    """Film reviews of SST-2: the first rows of its training and test file."""
    taken = (
        read_csv(shared_data / "sst2" / "train.csv")[:pool],
        read_csv(shared_data / "sst2" / "test.csv")[:evaluation],
    )
    files = folder / "pool.csv", folder / "test.csv"
    for path, rows in zip(files, taken, strict=True):
        write_csv(path, rows)
    return Rows(*files, gold={row["text"]: row["label"] for rows in taken for row in rows})


def read_csv(path: Path) -> list[dict[str, str]]:
    """All records of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    """A CSV file of records that share their columns."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def own_cache(folder: Path) -> Path:
    """A cache folder with the user's models and nobody's measured speeds; to be named by TUNINGFORK_CACHE."""
    user, cache = default_cache(), folder / "cache"
    cache.mkdir()
    for name in _SHARED_FOLDERS:
        (user / name).mkdir(parents=True, exist_ok=True)
        (cache / name).symlink_to(user / name)
    return cache


@dataclass(frozen=True)
class Ended:
    """A finished command."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


def start(*arguments: str, cwd: Path, one_core: bool = False, **environment: str) -> subprocess.Popen[str]:
    """Start the command line as a process of its own, its own process group too, so that a signal hits it alone.

    Args:
        one_core: whether it and what it starts have a single core: a local LLM beside other tests is then no slower
            than on all of them, where its threads wait for one another.
    """
    return subprocess.Popen(
        [COMMAND, *arguments],
        cwd=cwd,
        env={**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: _begin(one_core=one_core),
    )


def _begin(*, one_core: bool) -> None:
    """In the new process. Where the tests run in the background, SIGINT is ignored, and it would inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if one_core and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def tuningfork(*arguments: str, cwd: Path, timeout: float = 120, one_core: bool = False, **environment: str) -> Ended:
    """Run the command line to its end, as a process of its own."""
    began = time.monotonic()
    with start(*arguments, cwd=cwd, one_core=one_core, **environment) as process:
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ended(process.returncode, out, err, time.monotonic() - began)


def typed(*arguments: str, cwd: Path, replies: str = "", **environment: str) -> Ended:
    """Run the command line to its end without a process of its own, which takes seconds to load its libraries.

    For command lines that nothing kills, and whose process is nobody's concern.

    Args:
        replies: what a person types when asked.
    """
    out, err, began = io.StringIO(), io.StringIO(), time.monotonic()
    with (
        chdir(cwd),
        patch.dict(os.environ, {"NO_COLOR": "1", **environment}),
        patch.object(sys, "stdin", io.StringIO(replies)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = run_app(arguments)
    return Ended(code, out.getvalue(), err.getvalue(), time.monotonic() - began)


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as it holds.

    Raises:
        TimeoutError: it never did.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} seconds in vain")
        time.sleep(0.01)


def slowdown() -> float:
    """How many times as long as on an idle machine a piece of work takes on this one now; at least 1.

    What a user is promised in seconds is promised on a machine with nothing else to do; tests run side by side.
    """
    began, worked = time.perf_counter(), time.thread_time()
    while time.thread_time() - worked < 0.1:
        pass
    return max(1.0, (time.perf_counter() - began) / (time.thread_time() - worked))


def verdict_of(study: Path) -> dict[str, Any]:
    """verdict.json of a study."""
    found: dict[str, Any] = json.loads((study / "verdict.json").read_text(encoding="utf-8"))
    return found


def without_timings(value: Any) -> Any:
    """The same JSON without what a clock measured."""
    if isinstance(value, dict):
        return {key: without_timings(item) for key, item in value.items() if key not in TIMINGS}
    return [without_timings(item) for item in value] if isinstance(value, list) else value


def exchanges(study: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Requests and responses that the study's ledger has."""
    if not (study / "ledger.sqlite").is_file():
        return []
    connection = sqlite3.connect(study / "ledger.sqlite")
    try:
        if connection.execute("PRAGMA user_version").fetchone() == (0,):
            return []  # being made at this moment
        found = connection.execute("SELECT request, response FROM responses").fetchall()
    finally:
        connection.close()
    return [(json.loads(zlib.decompress(sent)), json.loads(zlib.decompress(got))) for sent, got in found]


def journalled(study: Path) -> list[str]:
    """Bodies of all requests that the study's ledger has an answer to, as sorted JSON."""
    return [as_key(request) for request, _ in exchanges(study)]


def as_key(body: Mapping[str, Any]) -> str:
    """A request's body as text that equal bodies share."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False)


def is_sound(study: Path) -> bool:
    """SQLite's own check of the ledger."""
    connection = sqlite3.connect(study / "ledger.sqlite")
    try:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
