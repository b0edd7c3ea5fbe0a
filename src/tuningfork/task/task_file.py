"""task.yaml: the same names as `TaskSpec`, paths relative to the file that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tuningfork.errors import InputError
from tuningfork.foundation.files import write_text
from tuningfork.task.documents import read_yaml_file
from tuningfork.task.schema import TaskSpec
from tuningfork.task.wording import near_names, quoted, shown

_TRUTHS = ("symmetric",)
"""Keys whose value is true or false."""
_PATHS = ("data", "test", "validation", "shifted", "label_names")
_IN_PLAIN_WORDS = {
    "path_type": "should be the name of a file",
    "tuple_type": "should be a list",
    "string_type": "should be a string",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "dict_type": "should be a mapping of names to values",
}
"""What pydantic's codes are called here."""


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
    found = read_yaml_file(path)
    if not isinstance(found, dict):
        raise InputError("is no YAML mapping", file=path, remedy="It needs at least a line such as `data: rows.csv`.")
    return found


def task_of(fields: Mapping[Any, Any], path: Path) -> TaskSpec:
    """The task that the mapping of the YAML file `path` describes.

    Raises:
        InputError: an unknown key, or a value that cannot be; the key is named.
    """
    named = {str(key): value for key, value in fields.items()}
    refuse_truth(named, path, among=_TRUTHS)
    try:
        return TaskSpec.model_validate({key: _resolved(path, key, value) for key, value in named.items()})
    except ValidationError as error:
        raise first_problem(error, path) from error


def refuse_truth(fields: Mapping[Any, Any], path: Path, *, section: str = "", among: Sequence[str] = ()) -> None:
    """Refuse true and false where only `among` may be so: YAML takes a bare yes or no for them, and Python takes them
    for 1 and 0.

    Raises:
        InputError: such a value; its key is named.
    """
    for key, value in fields.items():
        if isinstance(value, bool) and key not in among:
            problem = f"{section}{key}: should be no truth value, and YAML reads a bare yes, no, on or off as one"
            raise InputError(problem, file=path, remedy="If it is a word, quote it.")


def first_problem(error: ValidationError, path: Path, *, section: str = "") -> InputError:
    """The first of the values that the YAML file `path` has and that cannot be, in plain words.

    Args:
        section: of the file, with a dot at its end; '' for the task's own keys.
    """
    problem = error.errors()[0]
    key = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return InputError(f"unknown key {quoted(key)}; {near_names(key, TaskSpec.model_fields)}", file=path)
    if problem["type"] == "missing":
        return InputError(f"lacks the key {key!r}", file=path, remedy=f"Add a line such as `{key}: rows.csv`.")
    said = problem["msg"].removeprefix("Value error, ")
    told = _IN_PLAIN_WORDS.get(problem["type"]) or f"{said[0].lower()}{said[1:]}"
    or_word = next(
        (f" or {one['ctx']['expected']}" for one in error.errors()[1:] if one["type"] == "literal_error"), ""
    )
    remedy = "If it is a word, quote it." if problem["type"] == "string_type" else None
    return InputError(f"{section}{key}: {told}{or_word}, not {shown(problem['input'])}", file=path, remedy=remedy)


def write_task_file(path: Path, spec: TaskSpec, more: Mapping[str, Any] | None = None) -> None:
    """Write the task as YAML, as a whole. Files in or below the YAML's own folder are named relative to it, others
    by their full paths, so that reading gives the same files from any working directory.

    Args:
        more: further keys, written after the task's own.
    """
    import yaml

    fields = spec.model_dump(mode="json", exclude_none=True)
    fields = {key: value for key, value in fields.items() if value is not False}
    for key in _PATHS:
        if key in fields:
            fields[key] = _named_from(path.resolve().parent, Path(fields[key]))
    write_text(path, yaml.safe_dump({**fields, **(more or {})}, sort_keys=False, allow_unicode=True))


def _resolved(path: Path, key: str, value: object) -> object:
    """The value, a file's name relative to the folder of `path`."""
    if key not in _PATHS or not isinstance(value, str):
        return value
    if not value or "\0" in value:
        raise InputError(f"{key}: {quoted(value)} is no name of a file", file=path, remedy="Name a file of rows.")
    return path.parent / value


def _named_from(folder: Path, target: Path) -> str:
    absolute = Path.cwd() / target
    return str(absolute.relative_to(folder) if absolute.is_relative_to(folder) else absolute)
