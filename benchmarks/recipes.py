"""Which recipe of a cheap arm is worth being the default: scores on rows held out of training files.

    python benchmarks/recipes.py --trials FILE [--set NAME …] [--recipe NAME …] [--count N …] [--seeds N]

Every trial is one line of FILE, and one that stands there is not run again, so that the same command goes on after an
interruption. The summary of all lines goes to results/recipes.json, and as a table to the screen.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import common
import numpy as np
from recipe_candidates import CANDIDATES, Trial
from recipe_rows import SETS, THINNED, Embedder, Rows, read

from tuningfork.metrics.metric import METRICS

COUNTS, SEEDS = (16, 64, 256, 1000), 4
AGAINST = {
    "head:minilm": "head:minilm without names",
    "minilm, wrong names": "head:minilm without names",
    "head:wordllama": "head:wordllama without names",
    "linear": "linear without names",
    "linear balanced": "linear",
    "linear balanced by the root": "linear",
    "linear against the share": "linear",
    "linear against the share, half": "linear",
}
"""What a recipe is compared with; the others with `head:minilm`, the best single one."""


@dataclass(frozen=True)
class Score:
    """One trial's scores on the held-out rows."""

    set: str
    count: int
    seed: int
    recipe: str
    accuracy: float
    macro_f1: float
    seconds: float

    @property
    def key(self) -> tuple[str, int, int, str]:
        return self.set, self.count, self.seed, self.recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=Path, required=True)
    parser.add_argument("--set", action="append", choices=[*SETS, *(f"{name} thinned" for name in THINNED)])
    parser.add_argument("--recipe", action="append", choices=list(CANDIDATES))
    parser.add_argument("--count", action="append", type=int)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--summary-only", action="store_true", help="run nothing")
    asked = parser.parse_args()
    if not asked.summary_only:
        run(asked)
    summary = summarised(kept(asked.trials))
    write(summary)
    print(table(summary))


def run(asked: argparse.Namespace) -> None:
    """Every trial that does not stand in the file yet."""
    known = {score.key for score in kept(asked.trials)}
    embedder = Embedder(asked.trials.parent / "vectors")
    embed = lru_cache(maxsize=None)(embedder)  # a set's vectors are asked for many times
    for name in asked.set or SETS:
        rows = read(name.removesuffix(" thinned"), thinned=name.endswith(" thinned"))
        for count in (count for count in asked.count or COUNTS if count <= rows.pool):
            for seed in range(asked.seeds):
                trial = Trial(rows, rows.sample(count, seed), embed)
                if len(np.unique(trial.gold)) < 2:
                    continue
                for recipe in asked.recipe or CANDIDATES:
                    if (rows.name, count, seed, recipe) not in known:
                        keep(asked.trials, scored(rows, trial, recipe, count, seed))


def scored(rows: Rows, trial: Trial, recipe: str, count: int, seed: int) -> Score:
    started = time.perf_counter()
    labels = trial.of(recipe).argmax(axis=1).astype(np.int32)
    seconds = time.perf_counter() - started
    gold = rows.gold[rows.held_out]
    accuracy, macro_f1 = (METRICS.get(metric).score(gold, labels) for metric in ("accuracy", "macro_f1"))
    return Score(
        rows.name,
        count,
        seed,
        recipe,
        accuracy=round(accuracy or 0.0, 5),
        macro_f1=round(macro_f1 or 0.0, 5),
        seconds=round(seconds, 3),
    )


def kept(file: Path) -> list[Score]:
    """The trials of the file; the last of two equal ones."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return list({score.key: score for score in (Score(**json.loads(line)) for line in lines)}.values())


def keep(file: Path, score: Score) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(score)) + "\n")


@dataclass(frozen=True)
class Line:
    """A recipe on a set at a count, beside what it is compared with on the same samples.

    Attributes:
        seeds: samples that both were scored on.
        score, difference: means over them, in points.
        error: standard error of the difference over samples; None for one sample. Held-out rows are the same for all.
    """

    set: str
    count: int
    metric: str
    recipe: str
    against: str
    seeds: int
    score: float
    difference: float
    error: float | None


def summarised(scores: list[Score]) -> list[Line]:
    """Accuracy; macro-F1 on thinned sets, which is what a study scores there."""
    found = {score.key: score for score in scores}
    grouped: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    for name, count, seed, recipe in found:
        if (name, count, seed, AGAINST.get(recipe, "head:minilm")) in found:
            grouped[name, count, recipe].append(seed)
    return [
        _line(found, name, count, recipe, seeds)
        for (name, count, recipe), seeds in sorted(grouped.items())
        if recipe != AGAINST.get(recipe, "head:minilm")
    ]


def _line(found: dict[tuple[str, int, int, str], Score], name: str, count: int, recipe: str, seeds: list[int]) -> Line:
    metric = "macro_f1" if name.endswith(" thinned") else "accuracy"
    against = AGAINST.get(recipe, "head:minilm")
    ours, theirs = (
        100 * np.array([getattr(found[name, count, seed, one], metric) for seed in seeds]) for one in (recipe, against)
    )
    error = float((ours - theirs).std(ddof=1) / np.sqrt(len(seeds))) if len(seeds) > 1 else None
    return Line(
        set=name,
        count=count,
        metric=metric,
        recipe=recipe,
        against=against,
        seeds=len(seeds),
        score=round(float(ours.mean()), 1),
        difference=round(float((ours - theirs).mean()), 1),
        error=None if error is None else round(error, 1),
    )


def table(summary: list[Line]) -> str:
    """One Markdown table a recipe: a row a set, a column a count."""
    return "\n\n".join("\n".join(_table_of(recipe, summary)) for recipe in dict.fromkeys(one.recipe for one in summary))


def _table_of(recipe: str, summary: list[Line]) -> Iterator[str]:
    lines = [line for line in summary if line.recipe == recipe]
    counts = sorted({line.count for line in lines})
    yield f"**{recipe}**: points, and points ahead of {lines[0].against} ± standard error over samples"
    yield ""
    yield f"| | {' | '.join(f'{count} labels' for count in counts)} |"
    yield "|---" * (len(counts) + 1) + "|"
    for name in dict.fromkeys(line.set for line in lines):
        cells = {line.count: _cell(line) for line in lines if line.set == name}
        yield f"| {name} | {' | '.join(cells.get(count, '') for count in counts)} |"


def _cell(line: Line) -> str:
    spread = "" if line.error is None else f" ± {line.error:.1f}"
    return f"{line.score:.1f} ({line.difference:+.1f}{spread})"


def write(summary: list[Line]) -> None:
    result = {
        "bench": "recipes",
        "question": "Which recipes of linear and head score better than the default, on rows held out of training "
        "files?",
        "lines": [asdict(line) for line in summary],
        "machine": common.machine(),
        "versions": {name: version(name) for name in ("tuningfork-nlp", "scikit-learn", "numpy", "onnxruntime")},
        "day": datetime.now(UTC).date().isoformat(),
    }
    common.RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=None, ensure_ascii=False).replace('{"set"', '\n {"set"')
    (common.RESULTS / "recipes.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
