"""The fields of rows by themselves: how long each is, and how many options rows have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tuningfork.profile.figures import FieldProfile, Lengths
from tuningfork.profile.lengths import lengths_of, summed_lengths
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.task_type import TaskType


def field_profiles(rows: CleanRows, kind: TaskType, columns: Mapping[str, str]) -> Iterator[FieldProfile]:
    """Every field of rows that are more than one text, in the order of the type.

    Args:
        columns: field -> where it stands in the file.
    """
    if rows.fields is None:
        return
    for name in rows.fields.named:
        column = columns.get(name, name)
        if kind.field(name).is_list:
            lists = rows.fields.lists(name)
            counts = np.fromiter(map(len, lists), np.int32, len(lists))
            texts = [text for of in lists for text in of]
            yield FieldProfile(name=name, column=column, lengths=lengths_of(texts), options=counts)
        else:
            yield FieldProfile(name=name, column=column, lengths=lengths_of(rows.fields.text(name)), options=None)


def lengths_of_rows(rows: CleanRows, fields: Sequence[FieldProfile]) -> Lengths:
    """How long rows are, from the lengths of their fields where they have several."""
    if not fields:
        return lengths_of(rows.texts)
    every = np.arange(len(rows))
    rows_of = [every if field.options is None else np.repeat(every, field.options) for field in fields]
    return summed_lengths(rows.texts, [field.lengths for field in fields], rows_of)


def answers_of(rows: CleanRows, kind: TaskType) -> tuple[str, ...]:
    """What each row's answer says, '' for none: its label, or the text of the right one of its options, which stays
    the same where options change places."""
    if kind.options is None or rows.fields is None:
        return rows.labels
    lists = rows.fields.lists(kind.options.name)
    return tuple(of[ord(label) - ord("A")] if label else "" for label, of in zip(rows.labels, lists, strict=True))


def names_of_classes(rows: CleanRows, kind: TaskType) -> tuple[str, ...]:
    """The label of each row where labels are classes; '' for all of them where they are places of options."""
    return rows.labels if kind.options is None else ("",) * len(rows)
