"""Small words for messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def counted(number: int, noun: str) -> str:
    """'1 row', '2 rows'."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def near_names(name: str, known: Iterable[str]) -> str:
    """A hint to close a problem with: the nearest known names, or the first few of all."""
    candidates = list(known)
    by_lower_case = {candidate.lower(): candidate for candidate in candidates}
    near = difflib.get_close_matches(name.lower(), by_lower_case, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(repr(by_lower_case[one]) for one in near)}?"
    return f"there are: {listed(candidates, most=12)}" if candidates else "there are none"
