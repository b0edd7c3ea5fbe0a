"""What one step between a file and its rows did: the rows that are left, and what is to be said of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tuningfork.task.schema import Note
from tuningfork.task.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A table after a step.

    Attributes:
        left_out: reason in words -> rows that are no longer in it.
        notes: what else is to be known.
        columns: part of a row that it looked at ('annotator', 'void') -> its column.
    """

    table: Table
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


def only(table: Table, positions: Sequence[int], **columns: Sequence[str]) -> Table:
    """The rows at `positions`, in that order, some columns of them replaced."""
    kept = {name: [fields[place] for place in positions] for name, fields in table.columns.items()}
    return replace(table, columns=kept | columns, rows=[table.rows[place] for place in positions])


def with_column(table: Table, name: str, fields: Sequence[str]) -> Table:
    """The same rows with other fields in one column."""
    return replace(table, columns={**table.columns, name: fields})
