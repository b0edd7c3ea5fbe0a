"""Opening what a user named: is it a file at all, and is it text in the encoding it should be in."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tuningfork.errors import InputError
from tuningfork.task.readers.pick import WHOLE, Pick
from tuningfork.task.wording import listed, quoted

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip (or a spreadsheet)",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
}
_PARQUET = b"PAR1"
_WRITTEN_BY_A_HARNESS = re.compile(r"samples_.+\.jsonl|.+\.eval")
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""The longer ones first, for one of them begins with a shorter one."""


Stamp = tuple[int, int, int]
"""When a file was written (nanoseconds), its bytes and its number on the disk: another one is another content."""


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file is to be read.

    Attributes:
        encoding: a Python codec's name. A byte-order mark at the start of the file wins over 'utf-8'.
        delimiter: one character between the fields of a CSV file; None finds it from the header.
        columns: names of all columns of a CSV file that has no header; None takes its first record for the header.
        lists: columns whose lists and objects are handed on as JSON, for there is a rule that reads them.
        aside: columns that are only looked at: whatever a row has there is handed on, and nothing where it has none.
        pick: what is meant of an evaluation harness's file.
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    columns: tuple[str, ...] | None = None
    lists: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    pick: Pick = WHOLE


class Undecodable(InputError):
    """A text file has bytes that are not of the encoding it should be in.

    Args:
        likely: what its encoding may be, the likeliest first.
    """

    def __init__(self, problem: str, file: object, row: int | None, likely: tuple[str, str]) -> None:
        self.likely = likely
        remedy = f"Save it as utf-8, or say what it is with --encoding (for example {' or '.join(likely)})."
        super().__init__(problem, file=file, row=row, remedy=remedy)

    def with_command(self, command: str) -> InputError:
        """The same with the whole command that may read it.

        Args:
            command: how it is typed with the first of `likely`.
        """
        remedy = f"Save it as utf-8, or say what it is: {command} (or {self.likely[1]})"
        return InputError(self.problem, file=self.file, row=self.row, remedy=remedy)


def require_file(path: Path) -> None:
    """Refuse whatever is not a readable, non-empty regular file; links are followed.

    Raises:
        InputError: missing, a folder, a device or pipe, unreadable, or empty.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        remote = str(path).startswith(("http:/", "https:/"))
        remedy = "Download it first, and name the file." if remote else "Check the path."
        raise InputError("no such file", file=path, remedy=remedy) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be opened ({_reason(error)})", file=path) from error
    if stat.S_ISDIR(found.st_mode):
        raise InputError("is a folder", file=path, remedy=_instead_of_folder(path))
    if not stat.S_ISREG(found.st_mode):
        raise InputError("is no regular file (a pipe or a device)", file=path, remedy="Write its rows to a file first.")
    if found.st_size == 0:
        raise InputError("is empty", file=path, remedy="It needs a header or keys, and rows.")


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file that is there, for what is kept as long as the file stays as it is.

    Raises:
        InputError: see `require_file`.
    """
    require_file(path)
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _instead_of_folder(path: Path) -> str:
    """What to name; of a folder with what an evaluation harness wrote, the first of its files."""
    try:
        names = sorted(one.name for one in path.iterdir() if _WRITTEN_BY_A_HARNESS.fullmatch(one.name))
    except OSError:
        names = []
    return f"Name one of the files in it: {listed(names, most=3)}." if names else "Name one CSV, JSONL or Parquet file."


def first_bytes(path: Path, count: int = 8) -> bytes:
    """The first bytes of a file.

    Raises:
        InputError: the file may not be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise InputError(f"cannot be read ({_reason(error)})", file=path) from error


def refuse_packed(path: Path) -> None:
    """Refuse compressed files by their first bytes, whatever they are called.

    Raises:
        InputError: the file is compressed.
    """
    start = first_bytes(path)
    for mark, kind in _PACKED.items():
        if start.startswith(mark):
            raise InputError(f"is compressed: {kind}", file=path, remedy="Unpack it and name the file inside.")


def _refuse_parquet(path: Path) -> None:
    if first_bytes(path).startswith(_PARQUET):
        raise InputError("is a Parquet file, not text", file=path, remedy=f"Call it {path.stem}.parquet.")


@contextmanager
def open_text(path: Path, encoding: str, *, row_of: Callable[[str], int]) -> Iterator[TextIO]:
    """The file as text, line ends as they stand, byte-order mark dropped.

    Args:
        encoding: a codec's name; it gives way to a UTF-16 or UTF-32 byte-order mark.
        row_of: the number of the last row in a text, however incomplete; 0 is the header. Used to tell where the
            first undecodable byte is.

    Raises:
        InputError: not a readable text file, an unknown encoding, or (while reading) bytes that are not of it.
    """
    require_file(path)
    refuse_packed(path)
    _refuse_parquet(path)
    actual = _actual_encoding(path, encoding)
    try:
        codecs.getincrementaldecoder(actual)().decode(b"")
        file = path.open(encoding=actual, newline="")
    except (LookupError, ValueError, TypeError) as error:
        # What the codec itself says to no bytes at all: some are no codecs of text, one refuses everything.
        raise InputError(
            f"no text encoding is called {quoted(encoding)}",
            remedy="For example: --encoding utf-8, latin-1, cp1252, utf-16.",
        ) from error
    with file:
        try:
            yield file
        except UnicodeError as error:
            raise _undecodable(path, encoding, actual, row_of) from error


def _actual_encoding(path: Path, encoding: str) -> str:
    start = first_bytes(path)
    for mark, name in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return name
    if encoding.lower().replace("_", "-") in {"utf-8", "utf8"}:
        return "utf-8-sig"
    return encoding


def _undecodable(path: Path, encoding: str, actual: str, row_of: Callable[[str], int]) -> Undecodable:
    name = actual if actual in _BYTE_ORDER_MARKS.values() else encoding
    row = row_of(_text_before_the_bad_byte(path, actual) + "?")
    # NULs between the first letters are how UTF-16 without its mark looks.
    wide = b"\0" in first_bytes(path)
    likely = ("utf-16-le", "utf-16-be") if wide else ("cp1252", "latin-1")
    return Undecodable(f"is not valid {name}" + ("" if row else " (in the header)"), path, row or None, likely)


def _text_before_the_bad_byte(path: Path, encoding: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    text: list[str] = []
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            pending = decoder.getstate()
            try:
                text.append(decoder.decode(chunk))
            except UnicodeError:
                decoder.setstate(pending)
                text.extend(_leading_text(decoder, chunk))
                break
    return "".join(text)


def _leading_text(decoder: codecs.IncrementalDecoder, chunk: bytes) -> Iterator[str]:
    """What decodes of a chunk with a bad byte in it, one byte at a time."""
    for position in range(len(chunk)):
        try:
            yield decoder.decode(chunk[position : position + 1])
        except UnicodeError:
            return


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
