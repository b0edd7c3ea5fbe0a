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
    if not typed:
        return None
    pairs = [one.partition("=") for one in typed]
    wrong = next((one for one, (column, equals, _) in zip(typed, pairs, strict=True) if not (column and equals)), None)
    if wrong is not None:
        raise InputError(f"--keep {quoted(wrong)} names no column and value", remedy="Write --keep COLUMN=VALUE,VALUE.")
    return {column.strip(): values for column, _, values in pairs}


def task_of(data: Path, options: dict[str, Any]) -> Task:
    """A task on a data file, or one from a task.yaml; what is typed wins over what the file says.

    Args:
        options: of `TaskSpec`; those that are None were not typed.
    """
    from tuningfork.api import Task

    options = {**options, "keep": kept_values(options.get("keep"))}
    typed = {name: value for name, value in options.items() if value is not None}
    if data.suffix.lower() in TASK_FILES:
        return Task.from_yaml(data).with_options(**typed)
    return Task.from_file(data, **typed)
