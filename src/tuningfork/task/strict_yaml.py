"""YAML as people write it by hand: a key stands once, values are written out, and a file is small.

YAML also allows aliases, of which a few lines can stand for a billion values, and lets a second key of the same name
win without a word. Neither has a use in a task, and both hide mistakes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import open_text, require_file

MOST_BYTES = 1_000_000


class _WithoutAliases:
    """Mixed into a loader: refuses aliases. The loaders of PyYAML are not typed."""

    def compose_node(self: Any, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            problem = f"the alias *{event.anchor} is not read here, write its value out"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)  # type: ignore[misc]


class AliasFreeLoader(_WithoutAliases, yaml.SafeLoader):
    """PyYAML's safe loader without aliases, for files whose repeated keys are told in another way."""


class _Strict(_WithoutAliases):
    """Mixed into a loader: refuses aliases and repeated keys."""

    def compose_mapping_node(self: Any, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)  # type: ignore[misc]
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.composer.ComposerError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(str(key.value) if isinstance(key, yaml.ScalarNode) else "")
        return node


class _Typed(_Strict, yaml.SafeLoader):
    """Scalars become numbers, dates, true and false by YAML's rules; no tag makes an object."""


class _AsWritten(_Strict, yaml.BaseLoader):
    """Every scalar is a string as it is written: 'no' and '01' are labels, not False and 1."""


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
    with open_text(path, encoding, row_of=lambda text: text.count("\n") + 1) as file:
        text = file.read()
    try:
        return yaml.load(text, Loader=_AsWritten if as_written else _Typed)  # noqa: S506 (both are safe loaders)
    except RecursionError as error:
        raise InputError("is no valid YAML (nested too deeply)", file=path, remedy=remedy) from error
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"is no valid YAML ({_reason(error)})", file=path, remedy=remedy) from error


def _reason(error: Exception) -> str:
    """What the parser says and where, on one line, without its picture of the place."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    place = "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
    return " ".join(f"{problem}{place}".split())
