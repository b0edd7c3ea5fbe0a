"""The whole command that a remedy asks for: the task's own options, and one more."""

from __future__ import annotations

from shlex import quote

from tuningfork.task.schema import TaskSpec

_OPTIONS = ("text", "label", "group", "test", "validation", "shifted", "label_names", "encoding", "delimiter")


def command_with(spec: TaskSpec, more: str) -> str:
    """'tuningfork plan tickets.csv --text body --group user': to see what the option does; `run` takes the same.

    Args:
        more: the option with its value, as the shell takes it; it stands in place of what the task says of it.
    """
    option = more.split(maxsplit=1)[0]
    parts = [("--" + name.replace("_", "-"), getattr(spec, name)) for name in _OPTIONS]
    parts += [("--columns", ",".join(spec.columns))] if spec.columns else []
    parts += [("--keep", f"{column}={','.join(values)}") for column, values in (spec.keep or {}).items()]
    parts += [("--several-labels", spec.several_labels), ("--annotators", spec.annotators)]
    usual = TaskSpec.model_fields["encoding"].default
    told = [
        f"{name} {quote(str(value))}"
        for name, value in parts
        if value is not None and (name != option or name == "--keep") and not (name == "--encoding" and value == usual)
    ]
    return " ".join(["tuningfork plan", quote(str(spec.data)), *told, more])
