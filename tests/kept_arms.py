"""Arms to keep and to load again: real rows of one text, of two and with options, and a process that knows no study.

As a program it loads models and answers rows: `python kept_arms.py ROWS.json ANSWERS.npz FOLDER …`.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from arm_services import Bench, make_bench, real_services, rows_of
from tuningfork.arms.family import Services, Setting, load_fitted
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Field, Fields, Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Pool
from tuningfork.task.task_type import TASK_TYPES

_TO_ANSWER = 40


def emotions(services: Services, shared_data: Path) -> Bench:
    """Tweets and their emotion."""
    folder = shared_data / "tweet_emotion"
    return make_bench(services, rows_of(folder / "train.csv"), rows_of(folder / "test.csv")[:_TO_ANSWER])


def entailments(services: Services, shared_data: Path, *, symmetric: bool = False) -> Bench:
    """Premise and hypothesis."""
    folder = shared_data / "nli_counterfactual"

    def read(name: str) -> list[tuple[tuple[str, str], str]]:
        with (folder / name).open(encoding="utf-8", newline="") as lines:
            return [((row["premise"], row["hypothesis"]), row["label"]) for row in csv.DictReader(lines)]

    train, test = read("train.csv")[:400], read("test.csv")[:_TO_ANSWER]
    values = sorted({label for _, label in train})
    return _bench(
        services,
        "pair",
        [_columns(("text_a", "text_b"), [texts for texts, _ in rows]) for rows in (train, test)],
        [[values.index(label) for _, label in rows] for rows in (train, test)],
        values,
        symmetric=symmetric,
    )


def questions(services: Services, shared_data: Path) -> Bench:
    """School questions with four options each."""
    folder = shared_data / "openbookqa"

    with (folder / "test.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    train, test = rows[_TO_ANSWER:], rows[:_TO_ANSWER]
    return _bench(
        services,
        "choice",
        [
            _columns(("question", "choices"), [(row["question"], tuple(row["choices"])) for row in rows])
            for rows in (train, test)
        ],
        [[row["answer"] for row in rows] for rows in (train, test)],
        ["A", "B", "C", "D"],
    )


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, Field]:
    return dict(zip(names, map(tuple, zip(*rows, strict=True)), strict=True))


def _bench(
    services: Services,
    type_: str,
    fields: Sequence[dict[str, Field]],
    gold: Sequence[Sequence[int]],
    values: Sequence[str],
    *,
    symmetric: bool = False,
) -> Bench:
    train, test = (Fields(named, symmetric) for named in fields)
    pool = Pool(
        ids=tuple(f"train:{row}" for row in range(len(train))),
        texts=train.joined,
        gold=np.array(gold[0], np.int32),
        fields=train,
    )
    setting = Setting(
        pool=pool,
        order=lambda seed: np.random.default_rng(seed).permutation(len(pool)),
        labels=LabelSpace(tuple(Label(value, value) for value in values)),
        counts=(8,),
        counts_given=False,
        seeds=None,
        task_description=None,
        mean_characters=float(np.mean([len(text) for text in pool.texts])),
        type=TASK_TYPES.get(type_),
        captions={name: name for name in train.named},
        symmetric=symmetric,
    )
    inputs = Inputs(tuple(f"test:{row}" for row in range(len(test))), test)
    return Bench(setting, services, inputs, np.array(gold[1], np.int32))


def answered_elsewhere(folders: Sequence[Path], rows: Sequence[Inputs]) -> list[dict[str, Any]]:
    """What models say of rows (of each folder its own) in a process that has never seen a row of their studies:
    labels, probabilities, the model's name and its details."""
    with tempfile.TemporaryDirectory() as place:
        asked, answers = Path(place) / "rows.json", Path(place) / "answers.npz"
        asked.write_text(json.dumps([{"ids": one.ids, "named": dict(one.fields.named)} for one in rows]))
        subprocess.run(
            [sys.executable, __file__, str(asked), str(answers), *map(str, folders)],
            check=True,
            cwd=place,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with np.load(answers, allow_pickle=False) as found:
            return [
                {
                    "labels": found[f"labels_{place}"],
                    "probabilities": found[f"probabilities_{place}"],
                    "told": json.loads(str(found[f"told_{place}"])),
                }
                for place in range(len(folders))
            ]


def _answer(asked: str, answers: str, *folders: str) -> None:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as workspace:
        services = real_services(ModelStore(), Path(workspace))
        for place, (rows, folder) in enumerate(zip(json.loads(Path(asked).read_text()), folders, strict=True)):
            named = {
                name: tuple(value if isinstance(value, str) else tuple(value) for value in values)
                for name, values in rows["named"].items()
            }
            about, fitted = load_fitted(Path(folder), services)
            prediction = fitted.predict(Inputs(tuple(rows["ids"]), Fields(named, about.task.symmetric)))[0]
            found[f"labels_{place}"], found[f"probabilities_{place}"] = prediction.labels, prediction.probabilities
            found[f"told_{place}"] = json.dumps([fitted.model, fitted.details, about.task.labels.values])
    np.savez(answers, **found)


if __name__ == "__main__":
    _answer(*sys.argv[1:])
