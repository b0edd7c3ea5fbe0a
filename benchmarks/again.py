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

STARTERS = ("minilm", "minilm-int8", "wordllama", "smollm2-135m")
FIRST_VERDICT = "So far:"
COMPARED = "shared rows"


def main() -> None:
    command = str(Path(sys.executable).with_name("tuningfork"))
    with tempfile.TemporaryDirectory() as folder:
        unseen, pulled = (new_cache(Path(folder) / name) for name in ("unseen", "pulled"))
        subprocess.run([command, "models", "pull", *STARTERS], check=True, capture_output=True, env=pulled)
        demos = [[command, "demo", "--yes", "--out", str(Path(folder) / f"study{place}")] for place in range(3)]
        new, _ = first_verdict(demos[0], unseen, stop_there=True)
        first, whole = first_verdict(demos[1], pulled)
        later, _ = first_verdict(demos[2], pulled, stop_there=True)
        again = [
            common.timed(lambda: subprocess.run(demos[1], check=True, capture_output=True, env=pulled))
            for _ in range(5)
        ]
    repeated = statistics.median(again)
    common.write(
        "again",
        "When does the demonstration show its first verdict, and what does running a finished study again take?",
        {
            "first verdict on both sides, models fetched by the study itself": [new],
            "first verdict on both sides, models pulled before": [first],
            "first verdict on both sides, a later study": [later],
            "whole demonstration": [whole],
            "second run of a finished study": again,
        },
        unit="seconds",
        goals=[
            common.Goal("first verdict on both sides within 20 s, models pulled", round(first, 1), first <= 20),
            common.Goal("a second run in less than 1.5 s", round(repeated, 2), repeated < 1.5),
        ],
        limit="The first verdict waits for 50 answers of the LLM, and, where the models were not pulled before, for a "
        f"trial of the fastest format of its file ({new - first:.0f} s here); the second run reads the ledger and "
        "loads no model.",
        packages=("tuningfork-nlp", "xllamacpp", "onnxruntime"),
    )


def new_cache(folder: Path) -> dict[str, str]:
    """The environment with a cache that has the models of the user's and nothing that was found out by running them."""
    folder.mkdir()
    (folder / "models").symlink_to(default_cache() / "models")
    return os.environ | {"TUNINGFORK_CACHE": str(folder)}


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
