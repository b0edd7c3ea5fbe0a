"""SHA-256 sums of large files, computed once per file and remembered."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from tuningfork.errors import ModelUnavailable
from tuningfork.foundation.files import write_text
from tuningfork.foundation.hashing import hash_of_file


class DigestBook:
    """Remembers the sum of a file for as long as it is the same file of the same size, and untouched: its times of
    change are those of before. A copy that brings an older file's time along is another file, or was changed now.

    Args:
        record: JSON file that holds what is remembered. Unreadable or unwritable, sums are computed again.
    """

    def __init__(self, record: Path) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._known = self._read()

    def digest(self, path: Path) -> str:
        """SHA-256 (64 hex digits) of a file.

        Raises:
            ModelUnavailable: it cannot be read.
        """
        try:
            key, stamp = str(path.resolve()), _stamp(path.stat())
            with self._lock:
                remembered = self._known.get(key)
            if remembered is not None and remembered[0] == stamp:
                return remembered[1]
            digest = hash_of_file(path)
        except OSError as error:
            raise ModelUnavailable(f"{path} cannot be read: {error.strerror or error}") from error
        self._remember(key, stamp, digest)
        return digest

    def _remember(self, key: str, stamp: str, digest: str) -> None:
        with self._lock:
            self._known = {**self._read(), **self._known, key: (stamp, digest)}
            try:
                write_text(self._record, json.dumps(self._known, indent=0))
            except OSError:
                return  # a read-only cache: computed again next time

    def _read(self) -> dict[str, tuple[str, str]]:
        try:
            raw = json.loads(self._record.read_text(encoding="utf-8"))
            return {str(key): (str(stamp), str(digest)) for key, (stamp, digest) in raw.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino} {status.st_ctime_ns}"
