"""YAML files: what they hold, and the line of every key, so that a message can say where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tuningfork.errors import InputError
from tuningfork.foundation.strict_yaml import NotYaml, Place, RepeatedKey, parse_yaml
from tuningfork.task.readers.text_file import open_text, require_file
from tuningfork.task.wording import near_names

_Model = TypeVar("_Model", bound=BaseModel)

MOST_BYTES = 1_000_000
"""Of a task.yaml, or of a file with names of labels."""


@dataclass(frozen=True)
class Document:
    """One YAML file, parsed.

    Attributes:
        source: the file as messages name it.
        content: what it holds.
        lines: where each key and list item stands, by its path from the top; lines count from 1.
    """

    source: str
    content: dict[str, Any]
    lines: Mapping[Place, int]

    def problem(self, place: Place, problem: str, remedy: str | None = None) -> InputError:
        """An error at a place in the file: its line where that is known, and its key."""
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), None)
        where = self.source if line is None else f"{self.source}, line {line}"
        key = ".".join(map(str, place))
        return InputError(f"{key}: {problem}" if key else problem, file=where, remedy=remedy)

    def as_model(self, model: type[_Model]) -> _Model:
        """The content checked against a schema.

        Raises:
            InputError: the first key that is unknown, missing or has a value that cannot be.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            raise self._first_problem(model, error) from error

    def _first_problem(self, model: type[BaseModel], error: ValidationError) -> InputError:
        # A misspelt key is missing too: the misspelling is what the person can see.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        place = tuple(first["loc"])
        if first["type"] == "extra_forbidden":
            near = near_names(str(place[-1]), model.model_fields) if len(place) == 1 else "this schema has no such key"
            return self.problem(place, f"unknown key; {near}")
        if first["type"] == "missing":
            return self.problem(place, "is missing", f"Add `{place[-1]}:` there.")
        message = first["msg"][:1].lower() + first["msg"][1:]
        return self.problem(place, message)


def read_document(path: Path) -> Document:
    """A YAML or JSON mapping from a file that a person named.

    Raises:
        InputError: no such file, or no mapping; a syntax error is told with its line.
    """
    return parse_document(_text_of(path, "utf-8"), str(path))


def parse_document(text: str, source: str) -> Document:
    """A YAML or JSON mapping; JSON is YAML.

    Raises:
        InputError: no mapping, a key twice, an alias, or a syntax error, told with its line.
    """
    try:
        parsed = parse_yaml(text)
    except RepeatedKey as error:
        at = Document(source, {}, {error.place: error.line or 1})
        raise at.problem(error.place, "stands there twice", "Keep one of the two.") from error
    except NotYaml as error:
        where = source if error.line is None else f"{source}, line {error.line}"
        raise InputError(f"is no valid YAML ({error.reason})", file=where) from error
    if not isinstance(parsed.content, dict):
        raise InputError("is no YAML mapping", file=source, remedy="It needs keys such as `version: 1`.")
    return Document(source, parsed.content, parsed.lines)


def read_yaml_file(path: Path, encoding: str = "utf-8", *, as_written: bool = False, remedy: str | None = None) -> Any:
    """What a YAML file holds, typed by YAML's rules, or every scalar a string as it is written.

    Args:
        remedy: closes the message about a file that cannot be parsed.

    Raises:
        InputError: no readable text file, one of more than a megabyte, no YAML, an alias, a key that stands twice,
            or nesting beyond what can be followed.
    """
    require_file(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        problem = f"is {size / 1e6:.1f} MB large, and YAML is read up to {MOST_BYTES / 1e6:.0f} MB"
        raise InputError(problem, file=path, remedy="Rows belong into a CSV, JSONL or Parquet file.")
    try:
        return parse_yaml(_text_of(path, encoding), as_written=as_written).content
    except NotYaml as error:
        raise InputError(f"is no valid YAML ({error})", file=path, remedy=remedy) from error


def _text_of(path: Path, encoding: str) -> str:
    with open_text(path, encoding, row_of=lambda text: text.count("\n") + 1) as file:
        return file.read()
