"""The task that a command's DATA is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuningfork.api import Task

TASK_FILES = (".yaml", ".yml")


def task_of(data: Path, options: dict[str, Any]) -> Task:
    """A task on a data file, or one from a task.yaml; what is typed wins over what the file says.

    Args:
        options: of `TaskSpec`; those that are None were not typed.
    """
    from tuningfork.api import Task

    typed = {name: value for name, value in options.items() if value is not None}
    if data.suffix.lower() in TASK_FILES:
        return Task.from_yaml(data).with_options(**typed)
    return Task.from_file(data, **typed)
