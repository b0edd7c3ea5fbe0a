"""Characters that would steer a terminal or turn the reading direction, and JSON without them."""

from __future__ import annotations

import json
from typing import Any

_TURNS_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def steers(character: str) -> bool:
    """Whether it is a control character (C0, DEL, C1), turns the reading direction, or is no character at all.

    The last are lone surrogates and code points without a meaning, which neither UTF-8 nor SVG can hold.
    """
    code = ord(character)
    is_control = code < 0x20 or 0x7F <= code < 0xA0
    is_no_character = 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE
    return is_control or is_no_character or character in _TURNS_DIRECTION


def json_text(value: Any, *, indent: int | None = 2) -> str:
    r"""A value as JSON that can be shown and written anywhere: every character that steers stands as `\uXXXX`.

    Reading it back gives the value as it was, to the character.

    Raises:
        ValueError: a number that JSON does not have (NaN, infinity).
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
    return "".join(c if c == "\n" or not steers(c) else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else json.dumps(character)[1:-1]
