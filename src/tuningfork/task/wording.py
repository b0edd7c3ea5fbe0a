"""Small words for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_LONGEST_NAME = 80
_MOST_COMPARED = 20_000


def counted(number: int, noun: str) -> str:
    """'1 row', '2 rows'."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def quoted(name: str) -> str:
    """The name in quotes, control characters escaped, its middle left out where it is very long."""
    return repr(_cut(name))


def shown(value: object) -> str:
    """Any value as Python writes it, its middle left out where that is very long."""
    return quoted(value) if isinstance(value, str) else _cut(repr(value))


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def near(name: str, known: Sequence[str], *, least: float) -> list[str]:
    """Up to three known names that are written much alike, the nearest first; `least` is from 0 (anything) to 1."""
    by_lower_case = {candidate.lower(): candidate for candidate in known[:_MOST_COMPARED]}
    found = difflib.get_close_matches(name.lower()[:_LONGEST_NAME], by_lower_case, n=3, cutoff=least)
    return [by_lower_case[one] for one in found]


def near_names(name: str, known: Iterable[str]) -> str:
    """A hint to close a problem with: the nearest known names, or the first few of all."""
    candidates = list(known)
    found = near(name, candidates, least=0.6)
    if found:
        return f"did you mean {' or '.join(quoted(one) for one in found)}?"
    return f"there are: {listed(candidates, most=12)}" if candidates else "there are none"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 10]} … {text[-7:]}"
