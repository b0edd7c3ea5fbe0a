"""task.yaml: the same names as `TaskSpec`, paths relative to the file that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tuningfork.errors import InputError
from tuningfork.foundation.files import write_text
from tuningfork.task.readers.text_file import open_text
from tuningfork.task.schema import TaskSpec
from tuningfork.task.wording import near_names

_PATHS = ("data", "test", "validation", "shifted", "label_names")


def read_task_file(path: Path) -> TaskSpec:
    """The task that a YAML file describes, its relative paths resolved against the file's folder.

    Raises:
        InputError: no such file, no YAML mapping, an unknown key, or a value that cannot be; the key is named.
    """
    return task_of(read_yaml(path), path)


def read_yaml(path: Path) -> dict[Any, Any]:
    """The mapping that a YAML file holds.

    Raises:
        InputError: no such file, or no YAML mapping.
    """
    import yaml

    with open_text(path, "utf-8", row_of=lambda text: text.count("\n") + 1) as file:
        text = file.read()
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"is no valid YAML ({' '.join(str(error).split())})", file=path) from error
    if not isinstance(found, dict):
        raise InputError("is no YAML mapping", file=path, remedy="It needs at least a line such as `data: rows.csv`.")
    return found


def task_of(fields: Mapping[Any, Any], path: Path) -> TaskSpec:
    """The task that the mapping of the YAML file `path` describes.

    Raises:
        InputError: an unknown key, or a value that cannot be; the key is named.
    """
    named = {str(key): value for key, value in fields.items()}
    try:
        return TaskSpec.model_validate({key: _resolved(path.parent, key, value) for key, value in named.items()})
    except ValidationError as error:
        raise _first_problem(path, error) from error


def write_task_file(path: Path, spec: TaskSpec, more: Mapping[str, Any] | None = None) -> None:
    """Write the task as YAML, as a whole. Files in or below the YAML's own folder are named relative to it, others
    by their full paths, so that reading gives the same files from any working directory.

    Args:
        more: further keys, written after the task's own.
    """
    import yaml

    fields = spec.model_dump(mode="json", exclude_none=True)
    for key in _PATHS:
        if key in fields:
            fields[key] = _named_from(path.resolve().parent, Path(fields[key]))
    write_text(path, yaml.safe_dump({**fields, **(more or {})}, sort_keys=False, allow_unicode=True))


def _resolved(folder: Path, key: str, value: object) -> object:
    return folder / value if key in _PATHS and isinstance(value, str) else value


def _named_from(folder: Path, target: Path) -> str:
    absolute = Path.cwd() / target
    return str(absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute)


def _first_problem(path: Path, error: ValidationError) -> InputError:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"][:1])
    if problem["type"] == "extra_forbidden":
        return InputError(f"unknown key {key!r}; {near_names(key, TaskSpec.model_fields)}", file=path)
    if problem["type"] == "missing":
        return InputError(f"lacks the key {key!r}", file=path, remedy=f"Add a line such as `{key}: rows.csv`.")
    return InputError(f"{key}: {problem['msg']}, not {problem['input']!r}", file=path)
