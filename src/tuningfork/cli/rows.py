"""The task that a command's DATA is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuningfork.errors import InputError
from tuningfork.task.wording import quoted

if TYPE_CHECKING:
    from tuningfork.api import Task

TASK_FILES = (".yaml", ".yml")


def kept_values(typed: list[str] | None) -> dict[str, str] | None:
    """'answer=accept,ignore' as column and values; the values stay as one text.

    Raises:
        InputError: no column, or no '='.
    """
    return _pairs("--keep", typed, "column and value", "COLUMN=VALUE,VALUE")


def field_columns(typed: list[str] | None) -> dict[str, str] | None:
    """'text_a=premise' as field and column.

    Raises:
        InputError: no field, no '=', no column, or a field that is named twice.
    """
    found = _pairs("--field", typed, "field and column", "NAME=COLUMN")
    if found is None or typed is None:
        return None
    empty = next((field for field, column in found.items() if not column.strip()), None)
    if empty is not None:
        raise InputError(f"--field {quoted(empty + '=')} names no column", remedy="Write --field NAME=COLUMN.")
    if len(found) < len(typed):
        raise InputError("--field names a field twice", remedy="Write it once for each field.")
    return {field: column.strip() for field, column in found.items()}


def _pairs(option: str, typed: list[str] | None, what: str, form: str) -> dict[str, str] | None:
    if not typed:
        return None
    pairs = [one.partition("=") for one in typed]
    wrong = next((one for one, (name, equals, _) in zip(typed, pairs, strict=True) if not (name and equals)), None)
    if wrong is not None:
        raise InputError(f"{option} {quoted(wrong)} names no {what}", remedy=f"Write {option} {form}.")
    return {name.strip(): value for name, _, value in pairs}


def with_typed(task: Task, typed: dict[str, Any]) -> Task:
    """The task of a file with what was typed in place of what the file says; of fields and answers, name by name."""
    for name in ("fields", "answers"):
        if typed.get(name) is not None:
            typed = {**typed, name: {**(getattr(task.spec, name) or {}), **typed[name]}}
    return task.with_options(**typed)


def task_of(data: Path, options: dict[str, Any]) -> Task:
    """A task on a data file, or one from a task.yaml; what is typed wins over what the file says.

    Args:
        options: of `TaskSpec`; those that are None were not typed.
    """
    from tuningfork.api import Task

    options = {**options, "keep": kept_values(options.get("keep")), "fields": field_columns(options.get("fields"))}
    typed = {name: value for name, value in options.items() if value is not None}
    if data.suffix.lower() in TASK_FILES:
        return with_typed(Task.from_yaml(data), typed)
    return Task.from_file(data, **typed)
