"""task.yaml of a study: the task's own keys, and a `study:` section with how it is to be run."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.files import write_text
from tuningfork.study.settings import StudySettings
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.task_file import first_problem, read_yaml, refuse_truth, task_of, write_task_file

_SECTION = "study"


def read_study_file(path: Path) -> tuple[TaskSpec, StudySettings]:
    """The task, and the settings (the defaults where there is no `study:` section).

    Raises:
        InputError: no such file, or a key or value that cannot be; it is named.
    """
    fields = read_yaml(path)
    section = fields.pop(_SECTION, None)
    section = {} if section is None else section
    if not isinstance(section, dict):
        raise InputError(f"the section `{_SECTION}:` is no mapping", file=path)
    for key in section:
        if key not in StudySettings.model_fields:
            raise UnknownName(f"key of the section `{_SECTION}:` in {path}", str(key), known=StudySettings.model_fields)
    for key in fields:
        if key in StudySettings.model_fields:
            raise InputError(
                f"the key {key!r} is not of the task", file=path, remedy=f"Put it into the section `{_SECTION}:`."
            )
    refuse_truth(section, path, section=f"{_SECTION}.", among=("mirror",))
    try:
        return task_of(fields, path), StudySettings.model_validate(section)
    except ValidationError as error:
        raise first_problem(error, path, section=f"{_SECTION}.") from error


def write_study_file(path: Path, spec: TaskSpec, settings: StudySettings) -> None:
    """Write down what was asked, as a whole."""
    write_task_file(path, spec, {_SECTION: settings.model_dump(mode="json", exclude_none=True, exclude_defaults=True)})


def keep_rows(path: Path, table: Table) -> None:
    """Write rows that were in memory as JSONL, in ASCII, so that any text comes back as it was."""
    records = (dict(zip(table.columns, fields, strict=True)) for fields in zip(*table.columns.values(), strict=True))
    write_text(path, "".join(f"{json.dumps(record)}\n" for record in records))
