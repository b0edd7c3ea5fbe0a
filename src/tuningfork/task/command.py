"""The whole command that a remedy asks for: the same rows with the task's own options, and one of them changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote

from tuningfork.task.schema import TaskSpec

_COLUMNS = ("type", "text", "fields", "label", "group", "symmetric", "first_option")
_READING = ("encoding", "delimiter", "columns", "keep", "several_labels", "label_separator", "annotators")
_FILES = ("test", "validation", "shifted", "label_names")
_OF_THE_STUDY = ("eval_rows", "metric", "twins", "seed")
_OBVIOUS = {"text": "text", "label": "label"}
"""Columns that are found without being named."""


def command(spec: TaskSpec, **changed: object) -> str:
    """`tuningfork run DATA …` with the options of the task that are not the default.

    Args:
        changed: options by the names of `TaskSpec` with other values; None leaves the option out.
    """
    given = spec.model_copy(update=changed)
    return _written("run", given, (*_COLUMNS, *_FILES, *_OF_THE_STUDY, *_READING))


def command_on_files(spec: TaskSpec) -> str:
    """`tuningfork run DATA …` with the task's other files and how all of them are read."""
    return _written("run", spec, (*_FILES, *_READING))


def command_with_arms(spec: TaskSpec, arms: Sequence[str]) -> str:
    """`tuningfork run DATA … --arm ARM …`: the same rows with these arms."""
    return " ".join([command(spec), *(f"--arm {quote(arm)}" for arm in arms)])


def abridged(spec: TaskSpec, more: str) -> str:
    """'tuningfork run tickets.csv … --budget-minutes 75': what to add, where the same study may lie anywhere."""
    return f"tuningfork run {quote(spec.data.name)} … {more}"


def command_with(spec: TaskSpec, more: str) -> str:
    """'tuningfork plan tickets.csv --text body --group user': to see what the option does; `run` takes the same.

    Args:
        more: the option with its value, as the shell takes it; it stands in place of what the task says of it.
    """
    option = more.split(maxsplit=1)[0].removeprefix("--").replace("-", "_")
    names = [name for name in (*_COLUMNS, *_FILES, *_READING) if name != option or name in ("keep", "fields")]
    return f"{_written('plan', spec, names)} {more}"


def _written(verb: str, spec: TaskSpec, names: tuple[str, ...] | list[str]) -> str:
    options = (_option(name, value) for name in names for value in _values(spec, name))
    return " ".join(["tuningfork", verb, quote(str(spec.data)), *options])


def _option(name: str, value: str) -> str:
    """As it is typed; fields are given one by one, and a truth is the option alone."""
    option = "--field" if name == "fields" else f"--{name.replace('_', '-')}"
    return option if value == "True" else f"{option} {quote(value)}"


def _values(spec: TaskSpec, name: str) -> Iterator[str]:
    """An option's values as they are typed, one each time that it is given; none for its default."""
    value = getattr(spec, name)
    if value is None or value == _OBVIOUS.get(name, TaskSpec.model_fields[name].default):
        return
    if name == "columns":
        yield ",".join(value)
    elif name == "fields":
        yield from (f"{field}={column}" for field, column in value.items())
    elif name == "keep":
        yield from (f"{column}={','.join(values)}" for column, values in value.items())
    else:
        yield str(value)
