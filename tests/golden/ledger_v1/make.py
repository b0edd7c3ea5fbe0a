"""Makes the study of this folder: a folder of version 1, kept so that later versions can be held to it.

It was run once, with the last code that wrote ledgers of version 1 (commit 72eb404), from the project's root:

    PYTHONPATH=src:tests python tests/golden/ledger_v1/make.py

Its rows are invented and hold for no more than what they test: the pool is large enough that the 200 validation rows
of version 1 are fewer than a fifth of what is left. The server that answered is gone; its answers are in the journal.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

from llm_servers import ScriptedServer, planted
from tuningfork.api import Study, Task

HERE = Path(__file__).resolve().parent
THINGS = {
    "0": ("invoice", "refund", "payment", "charge", "receipt", "price"),
    "1": ("login", "password", "screen", "crash", "update", "error"),
    "2": ("parcel", "courier", "address", "delay", "box", "tracking"),
}
WORDS = ("my", "the", "a", "that", "this", "our")
VERBS = ("is wrong", "came late", "is missing", "was changed", "needs help", "fails again", "is fine", "went lost")
ROWS, EVALUATION_ROWS = 1200, 20


def rows() -> list[dict[str, str]]:
    """Texts that differ, with a label that their things mostly tell."""
    draw, found = random.Random(0), {}
    for number in range(ROWS):
        label = draw.choice(sorted(THINGS))
        thing = draw.choice(THINGS[label if draw.random() < 0.8 else draw.choice(sorted(THINGS))])
        found[f"{draw.choice(WORDS)} {thing} {draw.choice(VERBS)}, case {number}"] = label
    return [{"text": text, "label": label} for text, label in found.items()]


def main() -> None:
    """Run the study beside this file."""
    made = rows()
    with (HERE / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("text", "label"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(made)
    gold = {row["text"]: row["label"] for row in made}
    with ScriptedServer(planted(gold, 0.9), logprobs=False) as server:
        task = Task.from_csv(HERE / "rows.csv", eval_rows=EVALUATION_ROWS)
        arms = ("linear", f"prompt:m@{server.url}")
        Study(task, arms, out=HERE, label_counts=(8, 32), seeds=3).run()


if __name__ == "__main__":
    main()
