"""The demonstration: when its first provisional verdict comes, and what a second run of a finished study takes.

python benchmarks/again.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common

from tuningfork.models.store import default_cache

FIRST_VERDICT = "So far:"
COMPARED = "shared rows"


def main() -> None:
    command = str(Path(sys.executable).with_name("tuningfork"))
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"TUNINGFORK_CACHE": str(new_cache(Path(folder) / "cache"))}
        demos = [[command, "demo", "--yes", "--out", str(Path(folder) / name)] for name in ("first", "second")]
        new, _ = first_verdict(demos[0], environment, stop_there=True)
        known, whole = first_verdict(demos[1], environment)
        again = [
            common.timed(lambda: subprocess.run(demos[1], check=True, capture_output=True, env=environment))
            for _ in range(5)
        ]
    repeated = statistics.median(again)
    common.write(
        "again",
        "When does the demonstration show its first verdict, and what does running a finished study again take?",
        {
            "first verdict on both sides, models fetched and never run": [new],
            "first verdict on both sides, a later study": [known],
            "whole demonstration": [whole],
            "second run of a finished study": again,
        },
        unit="seconds",
        goals=[
            common.Goal("first provisional verdict within 30 s, models never run", round(new, 1), new <= 30),
            common.Goal("a second run in less than 1.5 s", round(repeated, 2), repeated < 1.5),
        ],
        limit="The first verdict waits for 50 answers of the LLM, and once on a machine for a trial of the fastest "
        f"format of its file ({new - known:.0f} s here); the second run reads the ledger and loads no model.",
        packages=("tuningfork-nlp", "xllamacpp", "onnxruntime"),
    )


def new_cache(folder: Path) -> Path:
    """A cache with the models of the user's and nothing that was found out by running them."""
    folder.mkdir()
    (folder / "models").symlink_to(default_cache() / "models")
    return folder


def first_verdict(demo: list[str], environment: dict[str, str], *, stop_there: bool = False) -> tuple[float, float]:
    """Seconds until a verdict that compares both sides is shown, and until the end."""
    started, first, text = time.perf_counter(), 0.0, ""
    with subprocess.Popen(
        demo, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            text += f" {line.strip()}"
            if not first and FIRST_VERDICT in text and COMPARED in text[text.rindex(FIRST_VERDICT) :]:
                first = time.perf_counter() - started
                if stop_there:
                    running.terminate()
    return first, time.perf_counter() - started


if __name__ == "__main__":
    main()
