"""Six files of 100,000 answers compared: time and memory.

python benchmarks/compare.py
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import common

ROWS, FILES, LABELS, REPEATS = 100_000, 6, ("refund", "delivery", "account", "other"), 3

COMPARE = """
import sys, time, json, resource
started = time.perf_counter()
from tuningfork.cli.app import run_app
code = run_app(["compare", *sys.argv[1:], "--json"])
print(json.dumps({"seconds": time.perf_counter() - started, "code": code,
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""


def main() -> None:
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = write_files(Path(folder))
        for _ in range(REPEATS):
            for metric in ("accuracy", "macro_f1"):
                found.setdefault(metric, []).append(run([*files, "--metric", metric]))
    seconds = {metric: [one["seconds"] for one in runs] for metric, runs in found.items()}
    slowest = max(max(values) for values in seconds.values())
    peak = max(one["peak"] for runs in found.values() for one in runs) / 1e9
    common.write(
        "compare",
        f"What does comparing {FILES} files of {ROWS:,} answers take, all pairs, with an id and dollars a row?",
        seconds,
        unit="seconds",
        goals=[
            common.Goal("at most 10 s", round(slowest, 1), slowest <= 10),
            common.Goal("peak memory below 1 GB", round(peak, 2), peak < 1),
        ],
        limit="Reading the files and matching their rows is two thirds of it; the arithmetic of 15 pairs the rest.",
        packages=("tuningfork-nlp", "numpy", "polars"),
        more={"rows": ROWS, "files": FILES},
    )


def write_files(folder: Path) -> list[str]:
    """Right labels, and answers of systems that are right in 70 % of the rows and two points more each."""
    draw = random.Random(0)
    gold = [draw.choice(LABELS) for _ in range(ROWS)]
    files = [_write(folder / "gold.csv", ["id", "text", "label"], [(i, f"text {i}", a) for i, a in enumerate(gold)])]
    for place in range(FILES):
        right = 0.7 + 0.02 * place
        given = [label if draw.random() < right else draw.choice(LABELS) for label in gold]
        rows = [(i, answer, round(draw.random() / 1000, 6)) for i, answer in enumerate(given)]
        files.append(_write(folder / f"system{place}.csv", ["id", "prediction", "usd"], rows))
    return files


def _write(file: Path, head: list[str], rows: Sequence[Sequence[object]]) -> str:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(head)
        writer.writerows(rows)
    return str(file)


def run(arguments: list[str]) -> dict[str, float]:
    made = subprocess.run([sys.executable, "-c", COMPARE, *arguments], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    assert figures["code"] == 0, made.stderr
    return figures


if __name__ == "__main__":
    main()
