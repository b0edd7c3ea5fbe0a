"""What every source of a model's files shares: progress, checks, and how a fetched file takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tuningfork.foundation.files import put_in_place
from tuningfork.foundation.hashing import hash_of_file

Announce = Callable[[str], None]
"""Told, in one sentence, what a person should know."""

Progress = Callable[[str, int, int], None]
"""Told (what is fetched, bytes so far, bytes in all; 0 where that is not known)."""


class SourceFailed(Exception):
    """One source cannot give a file; the next may. The message says why."""


class SourceRefused(SourceFailed):
    """The source has answered for good: asking again changes nothing, the person has to.

    Args:
        remedy: what the person can do about it; empty where the name is simply wrong.
    """

    def __init__(self, problem: str, *, remedy: str) -> None:
        self.problem, self.remedy = problem, remedy
        super().__init__(f"{problem}. {remedy}" if remedy else problem)


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


class Counted:
    """A file that is written to, and tells how long it is after each piece.

    Args:
        file: open for writing, at the place where writing goes on.
        told: given the bytes from the file's beginning to where it is written.
    """

    def __init__(self, file: BinaryIO, told: Callable[[int], None]) -> None:
        self._file, self._told = file, told

    def write(self, piece: bytes) -> int:
        """Write a piece, and tell."""
        written = self._file.write(piece)
        self._told(self._file.tell())
        return written

    def tell(self) -> int:
        """Where the next piece goes."""
        return self._file.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        """Go elsewhere in the file."""
        return self._file.seek(place, whence)

    def truncate(self, size: int | None = None) -> int:
        """Cut the file off here, or at that size."""
        return self._file.truncate(size)
