"""In which encoding and with which delimiter a file beside the task's own is written."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import TextFormat, require_file
from tuningfork.task.reading import column_names

_PIECE = 1 << 20
_WIDE = ("utf-16", "utf-32")


def form_of(path: Path, study: TextFormat, *, encoding: str | None = None, delimiter: str | None = None) -> TextFormat:
    """How to read a file of answers: as was said of it; else as the study's files are, unless it is plainly otherwise.

    Plainly otherwise is a file that begins with UTF-8's mark, that holds letters beyond ASCII and is valid UTF-8, or
    whose header the study's delimiter does not cut.

    Args:
        study: how the study's own files are read.
        encoding, delimiter: said of this file alone.

    Raises:
        InputError: no readable file.
    """
    require_file(path)
    if path.suffix.lower() == ".parquet":
        return study
    written = encoding or _encoding_of(path, study.encoding)
    form = replace(study, encoding=written)
    return replace(form, delimiter=delimiter or _delimiter_of(path, form))


def _encoding_of(path: Path, study: str) -> str:
    """UTF-8 where the file is plainly that, else the study's."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_ascii, is_wide = True, study.lower().replace("_", "-").startswith(_WIDE)
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if b"\0" in piece:
                    return study
                decoder.decode(piece)
                is_ascii = is_ascii and piece.isascii()
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, OSError):
        return study
    return "utf-8" if is_wide or not is_ascii else study


def _delimiter_of(path: Path, form: TextFormat) -> str | None:
    """The study's delimiter where it cuts the header; None leaves it to the header."""
    if form.delimiter is None:
        return None
    try:
        cut = len(column_names(path, form))
    except InputError:
        return None
    return form.delimiter if cut > 1 else None
