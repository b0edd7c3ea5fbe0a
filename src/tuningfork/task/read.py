"""What was read of a file: which columns for what, how many rows, how matched, what was left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuningfork.task.wording import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """One file, or rows in memory, as a command took it.

    Attributes:
        role: what it is for: 'data', 'test', 'validation', 'shifted', 'gold', 'answers'.
        file: as the user named it.
        format: in words, e.g. 'CSV', 'JSONL', 'Label Studio JSON'; with what was found of it: "CSV, ';', cp1252".
        rows: rows (or records) that the file holds.
        used: rows that were taken.
        columns: part of a row ('text', 'label', 'group', 'id', 'answer', 'probability', …) -> its column.
        matched: how its rows were matched to the rows of the task: 'by id', 'by text', 'row by row'; None where they
            are the rows of the task.
        left_out: reason in words -> rows left out for it, in the order in which they were; never 0.
        not_read: columns that were not looked at and that one might have meant.
    """

    role: str
    file: str
    format: str
    rows: int
    used: int
    columns: Mapping[str, str]
    matched: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    not_read: tuple[str, ...] = ()

    def line(self) -> str:
        """'tickets.csv (CSV): 150 rows, 147 taken; text from 'body', label from 'intent'; left out: 3 without text.'"""
        taken = f"{self.rows:,} row{'s' * (self.rows != 1)}"
        if self.used != self.rows:
            taken += f", {self.used:,} taken"
        columns = ", ".join(f"{part} from {quoted(column)}" for part, column in self.columns.items())
        left_out = ", ".join(f"{rows:,} {reason}" for reason, rows in self.left_out.items())
        parts = (
            taken,
            columns,
            f"matched {self.matched}" if self.matched else "",
            f"left out: {left_out}" if left_out else "",
            f"not read: {', '.join(map(quoted, self.not_read))}" if self.not_read else "",
        )
        return f"{Path(self.file).name} ({self.format}): {'; '.join(filter(None, parts))}."

    def as_dict(self) -> dict[str, Any]:
        """The same for `--json`, one entry of `read`."""
        return {
            "role": self.role,
            "file": self.file,
            "format": self.format,
            "rows": self.rows,
            "used": self.used,
            "columns": dict(self.columns),
            "matched": self.matched,
            "left_out": dict(self.left_out),
            "not_read": list(self.not_read),
        }
