"""One process at a time fetches a model into the cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuningfork.errors import ModelUnavailable
from tuningfork.models.downloads import Announce


@contextmanager
def alone(cache: Path, name: str, announce: Announce) -> Iterator[None]:
    """Hold a model's lock, so that two processes never fetch it at once; a full or read-only disk is said.

    Raises:
        ModelUnavailable: nothing can be kept in the cache.
    """
    from filelock import FileLock, Timeout

    try:
        (cache / "locks").mkdir(parents=True, exist_ok=True)
        lock = FileLock(cache / "locks" / f"{name}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            announce(f"Another process is fetching {name}; waiting for it.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except OSError as error:
        raise ModelUnavailable(
            f"{name} cannot be kept in the model cache {cache}: {error.strerror or error}. "
            "Free some space or rights there, or point TUNINGFORK_CACHE to another folder."
        ) from error
