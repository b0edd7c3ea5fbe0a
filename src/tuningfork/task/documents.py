"""YAML data files with the line of every key, so that a message can say where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import open_text
from tuningfork.task.wording import near_names

_Model = TypeVar("_Model", bound=BaseModel)
_Place = tuple[str | int, ...]


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
    lines: dict[_Place, int]

    def problem(self, place: _Place, problem: str, remedy: str | None = None) -> InputError:
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
    with open_text(path, "utf-8", row_of=lambda text: text.count("\n") + 1) as file:
        return parse_document(file.read(), str(path))


def parse_document(text: str, source: str) -> Document:
    """A YAML or JSON mapping; JSON is YAML.

    Raises:
        InputError: no mapping, a key twice, an alias, or a syntax error, told with its line.
    """
    import yaml

    from tuningfork.task.strict_yaml import AliasFreeLoader

    try:
        node = yaml.compose(text, Loader=AliasFreeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = source if mark is None else f"{source}, line {mark.line + 1}"
        reason = getattr(error, "problem", None) or " ".join(str(error).split())
        raise InputError(f"is no valid YAML ({reason})", file=where) from error
    if not isinstance(content, dict) or node is None:
        raise InputError("is no YAML mapping", file=source, remedy="It needs keys such as `version: 1`.")
    document = Document(source, content, {})
    for place, line in _lines(node, ()):
        if place in document.lines:
            raise Document(source, {}, {place: line}).problem(place, "stands there twice", "Keep one of the two.")
        document.lines[place] = line
    return document


def _lines(node: Any, place: _Place) -> Iterator[tuple[_Place, int]]:
    """Every key and list item below a node of the parsed file, with its line."""
    if node.id == "mapping":
        for key, value in node.value:
            here = (*place, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _lines(value, here)
    elif node.id == "sequence":
        for index, item in enumerate(node.value):
            here = (*place, index)
            yield here, item.start_mark.line + 1
            yield from _lines(item, here)
