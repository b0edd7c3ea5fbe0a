"""Text that comes from rows, models and files, made safe to show: it is data, wherever it stands."""

from __future__ import annotations

from tuningfork.foundation.steering import steers

LONGEST_QUOTE = 300
"""Characters of a row's text that are shown."""


def harmless(text: str, *, keep: str = "\n\t") -> str:
    """The text with everything that steers a terminal or turns the reading direction written out as its code.

    So are lone surrogates and code points that are no characters, which neither UTF-8 nor SVG can hold.

    Args:
        keep: control characters that stay.
    """
    return "".join(c if c in keep or not steers(c) else _written_out(c) for c in text)


def one_line(text: str) -> str:
    """`harmless`, with line breaks and tabs as blanks."""
    return harmless(" ".join(text.split()), keep="")


def quote(text: str, most: int = LONGEST_QUOTE) -> str:
    """The text cut after `most` characters, with an ellipsis where something is missing."""
    safe = harmless(text)
    return safe if len(safe) <= most else safe[: most - 1].rstrip() + "…"


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
