"""The demonstration: when its first provisional verdict comes, and what a second run of a finished study takes.

python benchmarks/again.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common

FIRST_VERDICT = "So far:"
COMPARED = "shared rows"


def main() -> None:
    command = str(Path(sys.executable).with_name("tuningfork"))
    with tempfile.TemporaryDirectory() as folder:
        demo = [command, "demo", "--yes", "--out", str(Path(folder) / "study")]
        first, whole = first_verdict(demo)
        again = [common.timed(lambda: subprocess.run(demo, check=True, capture_output=True)) for _ in range(5)]
    common.write(
        "again",
        "When does the demonstration show its first verdict, and what does running a finished study again take?",
        {"first verdict, both sides": [first], "whole demonstration": [whole], "second run": again},
        unit="seconds",
        goals=[
            common.Goal("first provisional verdict within 30 s", round(first, 1), first <= 30),
            common.Goal("a second run in less than 1.5 s", round(sorted(again)[2], 2), sorted(again)[2] < 1.5),
        ],
        limit="The first verdict waits for 50 answers of the LLM; the second run reads the ledger and loads no model.",
        packages=("tuningfork-nlp", "xllamacpp", "onnxruntime"),
    )


def first_verdict(demo: list[str]) -> tuple[float, float]:
    """Seconds until a verdict that compares both sides is shown, and until the end."""
    started, first, text = time.perf_counter(), 0.0, ""
    with subprocess.Popen(demo, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            text += f" {line.strip()}"
            if not first and FIRST_VERDICT in text and COMPARED in text[text.rindex(FIRST_VERDICT) :]:
                first = time.perf_counter() - started
    return first, time.perf_counter() - started


if __name__ == "__main__":
    main()
