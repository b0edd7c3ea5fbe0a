"""Whole-file writes: a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tuningfork.errors import CannotWrite, InputError

_SUFFIX = ".part"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; it takes the name `path` when the block ends well, and is gone otherwise.

    Raises:
        CannotWrite: the folder cannot be made or written, or the disk is full.
    """
    temporary = _beside(path)
    try:
        yield temporary
        with _told_of(path):
            temporary.chmod(0o666 & ~_umask())
            put_in_place(temporary, path)
    except OSError as error:
        if is_no_room(error):
            raise CannotWrite(path, error) from error
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text as a whole: write, fsync, rename.

    Raises:
        CannotWrite: see `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes as a whole: write, fsync, rename.

    Raises:
        CannotWrite: see `replacing`.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def put_in_place(temporary: Path, path: Path) -> None:
    """Give a file that was written its name: fsync, rename, fsync of the folder, so that after a power cut there is the
    old file or the new one."""
    with temporary.open("r+b") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    # Some file systems cannot flush a folder, and Windows cannot open one: there the rename is as safe as it gets.
    with suppress(OSError):
        _flush_folder(path.parent)


def remove_leftovers(folder: Path) -> None:
    """Delete what writers that were killed have left half written below `folder`, of which nobody may be writing now.

    What cannot be deleted stays, and does no harm.
    """
    for leftover in folder.rglob(f".*{_SUFFIX}"):
        with suppress(OSError):
            leftover.unlink()


def require_place_for_folder(folder: Path) -> None:
    """Refuse a name that no folder can have; nothing is made.

    Raises:
        InputError: something else has the name, or stands in the way higher up; or the system takes no such name.
    """
    remedy = "Give another --out folder."
    found = next(place for place in (folder, *folder.absolute().parents) if os.path.lexists(place))
    if not found.is_dir():
        raise InputError("is in the way: it is no folder", file=found, remedy=remedy)
    try:
        folder.stat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be a folder ({reason})", file=folder, remedy=remedy) from error


def is_no_room(error: OSError) -> bool:
    """Whether it says that nothing can be written there at all: the disk is full, or read-only."""
    return error.errno in _NO_ROOM


def _beside(path: Path) -> Path:
    with _told_of(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_SUFFIX)
        os.close(handle)
        return Path(name)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """What the system says of our own steps, with the name of the file that was wanted."""
    try:
        yield
    except OSError as error:
        raise CannotWrite(path, error) from error


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
