"""Three trained arms, one of them chosen, beside AutoIntent's search on the same labelled rows.

    BENCH_PYTHON_AUTOINTENT=.venv-autointent/bin/python python benchmarks/autointent.py

`BENCH_PYTHON_AUTOINTENT` is an interpreter with AutoIntent (`make bench` makes one). Both sides get the same MiniLM and
the same 800 labels; both choose on a part of them, and are then fitted on all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import common
import numpy as np
from trials import Rows, fit

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs

LABELS, TEST, REPEATS = 800, 1000, 3
ARMS = ("linear", "head:wordllama", "head:minilm")
SETS = ("sst2", "tweet_emotion")
PRESET = "classic-light"
_TO_CHOOSE = 0.2


def main() -> None:
    rival = os.environ.get("BENCH_PYTHON_AUTOINTENT")
    if not rival:
        raise SystemExit("set BENCH_PYTHON_AUTOINTENT to an interpreter with AutoIntent")
    measured: dict[str, list[float]] = {}
    goals: list[common.Goal] = []
    scores: dict[str, dict[str, list[float]]] = {}
    for name in SETS:
        rows = Rows.of(name, pool=LABELS, test=TEST)
        scores[name] = {"ours": [], "AutoIntent": []}
        for side in (f"{name}, ours", f"{name}, AutoIntent {PRESET}"):
            measured[side] = []
        for _ in range(REPEATS):
            seconds, labels = ours(rows)
            measured[f"{name}, ours"].append(seconds)
            scores[name]["ours"].append(float((labels == rows.gold).mean()))
            seconds, found = theirs(rival, rows)
            measured[f"{name}, AutoIntent {PRESET}"].append(seconds)
            gold = [rows.labels.names[place] for place in rows.gold]
            scores[name]["AutoIntent"].append(float(np.mean([a == b for a, b in zip(found, gold, strict=True)])))
        share = float(np.median(measured[f"{name}, ours"]) / np.median(measured[f"{name}, AutoIntent {PRESET}"]))
        lead = 100 * float(np.median(scores[name]["ours"]) - np.median(scores[name]["AutoIntent"]))
        goals += [
            common.Goal(f"{name}: at most a fifth of its time", round(share, 3), share <= 0.2),
            common.Goal(f"{name}: score no lower (points)", round(lead, 2), lead >= 0),
        ]
    common.write(
        "autointent",
        f"What do three trained arms cost at {LABELS} labels, the best of them chosen, beside AutoIntent's search?",
        measured,
        unit="seconds",
        goals=goals,
        limit="Embedding the rows once is most of it; the fits of all three arms take less.",
        packages=("tuningfork-nlp", "onnxruntime", "scikit-learn", "numpy"),
        more={"accuracy": scores, "rival": version_of(rival), "test rows": TEST},
    )


def ours(rows: Rows) -> tuple[float, np.ndarray]:
    """Seconds of fitting the arms on four fifths of the labels, choosing one on the rest, fitting it on all and
    answering the test rows; and the answers."""
    began = time.perf_counter()
    fits = round(LABELS * (1 - _TO_CHOOSE))
    order = rows.setting.order(0)
    held = rows.pool.take(order[fits:])
    asked = Inputs.of_texts(held.ids, held.texts)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        hits = {}
        for arm in ARMS:
            fitted = fit(FAMILIES.get(ArmSpec.parse(arm).family), arm, rows, fits, 0, workspace)
            hits[arm] = float((fitted.predict(asked)[0].labels == held.gold).mean())
        best = max(hits, key=hits.__getitem__)
        fitted = fit(FAMILIES.get(ArmSpec.parse(best).family), best, rows, LABELS, 0, workspace)
        labels = fitted.predict(rows.test)[0].labels
    return time.perf_counter() - began, labels


def theirs(python: str, rows: Rows) -> tuple[float, list[str | None]]:
    """Seconds that AutoIntent took, without starting Python, and its answers."""
    job = {
        "encoder": str(ModelStore().locate("minilm", "encoder")),
        "preset": PRESET,
        "train": [
            {"text": text, "label": rows.labels.names[place]}
            for text, place in zip(rows.pool.texts, rows.pool.gold, strict=True)
        ],
        "test": list(rows.test.texts),
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        file.write_text(json.dumps(job), encoding="utf-8")
        script = Path(__file__).parent / "rivals" / "autointent_rows.py"
        done = subprocess.run([python, str(script), str(file)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    return float(answer["seconds"]), answer["labels"]


def version_of(python: str) -> str:
    code = "from importlib.metadata import version; print('autointent', version('autointent'))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
