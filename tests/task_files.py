"""Files of rows for tests of reading and splitting, and what a task had to say about them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from tuningfork.task.schema import TaskData


def write(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = ("text", "label")) -> Path:
    """A CSV file of these rows; gives its path back."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def examples(n: int, labels: Sequence[str] = ("yes", "no"), *, of: str = "message") -> list[list[str]]:
    """n different texts; the labels take turns."""
    return [[f"{of} number {i} {'abc'[i % 3] * (i % 7)}", labels[i % len(labels)]] for i in range(n)]


def codes(task: TaskData) -> dict[str, str]:
    """Messages of the task's notes by their codes."""
    return {note.code: note.message for note in task.notes}
