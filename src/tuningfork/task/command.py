"""The command that asks the same of the same rows, with an option changed: for remedies that can be pasted."""

from __future__ import annotations

from collections.abc import Mapping
from shlex import quote

from tuningfork.task.schema import TaskSpec

_OPTIONS = ("text", "label", "group", "test", "validation", "shifted", "label_names", "eval_rows", "metric", "twins")
_READING = ("encoding", "delimiter", "seed")
_OBVIOUS = {"text": "text", "label": "label"}
"""Columns that are found without being named."""


def command(spec: TaskSpec, **changed: object) -> str:
    """`tuningfork run DATA …` with the options of the task that are not the default.

    Args:
        changed: options by the names of `TaskSpec` with other values; None leaves the option out.
    """
    defaults: Mapping[str, object] = _OBVIOUS | {
        name: TaskSpec.model_fields[name].default for name in (*_OPTIONS, *_READING) if name not in _OBVIOUS
    }
    words = ["tuningfork", "run", quote(str(spec.data))]
    for name in (*_OPTIONS, *_READING):
        value = changed[name] if name in changed else getattr(spec, name)
        if value is not None and (name in changed or value != defaults[name]):
            words += [f"--{name.replace('_', '-')}", quote(str(value))]
    return " ".join(words)
