"""Which layers and how many epochs suit which label count? Rivals of `finetune:minilm` on public training rows.

python benchmarks/finetune_recipes.py FILE.jsonl [--seeds 2] [--table]      (needs the extra `finetune`)

Every recipe is given the same labels for a seed and answers the same 500 rows, which are held out of the training
file: no test row is read. One line a trial is added to the file, and what stands there is not run again, so that the
script can be stopped at any time. `--table` runs nothing and prints the means.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import common
import numpy as np
from numpy.typing import NDArray
from trials import Rows, fit

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.results import Prediction
from tuningfork.metrics.metric import METRICS
from tuningfork.models.hardware import let_threads_spin_briefly
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Pool

HELD_OUT = 500
CHOSEN = "layers=2"
"""Two layers, and a number of epochs that is chosen on held-out rows, which is a second training."""

RIVALS: Sequence[tuple[int, str, Sequence[str]]] = (
    (1000, "sst2", (CHOSEN, "layers=all&epochs=2")),
    (256, "tweet_emotion", (CHOSEN, "layers=2&epochs=8", "layers=all&epochs=4")),
    (256, "frontier/mrf", (CHOSEN, "layers=2&epochs=8", "layers=all&epochs=4")),
    (256, "sst2", (CHOSEN, "layers=2&epochs=8", "layers=all&epochs=4")),
    (1000, "frontier/mrf", (CHOSEN, "layers=all&epochs=2")),
    (64, "sst2", (CHOSEN, "layers=all&epochs=8")),
    (64, "tweet_emotion", (CHOSEN, "layers=all&epochs=8")),
    (64, "frontier/mrf", (CHOSEN, "layers=all&epochs=8")),
    (256, "banking77", (CHOSEN, "layers=all&epochs=4")),
    (64, "tweet_offensive", (CHOSEN, "layers=all&epochs=8")),
    (256, "tweet_offensive", (CHOSEN, "layers=all&epochs=4")),
    (256, "frontier/ibc", (CHOSEN, "layers=all&epochs=4")),
    (1000, "tweet_emotion", (CHOSEN, "layers=all&epochs=2")),
    (1000, "frontier/ibc", (CHOSEN, "layers=all&epochs=2")),
    (3000, "banking77", ("layers=3&epochs=4", "layers=all&epochs=2")),
    (1000, "clinc150", (CHOSEN, "layers=all&epochs=2")),
    (3000, "sst2", ("layers=3&epochs=4", "layers=all&epochs=2")),
    (1000, "banking77", (CHOSEN, "layers=all&epochs=2", "layers=all&epochs=4")),
    (64, "frontier/flute", (CHOSEN, "layers=all&epochs=8")),
)
"""Label count, data set and recipes, the most telling first."""
_FACTORS = np.exp(np.linspace(np.log(0.05), np.log(10.0), 81))


@dataclass(frozen=True)
class Case:
    """One trial to run."""

    data: str
    labels: int
    recipe: str
    seed: int

    @property
    def spec(self) -> str:
        return f"finetune:minilm?{self.recipe}" if self.recipe else "finetune:minilm"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--table", action="store_true")
    asked = parser.parse_args()
    known = _read(asked.file)
    if not asked.table:
        let_threads_spin_briefly()
        done = {(one["data"], one["labels"], one["recipe"], one["seed"]) for one in known}
        for case in cases(asked.seeds):
            if (case.data, case.labels, case.recipe, case.seed) not in done:
                known.append(measured(case))
                _add(asked.file, known[-1])
    print(table(known))


def cases(seeds: int) -> Iterator[Case]:
    """Rivals of one set and count after each other, so that a slow hour of the machine meets all of them."""
    for seed in range(seeds):
        for labels, data, recipes in RIVALS:
            yield from (Case(data, labels, recipe, seed) for recipe in recipes)


def measured(case: Case) -> dict[str, Any]:
    """Train and score one case."""
    rows = _rows(case.data)
    with tempfile.TemporaryDirectory() as folder:
        wall, processor = time.perf_counter(), time.process_time()
        fitted = fit(FAMILIES.get("finetune"), case.spec, rows, case.labels, case.seed, Path(folder))
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        prediction, _ = fitted.predict(rows.test)
    scores = {name: METRICS.get(name).score(rows.gold, prediction.labels) for name in ("accuracy", "macro_f1")}
    loss, factor, best = _log_losses(rows.gold, prediction)
    return {
        "data": case.data,
        "labels": case.labels,
        "recipe": case.recipe,
        "seed": case.seed,
        **scores,
        "log_loss": loss,
        "best_log_loss": best,
        "best_factor": factor,
        "epochs": dict(fitted.details)["epochs"],
        "seconds": wall,
        "processor_seconds": processor,
        "machine": common.machine(),
        "versions": {"python": platform.python_version(), "torch": version("torch")},
    }


def table(known: Sequence[Mapping[str, Any]]) -> str:
    """Mean over sets and seeds by label count and recipe, against the first recipe of the count, with the spread."""
    lines = ["| labels | recipe | trials | accuracy | against the first, points (standard error) | seconds |"]
    lines.append("|---|---|---|---|---|---|")
    for labels in sorted({one["labels"] for one in known}):
        by_case = {(one["recipe"], one["data"], one["seed"]): one for one in known if one["labels"] == labels}
        recipes = list(dict.fromkeys(recipe for recipe, _, _ in by_case))
        for recipe in recipes:
            pairs = [
                (one, by_case[recipes[0], data, seed])
                for (name, data, seed), one in by_case.items()
                if name == recipe and (recipes[0], data, seed) in by_case
            ]
            if pairs:
                lines.append(_line(labels, recipe, pairs))
    return "\n".join(lines)


def _line(labels: int, recipe: str, pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> str:
    gains = np.array([100 * (one["accuracy"] - first["accuracy"]) for one, first in pairs])
    error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else float("nan")
    accuracy = np.mean([one["accuracy"] for one, _ in pairs])
    seconds = np.mean([one["processor_seconds"] for one, _ in pairs])
    name = f"`{recipe}`" if recipe else "as it comes"
    return f"| {labels} | {name} | {len(pairs)} | {accuracy:.3f} | {gains.mean():+.1f} ({error:.1f}) | {seconds:.0f} |"


def _rows(data: str) -> Rows:
    """A fixed random 500 rows of the training file to score on; the rest is the pool."""
    file = common.DATA / (f"{data}_train.csv" if data.startswith("frontier/") else f"{data}/train.csv")
    folder, _, name = data.rpartition("/")
    rows = common.rows(folder or data, f"{name}_train" if folder else "train")
    rows = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]
    values = sorted({row["label"] for row in rows})
    gold = np.array([values.index(row["label"]) for row in rows], np.int32)
    names, texts = tuple(f"{file.name}:{place}" for place in range(len(rows))), tuple(row["text"] for row in rows)
    return Rows(
        Pool(ids=names[HELD_OUT:], texts=texts[HELD_OUT:], gold=gold[HELD_OUT:]),
        Inputs.of_texts(names[:HELD_OUT], texts[:HELD_OUT]),
        gold[:HELD_OUT],
        LabelSpace(tuple(Label(value, value) for value in values)),
    )


def _log_losses(gold: NDArray[np.int32], prediction: Prediction) -> tuple[float, float, float]:
    """Log loss as predicted, the factor on the scores that would lower it most, and the loss then (nats a row)."""
    assert prediction.probabilities is not None, "a fine-tuned model has probabilities"
    logs = np.log(np.maximum(prediction.probabilities.astype(np.float64), 1e-7))

    def loss(factor: float) -> float:
        scaled = logs * factor
        top = scaled.max(axis=1)
        total = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        return float(np.mean(total - scaled[np.arange(len(gold)), gold]))

    losses = [loss(factor) for factor in _FACTORS]
    best = int(np.argmin(losses))
    return loss(1.0), float(_FACTORS[best]), losses[best]


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def _add(file: Path, one: Mapping[str, Any]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(one) + "\n")
    print(json.dumps({name: value for name, value in one.items() if name not in ("machine", "versions")}), flush=True)


if __name__ == "__main__":
    main()
