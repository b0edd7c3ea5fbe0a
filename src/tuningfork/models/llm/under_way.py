"""How long requests were under way, several at once counted once."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tuningfork.models.ports import JournalEntry


def seconds_under_way(entries: Iterable[JournalEntry]) -> float | None:
    """Wall seconds during which at least one of these responses was awaited: the union of their times.

    Requests that were under way together share their seconds; pauses between them do not count. None where the time of
    any response is not known; 0 for no response at all.
    """
    spans = [_span(entry) for entry in entries]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans):
        return None
    total, covered_until = 0.0, -math.inf
    for began, ended in sorted(known):
        total += max(0.0, ended - max(began, covered_until))
        covered_until = max(covered_until, ended)
    return total


def _span(entry: JournalEntry) -> tuple[float, float] | None:
    if entry.received is None or not (math.isfinite(entry.received) and math.isfinite(entry.seconds)):
        return None
    return (entry.received - entry.seconds, entry.received) if entry.seconds >= 0 else None
