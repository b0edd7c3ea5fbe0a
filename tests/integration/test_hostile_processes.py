"""Input that could hang a command, fill the memory or break the terminal: as processes, with their time and memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from hostile.case import ANSWERS, GOOD, TEXTS, csv_of, make_files
from study_runs import COMMAND, own_cache

pytestmark = pytest.mark.skipif(find_spec("resource") is None, reason="what a child has taken is not told here")

MOST_SECONDS = 10.0
"""Of the processor."""

MOST_BYTES = 2_000_000_000
LONGEST_WAIT = 60.0


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str
    seconds: float
    peak_bytes: int


_LAUNCHER = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as told:
    json.dump([code, used.ru_utime + used.ru_stime, used.ru_maxrss], told)
"""
"""A small process between: one that is started by a large one is held, by the system, to have been as large."""


def run(here: Path, arguments: Sequence[str], **environment: str) -> Ended:
    """The command line to its end; killed if it waits for something."""
    unit = 1 if sys.platform == "darwin" else 1024
    used = here / "used.json"
    used.unlink(missing_ok=True)
    with (here / "out").open("w+b") as out, (here / "err").open("w+b") as err:
        process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCHER, str(used), COMMAND, *arguments],
            cwd=environment.pop("cwd", str(here)),
            env={**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        try:
            process.wait(LONGEST_WAIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in (out, err):
            stream.seek(0)
        texts = [stream.read().decode(errors="replace") for stream in (out, err)]
    code, seconds, peak = json.loads(used.read_text()) if used.exists() else (-signal.SIGKILL, LONGEST_WAIT, 0)
    return Ended(code, *texts, seconds, peak * unit)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    make_files(tmp_path, {"good.csv": GOOD})
    return tmp_path


def require_modest(ended: Ended) -> None:
    assert "Traceback" not in ended.err
    assert ended.seconds < MOST_SECONDS
    assert ended.peak_bytes < MOST_BYTES


def link_to(target: str) -> Callable[[Path], object]:
    return lambda path: path.symlink_to(target)


PLAN = ("plan", "good.csv", "--arm", "linear")
NO_ANSWER = [
    (("plan", "pipe.csv"), ("pipe.csv", "pipe or a device")),
    (("plan", "zero.csv"), ("zero.csv", "pipe or a device")),
    (("plan", "/dev/zero"), ("/dev/zero", "pipe or a device")),
    (("plan", "/dev/stdin"), ("/dev/stdin", "pipe or a device")),
    ((*PLAN, "--test", "pipe.csv"), ("pipe.csv", "pipe or a device")),
    ((*PLAN, "--label-names", "pipe.yaml"), ("pipe.yaml", "pipe or a device")),
    (("plan", "zero.yaml"), ("zero.yaml", "pipe or a device")),
    (("plan", "good.csv", "--arm", "predictions:pipe.csv?side=llm"), ("pipe.csv", "pipe or a device")),
    (("plan", "good.csv", "--arm", "prompt:pipe.gguf"), ("pipe.gguf", "GGUF")),
    (("plan", "good.csv", "--arm", "head:zero.csv"), ("zero.csv", "folder")),
    (("compare", "good.csv", "good.csv", "pipe.csv"), ("pipe.csv", "pipe or a device")),
    (("models", "pull", "pipe.gguf"), ("pipe.gguf", "GGUF")),
    (("run", "good.csv", "--arm", "linear", "--yes", "--out", "pipe.csv"), ("pipe.csv", "no folder", "--out")),
]


@pytest.mark.parametrize(("arguments", "words"), NO_ANSWER, ids=[" ".join(case[0]) for case in NO_ANSWER])
def test_nothing_waits_for_a_pipe_or_reads_a_device_to_its_end(
    here: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    pipes = dict.fromkeys(("pipe.csv", "pipe.yaml", "pipe.gguf"), os.mkfifo)
    make_files(here, {**pipes, "zero.csv": link_to("/dev/zero"), "zero.yaml": link_to("/dev/zero")})
    ended = run(here, arguments)
    assert (ended.code, ended.out) == (2, ""), ended.err
    assert not [word for word in words if word not in ended.err], ended.err
    assert ended.err.count("\n") == 1
    require_modest(ended)


MEGABYTES = "many words in a row " * 500_000
LARGE = {
    "a text of 10 MB": (csv_of(ANSWERS, [MEGABYTES, *TEXTS[1:]]), 0, ""),
    "a label of 10 MB": (csv_of([MEGABYTES, *ANSWERS[1:]]), 0, ""),
    "a text of 10 MB without blanks": (csv_of(ANSWERS, ["x" * 10_000_000, *TEXTS[1:]]), 0, ""),
    "a header of 10 MB": (f"{'x' * 10_000_000}\n1\n", 2, "--text"),
    "a quote opened before 10 MB": (f'text,label\n"{MEGABYTES}', 2, "never closed"),
    "100 000 columns": (
        ",".join(["text", "label", *(f"c{i}" for i in range(100_000))]) + ("\na,b" + "," * 100_000) * 20 + "\n",
        2,
        "only one class",
    ),
    "100 000 columns, none of them it": (",".join(f"c{i}" for i in range(100_000)) + "\n", 2, "--text"),
    "a million blank lines": ("text,label\n" + "\n" * 1_000_000, 2, "no row"),
    "100 000 labels": (
        csv_of([f"label {i}" for i in range(100_000)], [f"text {i}" for i in range(100_000)]),
        0,
        "100000 labels",
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_input_takes_little_time_and_memory(here: Path, name: str) -> None:
    content, code, word = LARGE[name]
    make_files(here, {"rows.csv": content})
    ended = run(here, ("plan", "rows.csv", "--arm", "linear", "--json"))
    assert ended.code == code, ended.err[:2000]
    assert word in ended.out + ended.err
    assert len(ended.err) < 5_000
    require_modest(ended)


def test_a_long_line_of_json_takes_little_time_and_memory(here: Path) -> None:
    make_files(here, {"rows.jsonl": '{"text": "' + "[" * 20_000_000 + '", "label": "yes"}\n' * 2})
    ended = run(here, ("plan", "rows.jsonl"))
    assert ended.code == 2
    assert len(ended.err) < 5_000
    require_modest(ended)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_of_few_letters_ends_no_command(here: Path, encoding: str) -> None:
    make_files(here, {"γραμμές.csv": csv_of(["naïve", "日本"] * 30)})
    ended = run(here, ("plan", "γραμμές.csv", "--arm", "linear"), PYTHONIOENCODING=encoding)
    assert ended.code == 0, ended.err
    assert "linear" in ended.out
    require_modest(ended)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder here refuses files to everybody")
def test_a_folder_that_takes_no_file_is_told_beside_what_is_wrong(here: Path) -> None:
    make_files(here, {"unlabelled.csv": csv_of([""] * 60)})
    ended = run(here, ("run", str(here / "unlabelled.csv"), "--yes"), cwd="/proc")
    assert ended.code == 2, ended.err
    assert "no row has a label" in ended.err and "could not be written" in ended.err
    require_modest(ended)
