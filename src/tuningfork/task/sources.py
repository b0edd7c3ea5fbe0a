"""The files of a task, or rows in memory in their place: what they are called, and that no file has two roles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat, require_file
from tuningfork.task.reading import column_names
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table

Source = Path | Table
ROLES = ("data", "test", "validation", "shifted")
"""Of files, the labelled one first."""


def sources_of(spec: TaskSpec) -> dict[str, Source]:
    """Role -> file, as far as given, in the order of `ROLES`."""
    files = {role: getattr(spec, role) for role in ROLES}
    return {role: path for role, path in files.items() if path is not None}


def refuse_same_file_twice(sources: Mapping[str, Source]) -> None:
    """Every file is there, and has one role.

    Raises:
        InputError: a file that cannot be read, or that is given twice, also under two names.
    """
    role_of: dict[tuple[int, int], str] = {}
    for role, source in sources.items():
        if isinstance(source, Path):
            require_file(source)
            found = source.stat()
            other = role_of.setdefault((found.st_dev, found.st_ino), role)
            if other != role:
                problem = f"is given twice, as {other} and as {role}"
                raise InputError(problem, file=source, remedy="Rows have one role; leave one of the two out.")


def columns_of(source: Source, form: TextFormat) -> tuple[str, ...]:
    """Names of the source's columns.

    Raises:
        InputError: the file cannot be read, or is of no known format.
    """
    return source.names if isinstance(source, Table) else column_names(source, form)


def place_of(source: Source) -> str:
    """Where the rows come from, for messages."""
    return source.source if isinstance(source, Table) else str(source)


def short_names(sources: Mapping[str, Source]) -> dict[str, str]:
    """What ids and notes call each file: its last name, with the role before it where two files share one."""
    last = {role: Path(place_of(source)).name for role, source in sources.items()}
    shared = {name for name in last.values() if list(last.values()).count(name) > 1}
    return {role: f"{role}:{name}" if name in shared else name for role, name in last.items()}
