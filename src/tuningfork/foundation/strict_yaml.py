"""YAML as people write it by hand: a key stands once, values are written out, and the line of every key is known.

YAML also allows aliases, of which a few lines can stand for a billion values, and lets a second key of the same name
win without a word. Neither has a use in our files, and both hide mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Place = tuple[str | int, ...]
"""The keys and list indices that lead to a value, from the top."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a YAML text holds.

    Attributes:
        content: of mappings, lists and scalars; None for a text that holds nothing.
        lines: where each key and list item stands, counted from 1.
    """

    content: Any
    lines: Mapping[Place, int]


class NotYaml(ValueError):
    """A text is no YAML, or has what is not read here: an alias, an object, nesting beyond what can be followed.

    Args:
        reason: on one line, without the place.
        line: from 1; None where it is not known.
        column: from 1; None where it is not known.
    """

    def __init__(self, reason: str, line: int | None = None, column: int | None = None) -> None:
        self.reason, self.line, self.column = " ".join(reason.split()), line, column
        place = "" if line is None else f", line {line}, column {column}"
        super().__init__(f"{self.reason}{place}")


class RepeatedKey(NotYaml):
    """A key stands twice in one mapping.

    Args:
        place: of the second one.
    """

    def __init__(self, place: Place, line: int, column: int) -> None:
        self.place = place
        super().__init__(f"the key {place[-1]!r} stands twice", line, column)


class _WithoutAliases:
    """Mixed into a loader: refuses aliases. The loaders of PyYAML are not typed."""

    def compose_node(self: Any, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            problem = f"the alias *{event.anchor} is not read here, write its value out"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)  # type: ignore[misc]


class _Typed(_WithoutAliases, yaml.SafeLoader):
    """Scalars become numbers, dates, true and false by YAML's rules; no tag makes an object."""


class _AsWritten(_WithoutAliases, yaml.BaseLoader):
    """Every scalar is a string as it is written: 'no' and '01' are labels, not False and 1."""


def parse_yaml(text: str, *, as_written: bool = False) -> Parsed:
    """What a YAML text holds, typed by YAML's rules, or every scalar a string as it is written. JSON is YAML.

    Raises:
        NotYaml: see there; `RepeatedKey` for a key that stands twice.
    """
    try:
        loader = (_AsWritten if as_written else _Typed)(text)
        node = loader.get_single_node()
        lines = {} if node is None else _lines(node)
        return Parsed(None if node is None else loader.construct_document(node), lines)
    except NotYaml:
        raise
    except RecursionError as error:
        raise NotYaml("nested too deeply") from error
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        place = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        raise NotYaml(reason, *place) from error


def _lines(top: Any) -> dict[Place, int]:
    lines: dict[Place, int] = {}
    for place, mark in _places(top, ()):
        if place in lines:
            raise RepeatedKey(place, mark.line + 1, mark.column + 1)
        lines[place] = mark.line + 1
    return lines


def _places(node: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Every key and list item below a node of the parsed text, with the mark of where it stands.

    A key that is itself a list or a mapping is left to the loader, which refuses it.
    """
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar":
                here = (*place, key.value)
                yield here, key.start_mark
                yield from _places(value, here)
    elif node.id == "sequence":
        for index, item in enumerate(node.value):
            here = (*place, index)
            yield here, item.start_mark
            yield from _places(item, here)
