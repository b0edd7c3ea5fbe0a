"""Makes the study of this folder: a folder of version 2, kept so that later versions can be held to it.

It was run once, with the last code that wrote ledgers of version 2 (commit 09c1925), from this folder:

    PYTHONPATH=../../../src:../.. python make.py

Its rows are invented and hold for no more than what they test. Its arms leave answers in all three roles, with and
without probabilities and seconds a row, and answers that are no label. The servers that answered are gone; their
answers are in the journal. `records.json` is what that code read back.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

from kept_records import told
from llm_servers import Asked, ScriptedServer, planted
from tuningfork.api import Study, Task
from tuningfork.study.ledger import Ledger

THINGS = {
    "billing": ("invoice", "refund", "payment", "charge", "receipt", "price"),
    "access": ("login", "password", "screen", "crash", "update", "error"),
    "delivery": ("parcel", "courier", "address", "delay", "box", "tracking"),
}
WORDS = ("my", "the", "a", "that", "this", "our")
VERBS = ("is wrong", "came late", "is missing", "was changed", "needs help", "fails again", "is fine", "went lost")
ROWS, SHIFTED_ROWS, EVALUATION_ROWS = 90, 8, 12
NO_LABEL_IN = "fails again"
"""Rows that speak of this are answered by what is no label."""


def rows(count: int, seed: int) -> list[dict[str, str]]:
    """Texts that differ, with a label that their things mostly tell."""
    draw, found = random.Random(seed), {}
    for number in range(count):
        label = draw.choice(sorted(THINGS))
        thing = draw.choice(THINGS[label if draw.random() < 0.8 else draw.choice(sorted(THINGS))])
        found[f"{draw.choice(WORDS)} {thing} {draw.choice(VERBS)}, case {number + 1000 * seed}"] = label
    return [{"text": text, "label": label} for text, label in found.items()]


def written(name: str, made: list[dict[str, str]]) -> Path:
    """A CSV file of these rows."""
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, tuple(made[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)
    return Path(name)


def answers_made_elsewhere(made: list[dict[str, str]]) -> Path:
    """A file of predictions with their probabilities."""
    draw, names = random.Random(5), sorted(THINGS)
    found = []
    for row in made:
        weights = [draw.random() + (3 if name == row["label"] and draw.random() < 0.7 else 0) for name in names]
        shares = {name: round(weight / sum(weights), 4) for name, weight in zip(names, weights, strict=True)}
        found.append({"text": row["text"], "prediction": max(shares, key=lambda name: shares[name]), **shares})
    return written("predictions.csv", found)


def main() -> None:
    """Run the study beside this file; its folder has to be the current one, from where all files are named."""
    made, moved = rows(ROWS, 0), rows(SHIFTED_ROWS, 1)
    gold = {row["text"]: row["label"] for row in (*made, *moved)}
    task = Task.from_csv(written("rows.csv", made), shifted=written("shifted.csv", moved), eval_rows=EVALUATION_ROWS)
    answers_made_elsewhere([*made, *moved])
    right = planted(gold, 0.9)

    def answer(asked: Asked) -> str:
        row = max(gold, key=asked.text.rfind)
        return "hard to say" if NO_LABEL_IN in row else right(asked)

    with ScriptedServer(answer, obedient=False) as server, ScriptedServer(answer, logprobs=False) as plain:
        arms = (
            "linear",
            f"prompt:m@{server.url}",
            f"prompt:plain@{plain.url}?shots=2",
            "predictions:predictions.csv?side=fine-tuned",
        )
        Study(task, arms, out=Path(), label_counts=(8, 32), seeds=2).run()
    with Ledger(Path(), writable=False) as ledger:
        Path("records.json").write_text(json.dumps(told(ledger), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
