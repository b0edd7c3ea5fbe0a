"""JSON as rows have it: numbers in their written form, nothing that JSON does not know, no key twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NoReturn

Record = Mapping[str, object]
_MOST_DIGITS = 18
_BLANKS = " \t\r\n\ufeff"


class Number(str):
    """A JSON number in its written form."""

    __slots__ = ()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not of JSON")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return record


_DECODER = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=_refuse_constant, object_pairs_hook=_without_repeats
)
_AS_PYTHON_WRITES = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)


def parse(text: str, *, strict: bool = True) -> object:
    """One JSON value.

    Args:
        strict: False takes NaN and infinities too, as Python's own writers leave them.

    Raises:
        ValueError: it is none, or nested too deeply; the message is the reason.
    """
    try:
        return (_DECODER if strict else _AS_PYTHON_WRITES).decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parse_all(text: str, *, strict: bool = True) -> Iterator[object]:
    """All JSON values of a text, one after the other, with blanks, line ends or commas between them.

    Args:
        strict: as `parse` takes it.

    Raises:
        ValueError: what follows is no JSON value; the message is the reason.
    """
    decoder = _DECODER if strict else _AS_PYTHON_WRITES
    place = _next(text, 0)
    while place < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        yield value
        place = _next(text, place)


def _next(text: str, place: int) -> int:
    """Where the next value begins."""
    while place < len(text) and (text[place] in _BLANKS or (text[place] == "," and place)):
        place += 1
    return place


def as_text(value: object) -> str:
    """A value as a field of a table: strings and numbers as written, null is '', others as JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def as_whole(value: object) -> int | None:
    """A whole number from 0, whether it stands there as a number or as text; None for anything else."""
    text = as_text(value)
    # Python refuses to read thousands of digits.
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
