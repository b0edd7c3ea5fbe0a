"""Right answers out of files: the labels that there are, or cells as the kind of the answers reads them."""

from __future__ import annotations

from collections.abc import Mapping

from tuningfork.answers.column import Column, UnreadableCell
from tuningfork.answers.registry import KINDS
from tuningfork.errors import InputError
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.label_names import LabelName, label_space, read_label_names, unused_names
from tuningfork.task.labels import LabelSpace
from tuningfork.task.names_in_file import Names
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.right_options import letters
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.task_type import FieldType, TaskType
from tuningfork.task.wording import quoted


def answer_space(
    kind: TaskType, spec: TaskSpec, files: Mapping[str, CleanRows], in_file: Names, notes: list[Note]
) -> LabelSpace:
    """What an answer may be one of; none where it may be anything."""
    if kind.options is not None:
        return _letters(kind.options, files)
    return _labels(spec, files, in_file, notes) if kind.answers_among == "labels" else LabelSpace(())


def _letters(options: FieldType, files: Mapping[str, CleanRows]) -> LabelSpace:
    """What the options of rows are called; the options themselves stand in the rows."""
    fields = [rows.fields.lists(options.name) for rows in files.values() if rows.fields is not None]
    return letters(max((len(row) for lists in fields for row in lists), default=0))


def _labels(spec: TaskSpec, files: Mapping[str, CleanRows], in_file: Names, notes: list[Note]) -> LabelSpace:
    values = {label for rows in files.values() for label in rows.labels if label}
    if spec.label_names is None or not values:
        return label_space(values, [LabelName(code, in_file[code], None) for code in sorted(values & set(in_file))])
    names = read_label_names(spec.label_names, TextFormat(spec.encoding))
    labels = label_space(values, names, file=spec.label_names)
    notes += unused_names(values, names, spec.label_names)
    return labels


def read_answers(rows: CleanRows, kind: TaskType, spec: TaskSpec) -> Column:
    """The right answers of a file's rows, as their kind reads them.

    Raises:
        InputError: a cell is none; its row and what to do.
    """
    try:
        return KINDS.get(kind.kind).from_cells(rows.labels)
    except UnreadableCell as error:
        raise InputError(
            f"{quoted(rows.labels[error.place])} is no answer of type {kind.name}: {error.why}",
            file=rows.name,
            row=rows.numbers[error.place],
            column=spec.label,
            remedy="Correct it, or leave it empty: the row is then unlabelled.",
        ) from error
