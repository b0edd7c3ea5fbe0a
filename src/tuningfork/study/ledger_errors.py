"""What SQLite says, in words for the person whose study it is, and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tuningfork.errors import LedgerError, UnknownName

_PRIMARY = 0xFF
"""SQLite's extended codes carry the general one in their lowest byte."""

_KEPT = "Nothing finished is lost"
_OTHER_FOLDER = "give another --out folder"
_REMEDIES = {
    sqlite3.SQLITE_FULL: f"The disk is full. {_KEPT}: make room, then run the same command again.",
    sqlite3.SQLITE_IOERR: f"The disk is full or failing. {_KEPT}: see to it, then run the same command again.",
    sqlite3.SQLITE_READONLY: f"The file or its folder is read-only. {_KEPT}: make it writable, or {_OTHER_FOLDER}.",
    sqlite3.SQLITE_CANTOPEN: f"Is its folder readable and writable, and the disk not full? If not, {_OTHER_FOLDER}.",
    sqlite3.SQLITE_BUSY: f"Another program is writing to it, a database browser perhaps. {_KEPT}: close that, then run "
    "the same command again.",
    sqlite3.SQLITE_CORRUPT: f"The file is damaged: put a copy back, or {_OTHER_FOLDER}.",
    sqlite3.SQLITE_NOTADB: f"It is no ledger, or a damaged one: put a copy back, or {_OTHER_FOLDER}.",
}
_OTHERWISE = f"{_KEPT}: run the same command again."


def explained(path: Path, error: sqlite3.Error | OSError) -> LedgerError:
    """The same failure as an error that says what to do."""
    if isinstance(error, OSError):
        return LedgerError(f"{path} cannot be opened: {error.strerror or error}. {_REMEDIES[sqlite3.SQLITE_CANTOPEN]}")
    code = getattr(error, "sqlite_errorcode", None)
    remedy = _OTHERWISE if code is None else _REMEDIES.get(code & _PRIMARY, _OTHERWISE)
    return LedgerError(f"{path}: {error}. {remedy}")


def damaged(path: Path, error: Exception, what: str = "a record") -> LedgerError:
    """What SQLite read without complaint cannot be what was written.

    Args:
        what: what it was, for people.
    """
    return LedgerError(f"{path}: {what} cannot be read ({error}). {_REMEDIES[sqlite3.SQLITE_CORRUPT]}")


def of_an_unknown_kind(path: Path, error: UnknownName, what: str) -> LedgerError:
    """Answers of a kind that another package added, which is not here now."""
    return LedgerError(
        f"{path}: {what} cannot be read: {error}. Install the package that added this kind, or a later tuningfork."
    )


def cut_short(path: Path) -> LedgerError:
    """The file ends within a page, as after a copy that broke off."""
    return LedgerError(f"{path}: its end is missing. {_REMEDIES[sqlite3.SQLITE_CORRUPT]}")
