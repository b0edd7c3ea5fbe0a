"""All files of a task read and cleaned, and left as they are: for looking at rows before anything is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tuningfork.errors import InputError
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.columns import Columns
from tuningfork.task.intake import replace_columns, take
from tuningfork.task.placeholders import without_placeholders
from tuningfork.task.read import FileRead
from tuningfork.task.right_options import LETTERS, place_notes
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.shared_fields import Beside, shared_field_notes
from tuningfork.task.sources import place_of, refuse_same_file_twice, sources_of
from tuningfork.task.split_notes import label_notes
from tuningfork.task.table import Table
from tuningfork.task.task_type import TASK_TYPES
from tuningfork.task.wording import counted, quoted


@dataclass(frozen=True, slots=True, eq=False)
class Unsplit:
    """The rows of a task's files before anyone gave them a role.

    Attributes:
        spec: what was asked, columns and name filled in; `label` is None where no file has labels.
        files: role ('data', 'test', 'validation', 'shifted') -> its rows that have a text, at least one; the labelled
            file first. A row without a label has the label ''.
        notes: what was guessed, left out and not found.
        read: what was read of each file, the labelled one first.
    """

    spec: TaskSpec
    files: Mapping[str, CleanRows]
    notes: tuple[Note, ...]
    read: tuple[FileRead, ...] = ()

    def ids(self, role: str) -> tuple[str, ...]:
        """One id a row of that file: its id column where that tells the rows apart, else 'FILE:ROW'.

        Raises:
            KeyError: there is no such file.
        """
        return self.files[role].ids(set())


def read_unsplit(spec: TaskSpec, tables: Mapping[str, Table] | None = None) -> Unsplit:
    """Read a task's files. Labels may be missing, few, of one class or numbers; texts may not be missing.

    Args:
        tables: role -> rows in memory, in place of the spec's files of those roles.

    Raises:
        InputError: a file, row or column that cannot be used, a file given twice, or no obvious text column.
    """
    sources = sources_of(spec) | dict(tables or {})
    refuse_same_file_twice(sources)
    taken = take(spec, sources, needs_label=False)
    for role, rows in taken.files.items():
        if not len(rows):
            problem, remedy = "no row has a text", "Say which with --text."
            raise InputError(problem, file=place_of(sources[role]), column=taken.columns.text, remedy=remedy)
    columns, of_options = taken.columns, TASK_TYPES.get(spec.type).options is not None
    files, said = (dict(taken.files), ()) if of_options else without_placeholders(taken.files, spec, scored=False)
    notes = [*taken.notes, *said, *_missing_labels(columns, files)]
    labels = [label for rows in files.values() for label in rows.labels if label]
    notes += () if of_options else label_notes(sorted(set(labels)), len(labels))
    spec = replace_columns(spec, columns).model_copy(
        update={
            "label": (columns.label or "label") if labels else None,
            "name": spec.name or (spec.data.stem if isinstance(sources["data"], Path) else None),
        }
    )
    notes += _places(files) if of_options else ()
    return Unsplit(spec, files, (*notes, *_shared_fields(spec, files)), taken.read)


def _places(files: Mapping[str, CleanRows]) -> Iterator[Note]:
    """The files in which one place gives the right options away."""
    for rows in files.values():
        gold = np.array([LETTERS.index(label) for label in rows.labels if label], np.int32)
        yield from place_notes(LETTERS, gold, rows.name)


def _shared_fields(spec: TaskSpec, files: Mapping[str, CleanRows]) -> Iterator[Note]:
    """Rows of the labelled file that have a field in common, and of each other file with those of the labelled one."""
    data = files["data"]
    if data.fields is not None:
        beside = [
            Beside(f"{counted(len(rows), 'row')} of {rows.name}", rows.fields, data.fields, data.name)
            for role, rows in files.items()
            if role != "data" and rows.fields is not None
        ]
        yield from shared_field_notes(spec, data.fields, data.name, beside)


def _missing_labels(columns: Columns, files: Mapping[str, CleanRows]) -> Iterator[Note]:
    """The other files whose labels one would look for in vain."""
    for role, rows in files.items():
        if role != "data" and columns.label is not None and not any(rows.labels):
            message = f"{rows.name} has no labels in a column {quoted(columns.label)}: its texts were looked at alone."
            yield Note("no_labels_there", message)
