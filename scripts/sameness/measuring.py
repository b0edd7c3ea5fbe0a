"""What one state of the code finds for one question, as one JSON file. Run as a process of that state:

    PYTHONPATH=TREE/src:TREE/scripts python -m sameness.measuring FOLDER OUT ARGUMENT…

FOLDER has the rows, and ARGUMENT… is a command line of tuningfork that is typed in it. Each state has its own copy of
this file, because how a ledger is read may change; what it writes may not:

    {"verdict": …,                                   verdict.json, or what `compare --json` printed
     "labels": [label, …],                           of a study, as the two below
     "rows": {role: {"ids": [id, …], "gold": [index or null, …]}},
     "trials": {"ARM level=LEVEL seed=SEED": {role: {"answers": [index or null, …],
                                                     "probabilities": [[share, …] or null, …] or null}}}}
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuningfork.api import TASK_FILE, VERDICT_FILE, Task
from tuningfork.arms.results import Prediction
from tuningfork.cli.app import run_app
from tuningfork.study.ledger import Ledger
from tuningfork.study.replay import split_rules_of
from tuningfork.task.schema import TaskData

STUDY = "study"
"""The study's folder below FOLDER, as the command line names it."""


def main(arguments: Sequence[str]) -> int:
    """Run the command line, read what it left, write it down."""
    folder, out, *typed = arguments
    with contextlib.chdir(folder):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            code = run_app(typed)
        if code:
            return code
        found = measured_study(Path(STUDY)) if typed[0] == "run" else {"verdict": json.loads(printed.getvalue())}
    Path(out).write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    return 0


def measured_study(folder: Path) -> dict[str, Any]:
    """Verdict, rows and trials of a study that ended; paths of its task count from the current folder."""
    with Ledger(folder, writable=False) as ledger:
        data = Task.from_yaml(folder / TASK_FILE).prepare(rules=split_rules_of(ledger))
        trials = {
            f"{trial.plan.arm} level={trial.plan.level} seed={trial.plan.seed}": {
                role: measured_answers(found)
                for role in ("evaluation", "validation", "shifted")
                if (found := getattr(trial, role)) is not None
            }
            for trial in ledger.trials().values()
        }
    verdict = json.loads((folder / VERDICT_FILE).read_text(encoding="utf-8"))
    return {"verdict": verdict, "labels": list(data.labels.values), "rows": measured_rows(data), "trials": trials}


def measured_rows(data: TaskData) -> dict[str, Any]:
    """Ids and gold of every role, in their order."""
    roles = {
        "pool": data.pool,
        "validation": data.validation,
        "evaluation": data.evaluation,
        "shifted": data.shifted,
        "unlabelled": data.unlabelled,
    }
    return {
        role: {"ids": list(rows.ids), "gold": _indices(rows.gold)}
        for role, rows in roles.items()
        if rows is not None and len(rows)
    }


def measured_answers(found: Prediction) -> dict[str, Any]:
    """Labels, and probabilities as they are, row by row; null for none."""
    matrix = found.probabilities
    rows = None if matrix is None else [None if np.isnan(row).any() else row.tolist() for row in matrix.astype(float)]
    return {"answers": _indices(found.labels), "probabilities": rows}


def _indices(labels: NDArray[np.int32]) -> list[int | None]:
    return [None if index < 0 else int(index) for index in labels]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
