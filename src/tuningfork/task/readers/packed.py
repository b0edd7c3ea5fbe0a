"""Zip files of evaluation harnesses: their members as text."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import first_bytes, require_file
from tuningfork.task.wording import quoted

ZIP = b"PK\x03\x04"

_ZSTANDARD = 93
"""As inspect_ai packs its logs. Python's own `zipfile` knows it from 3.14 on."""
_HEADER = 30
"""Bytes before the name of a member, where it stands in the file."""
_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, OverflowError)
_UNKNOWN = (NotImplementedError, RuntimeError)
"""Ways of packing that Python does not know, and passwords."""
_AT_ONCE = 256
"""Members that are unpacked by one call, which is what takes the time of many small ones."""


def is_zip(path: Path) -> bool:
    """Whether a file begins as zip files do; False for what is no readable file."""
    try:
        return path.is_file() and first_bytes(path, len(ZIP)) == ZIP
    except (InputError, OSError, ValueError):
        return False


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip file, open.

    Raises:
        InputError: no complete zip file, or (while reading) a member that cannot be unpacked.
    """
    require_file(path)
    try:
        packed = zipfile.ZipFile(path)
    except (*_BROKEN, *_UNKNOWN) as error:
        raise InputError(
            f"is no complete zip file ({error})",
            file=path,
            remedy="It was cut off, or is still being written: copy it again, or wait until the run has ended.",
        ) from error
    with packed:
        yield packed


def members(packed: zipfile.ZipFile) -> list[str]:
    """Names of its files, each once: of one that was written again, the last counts."""
    return [name for name in dict.fromkeys(packed.namelist()) if not name.endswith("/")]


def texts_of(path: Path, packed: zipfile.ZipFile, names: Sequence[str]) -> Iterator[str]:
    """The members' texts in their order; several of them may come as one, joined.

    Raises:
        InputError: a member cannot be unpacked.
    """
    found = [packed.getinfo(name) for name in names]
    for kind, alike in groupby(found, key=lambda member: member.compress_type):
        kept = list(alike)
        step = _AT_ONCE if kind == _ZSTANDARD else 1
        for start in range(0, len(kept), step):
            some = kept[start : start + step]
            try:
                yield _unpacked(packed, some).decode()
            except (*_BROKEN, *_UNKNOWN) as error:
                raise _damaged(path, [member.filename for member in some], error) from error


def beginning_of(path: Path, packed: zipfile.ZipFile, name: str, count: int) -> bytes:
    """The first bytes of a member; none of one that is packed in a way that is not known.

    Raises:
        InputError: the member is damaged.
    """
    try:
        with packed.open(name) as file:
            return file.read(count)
    except _UNKNOWN:
        return b""
    except _BROKEN as error:
        raise _damaged(path, [name], error) from error


def _damaged(path: Path, names: Sequence[str], error: Exception) -> InputError:
    further = f" or one of the {len(names) - 1} after it" if len(names) > 1 else ""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    problem = f"its member {quoted(names[0])}{further} cannot be unpacked ({reason})"
    return InputError(problem, file=path, remedy="The file is damaged: copy it again.")


def _unpacked(packed: zipfile.ZipFile, some: Sequence[zipfile.ZipInfo]) -> bytes:
    if some[0].compress_type != _ZSTANDARD:
        return packed.read(some[0])
    return _without_zstandard(b"".join(_as_packed(packed, member) for member in some))


def _as_packed(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member's bytes as they stand in the file."""
    file = packed.fp
    assert file is not None
    file.seek(member.header_offset)
    header = file.read(_HEADER)
    if header[: len(ZIP)] != ZIP:
        raise zipfile.BadZipFile("there is no member where it should begin")
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, io.SEEK_CUR)
    return file.read(member.compress_size)


def _without_zstandard(content: bytes) -> bytes:
    """JSON unpacked by polars, which unpacks CSV files: JSON has no control character, so that a line is a field."""
    import polars

    try:
        lines = polars.read_csv(
            io.BytesIO(content), has_header=False, separator="\x01", quote_char=None, infer_schema_length=0
        )
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
        raise zipfile.BadZipFile("no valid zstandard") from error
    return "\n".join(lines.to_series(0).fill_null("").to_list()).encode()
