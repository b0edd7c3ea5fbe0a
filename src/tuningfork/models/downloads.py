"""What every source of a model's files shares: progress, checks, and how a fetched file takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tuningfork.foundation.files import put_in_place
from tuningfork.foundation.hashing import hash_of_file

Announce = Callable[[str], None]
"""Told, in one sentence, what a person should know."""

Progress = Callable[[str, int, int], None]
"""Told (what is fetched, bytes so far, bytes in all; 0 where that is not known)."""


class SourceFailed(Exception):
    """One source cannot give a file; the next may. The message says why."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file has to be: its size and SHA-256, as far as they are known beforehand."""

    bytes: int | None = None
    sha256: str | None = None


def partial_path(target: Path) -> Path:
    """Where a file grows until it is whole and checked; what a killed process left there is taken up again."""
    return target.with_name(f".{target.name}.part")


def adopt(partial: Path, target: Path, expected: Expected) -> str:
    """Check a fetched file and give it its name; returns its SHA-256.

    Raises:
        SourceFailed: it is not the file that was wanted; it is deleted, and an older `target` is left as it is.
    """
    size, digest = partial.stat().st_size, hash_of_file(partial)
    if expected.sha256 not in (None, digest) or expected.bytes not in (None, size):
        partial.unlink()
        wanted = expected.sha256 or f"{expected.bytes} bytes"
        raise SourceFailed(f"{target.name} is not the file wanted (SHA-256 {digest}, {size} bytes; wanted {wanted})")
    put_in_place(partial, target)
    return digest
