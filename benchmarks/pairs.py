"""100,000 sentence pairs, and as many questions with four options: loaded, split and profiled, in a process of its own.

python benchmarks/pairs.py
"""

from __future__ import annotations

import csv
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import common

from tuningfork.api import Task
from tuningfork.models.store import ModelStore

ROWS = 100_000
REPEATS = 3
MOST_SECONDS, MOST_GIB = 60.0, 1.5
_WORDS = 6000
_STEPS = ("loaded and split", "profiled")


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(work(Path(sys.argv[1]), sys.argv[2])))
        return
    ModelStore().locate("wordllama")
    measured: dict[str, list[float]] = {}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, write in (("pair", write_pairs), ("choice", write_choices)):
            path = Path(folder) / f"{kind}.csv"
            write(path)
            runs = [alone(path, kind) for _ in range(REPEATS)]
            for place, step in enumerate(_STEPS):
                measured[f"{kind}: {step}"] = [run["seconds"][place] for run in runs]
            measured[f"{kind}: whole process"] = [run["whole"] for run in runs]
            measured[f"{kind}: on processors, all threads"] = [run["processor"] for run in runs]
            peaks[kind] = max(run["gib"] for run in runs)
    whole = {kind: statistics.median(measured[f"{kind}: whole process"]) for kind in peaks}
    common.write(
        "pairs",
        f"How long do {ROWS:,} rows of several fields take to be loaded, split and profiled?",
        measured,
        unit="seconds",
        goals=[
            *(
                common.Goal(f"{kind}: at most {MOST_SECONDS:.0f} s", round(seconds, 1), seconds <= MOST_SECONDS)
                for kind, seconds in whole.items()
            ),
            *(
                common.Goal(f"{kind}: at most {MOST_GIB} GiB of memory", round(gib, 2), gib <= MOST_GIB)
                for kind, gib in peaks.items()
            ),
        ],
        limit=f"Reading the pairs with Python's csv module alone takes {bare_reading():.1f} s.",
        packages=("tuningfork-nlp", "numpy", "tokenizers", "polars"),
        more={"rows": ROWS, "peak_gib": {kind: round(gib, 2) for kind, gib in peaks.items()}},
    )


def work(path: Path, kind: str) -> dict[str, Any]:
    """Seconds of each step and on processors, and the largest memory in GiB, of this process."""
    started = time.perf_counter()
    task = Task.from_file(path, type=kind)
    task.prepare()
    split = time.perf_counter()
    task.profile()
    done = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": [split - started, done - split],
        "processor": used.ru_utime + used.ru_stime,
        "gib": used.ru_maxrss / 2**20,
    }


def alone(path: Path, kind: str) -> dict[str, Any]:
    """The same in a fresh process, its start included in the whole."""
    started = time.perf_counter()
    told = subprocess.run(
        [sys.executable, __file__, str(path), kind], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, Any] = json.loads(told)
    return found | {"whole": time.perf_counter() - started}


def write_pairs(path: Path) -> None:
    """Three second texts to each first one, as in entailment."""
    draw, words = random.Random(0), _vocabulary()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("premise", "hypothesis", "label"))
        for row in range(ROWS):
            if row % 3 == 0:
                premise = " ".join(draw.choices(words, k=draw.randint(8, 22)))
            hypothesis = " ".join(draw.choices(words, k=draw.randint(4, 12)))
            writer.writerow((premise, hypothesis, ("entailment", "neutral", "contradiction")[row % 3]))


def write_choices(path: Path) -> None:
    """Four options a question, as a list in a cell."""
    draw, words = random.Random(0), _vocabulary()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("question", "choices", "answer"))
        for _ in range(ROWS):
            options = [" ".join(draw.choices(words, k=draw.randint(1, 6))) for _ in range(4)]
            question = " ".join(draw.choices(words, k=draw.randint(6, 20)))
            writer.writerow((question, json.dumps(options), draw.randrange(4)))


def bare_reading() -> float:
    """Seconds that the interpreter's own reader needs for the pairs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.csv"
        write_pairs(path)

        def read() -> None:
            with path.open(encoding="utf-8", newline="") as file:
                list(csv.reader(file))

        return common.timed(read)


def _vocabulary() -> list[str]:
    """Invented words, the first ones as frequent as those of a language."""
    draw = random.Random(1)
    words = ["".join(draw.choices("abcdefghilmnoprstu", k=draw.randint(2, 9))) for _ in range(_WORDS)]
    return [word for place, word in enumerate(words) for _ in range(max(1, 400 // (place + 1)))]


if __name__ == "__main__":
    main()
