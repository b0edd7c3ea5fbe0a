"""A million rows in the pool: memory and time of loading and of arms sampled by label count.

python benchmarks/size.py
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import common

ROWS = 1_000_000

LOAD = """
import sys, time, json, resource
from tuningfork.api import Task
started = time.perf_counter()
data = Task.from_file(sys.argv[1], text="text", label="label").prepare()
print(json.dumps({"seconds": time.perf_counter() - started, "rows": len(data.pool),
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""

STUDY = """
import sys, time, json, resource
from tuningfork.api import Study, Task
task = Task.from_file(sys.argv[1], text="text", label="label")
started = time.perf_counter()
Study(task, ["linear", "head:wordllama"], label_counts=(64, 512, 4096), seeds=2, out=sys.argv[2]).run()
print(json.dumps({"seconds": time.perf_counter() - started,
                  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "million.csv"
        write_rows(file)
        loaded = run(LOAD, str(file))
        studied = run(STUDY, str(file), str(Path(folder) / "study"))
        size = file.stat().st_size
    peak = max(loaded["peak"], studied["peak"]) / 1e9
    common.write(
        "size",
        "What do a million pool rows take?",
        {"loading and splitting": [loaded["seconds"]], "a whole study of two arms": [studied["seconds"]]},
        unit="seconds",
        goals=[
            common.Goal("peak memory below 1.5 GB", round(peak, 2), peak < 1.5),
            common.Goal("loaded in less than 30 s", round(loaded["seconds"], 1), loaded["seconds"] < 30),
        ],
        limit=f"The file has {size / 1e6:.0f} MB; every row is held once, as Python text.",
        packages=("tuningfork-nlp", "polars", "numpy", "scikit-learn"),
        more={"rows": ROWS, "peak GB, loading": round(loaded["peak"] / 1e9, 2), "peak GB, study": round(peak, 2)},
    )


def write_rows(file: Path) -> None:
    """Short, distinct texts: tweets with a running number."""
    rows = common.rows("tweet_emotion")
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["text", "label"])
        for place in range(ROWS):
            row = rows[place % len(rows)]
            writer.writerow([f"{row['text'][:80]} {place}", row["label"]])


def run(code: str, *arguments: str) -> dict[str, float]:
    made = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return figures


if __name__ == "__main__":
    main()
