"""Text that comes from rows, models and files, made safe to show: it is data, wherever it stands."""

from __future__ import annotations

LONGEST_QUOTE = 300
"""Characters of a row's text that are shown."""

_TURNS_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str, *, keep: str = "\n\t") -> str:
    """The text with everything that steers a terminal or turns the reading direction written out as its code.

    So are lone surrogates and code points that are no characters, which neither UTF-8 nor SVG can hold.

    Args:
        keep: control characters that stay.
    """
    return "".join(c if c in keep or not _steers(c) else _written_out(c) for c in text)


def one_line(text: str) -> str:
    """`harmless`, with line breaks and tabs as blanks."""
    return harmless(" ".join(text.split()), keep="")


def quote(text: str, most: int = LONGEST_QUOTE) -> str:
    """The text cut after `most` characters, with an ellipsis where something is missing."""
    safe = harmless(text)
    return safe if len(safe) <= most else safe[: most - 1].rstrip() + "…"


def _steers(character: str) -> bool:
    code = ord(character)
    is_control = code < 0x20 or 0x7F <= code < 0xA0
    is_no_character = 0xD800 <= code < 0xE000 or code & 0xFFFE == 0xFFFE
    return is_control or is_no_character or character in _TURNS_DIRECTION


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
