"""What JSON (or nearly JSON) in an answer says: which of its values count as the answer."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA_FIELD = "label"
"""The field that was asked for."""

_ANSWER_FIELDS = frozenset(
    (
        *("label", "labels", "answer", "answers", "category", "categories", "class", "classes"),
        *("classification", "result", "results", "output", "response", "value", "prediction"),
        *("predicted", "predictions", "predicted_label", "predicted_class", "intent", "sentiment"),
        *("topic", "tag", "tags", "final_answer", "final", "choice", "decision", "verdict", "type"),
        *("arguments", "parameters", "properties", "data", "content", "json"),
    )
)
_NO_ANSWER = re.compile(
    r"reason|explan|rational|justif|thought|thinking|analysis|comment|evidence|note|quote|summary|description|step"
    r"|text|input|message|query|sentence|confiden|score|prob|certain|logprob|weight|rank|index|id$|tokens|language|model"
    r"|alternative|second|runner|not_|other_|candidates|options|possible|examples?",
)
"""Fields that say why, how surely, or what else; a label in them is no answer."""

_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MOST_DEPTH = 4
_LONGEST = 20_000


class _Number(str):
    """A number or a truth value, as it is written: what a field that is not known to be an answer holds of these is
    none, because labels can be numbers too."""


def json_value(text: str) -> Any:
    """The value that a text is the JSON of, with single quotes or a comma too many as well; None where it is none."""
    text = text.strip()
    if len(text) > _LONGEST or not text.startswith(("{", "[", '"')):
        return None
    for written in (text, _TRAILING_COMMA.sub("", text)):
        try:
            return json.loads(
                written, parse_float=_Number, parse_int=_Number, strict=False, object_pairs_hook=_without_twins
            )
        except (ValueError, RecursionError):
            continue
    try:
        return _as_in_json(ast.literal_eval(text)) if text.startswith(("{", "[")) else None
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def json_within(text: str) -> Any:
    """The one object, or list of texts, in a text that goes on around it; None unless there is exactly one."""
    found = list(_objects(text)) if len(text) <= _LONGEST else []
    return found[0] if len(found) == 1 else None


def answers_in(value: Any, *, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """The texts that may be the answer, each with whether it has to be a label.

    A text, a number, or the one item of a list is the answer. Of an object's fields the one that was asked for has to
    be a label; else those that are called like an answer, and texts in fields with other names, must not contradict.
    """
    if isinstance(value, bool):
        yield str(value).lower(), True
    elif isinstance(value, str):
        yield str(value), True
    elif depth < _MOST_DEPTH and isinstance(value, list):
        for item in value:
            yield from answers_in(item, depth=depth + 1)
    elif depth < _MOST_DEPTH and isinstance(value, Mapping):
        yield from _answers_of_fields(value, depth)


def _answers_of_fields(fields: Mapping[str, Any], depth: int) -> Iterator[tuple[str, bool]]:
    alone = len(fields) == 1
    for name, value in fields.items():
        plain = re.sub(r"[\s\-]+", "_", name.strip()).casefold()
        if plain == SCHEMA_FIELD or alone:
            yield from answers_in(value, depth=depth + 1)
        elif plain in _ANSWER_FIELDS or (not _NO_ANSWER.search(plain) and not isinstance(value, bool | _Number)):
            yield from ((text, False) for text, _ in answers_in(value, depth=depth + 1))


def _objects(text: str) -> Iterator[Any]:
    place = 0
    while (start := min((at for at in (text.find("{", place), text.find("[", place)) if at >= 0), default=-1)) >= 0:
        end = _end_of(text, start)
        value = json_value(text[start:end]) if end else None
        if isinstance(value, Mapping) or (isinstance(value, list) and value and all(map(_is_text, value))):
            yield value
        place = end if value is not None and end else start + 1


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, _Number)


def _end_of(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` is closed; strings are passed over."""
    depth, quoted, escaped = 0, False, False
    for place in range(start, len(text)):
        character = text[place]
        if quoted:
            quoted, escaped = escaped or character != '"', character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return place + 1
    return None


def _without_twins(pairs: list[tuple[str, Any]]) -> Any:
    """An object; one that names a field twice, with different values, says nothing."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields and fields[name] != value:
            return None
        fields[name] = value
    return fields


def _as_in_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _as_in_json(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_as_in_json(inner) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _Number(value)
    return value
