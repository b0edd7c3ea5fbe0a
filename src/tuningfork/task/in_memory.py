"""Rows that a program holds, as a table: texts, or named lists of texts, and their answers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tuningfork.errors import InputError
from tuningfork.foundation.in_memory import is_missing, plain_values, whole_number
from tuningfork.foundation.options import validated
from tuningfork.task.inputs import TEXT
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.task_type import TASK_TYPES, TaskType
from tuningfork.task.wording import listed

ANSWER = "label"
"""What the column of the answers is called."""

_NESTED = (list, tuple, dict)

Inputs = Iterable[Any] | Mapping[str, Iterable[Any]]


def task_in_memory(
    inputs: Inputs | None,
    answers: Iterable[Any] | None,
    texts: Inputs | None = None,
    labels: Iterable[Any] | None = None,
    *,
    file: str,
    **options: Any,
) -> tuple[TaskSpec, Table]:
    """The task on these rows, and their table: the column of a plain list of texts is called `text`, that of the
    answers `label`. A missing answer (None, NaN, not-a-time, pandas.NA) is an empty field. Data frames turn whole
    numbers beside missing ones into 1.0: that is the label '1'.

    Args:
        inputs, texts: the same under two names, one of which is given; so are `answers` and `labels`.
        file: what messages call the rows, and what they will be kept in.
        options: of the task.

    Raises:
        InputError: rows or answers that are missing or given twice, lengths that differ, a value that no cell can hold,
            or a bad option.
    """
    columns = _columns(_one_of("inputs", inputs, "texts", texts))
    given = list(map(whole_number, plain_values(_one_of("answers", answers, "labels", labels))))
    if ANSWER in columns:
        remedy = "Leave it out, or call it something else: answers are given beside the inputs."
        raise InputError(f"the inputs have a column {ANSWER!r} of their own", file=file, remedy=remedy)
    for name, values in columns.items():
        if len(values) != len(given):
            rows = f"{len(values)} texts" if list(columns) == [TEXT] else f"{len(values)} rows of {name!r}"
            remedy = "Give one label (or None) a text." if name == TEXT else "Give one answer (or None) a row."
            raise InputError(f"{rows} and {len(given)} labels", remedy=remedy)
    nested = frozenset(name for name, values in columns.items() if any(isinstance(one, _NESTED) for one in values))
    cells = {name: list(map(_cell, values)) if name in nested else values for name, values in columns.items()}
    table = Table.from_columns({**cells, ANSWER: given}, source=file)
    spec = validated(TaskSpec, {"data": Path(file), "label": ANSWER, **options})
    kind = TASK_TYPES.get(spec.type)
    if list(columns) == [TEXT]:
        if not kind.has_one_text:
            raise _several_texts(kind, file)
        spec = spec.model_copy(update={"text": spec.text or TEXT})
    return spec, replace(table, found=replace(table.found, nested=nested))


def _several_texts(kind: TaskType, file: str) -> InputError:
    names = [field.name for field in kind.required]
    return InputError(
        f"a row of type {kind.name} has no one text, but {listed(names)}",
        file=file,
        remedy=f"Give named lists: {{{', '.join(f'{name!r}: […]' for name in names)}}}.",
    )


def _one_of(name: str, given: Any, other: str, also: Any) -> Any:
    if (given is None) == (also is None):
        problem = f"neither {name} nor {other} are given" if given is None else f"{name} and {other} are both given"
        raise InputError(problem, remedy=f"Give {name}.")
    return also if given is None else given


def _columns(inputs: Any) -> dict[str, list[Any]]:
    """Column -> values."""
    names = getattr(inputs, "columns", None)
    if isinstance(inputs, Mapping) or names is not None:
        given = {str(name): inputs[name] for name in (inputs if names is None else names)}
        if not given:
            raise InputError("the inputs have no column", remedy="Give a list of texts, or named lists.")
        return {name: plain_values(values, what=name) for name, values in given.items()}
    return {TEXT: plain_values(inputs, what="texts")}


def _cell(value: object) -> object:
    """A list or an object of a row as JSON, as files have it."""
    if not isinstance(value, _NESTED):
        return value
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return None if is_missing(value) else getattr(value, "tolist", value.__str__)()
