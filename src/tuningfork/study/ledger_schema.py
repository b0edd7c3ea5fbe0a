"""The ledger's tables, by version: making them, bringing older ones up to date, and reading those as they are.

An older ledger is brought up to date when it is opened for writing, in one transaction: a process that dies on the way
leaves the version that was there. Opened for reading it stays as it is to the last byte, and is read through views that
give what it lacks as NULL.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from tuningfork.errors import LedgerError
from tuningfork.study.ledger_errors import cut_short

SCHEMA_VERSION = 3
LEDGER_FILE = "ledger.sqlite"

PATIENCE_SECONDS = 3.0
"""How long another program may hold the file; Ctrl-C waits for this too."""

_MAGIC, _HEADER_BYTES, _LARGEST_PAGE = b"SQLite format 3\0", 18, 65536

_ANSWERS = """CREATE TABLE answers (
    trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE, role TEXT NOT NULL, n INTEGER NOT NULL,
    answers BLOB NOT NULL, row_seconds BLOB, kind TEXT NOT NULL DEFAULT 'category', confidence BLOB,
    PRIMARY KEY (trial, role))"""
_PROBABILITIES = """CREATE TABLE probabilities (
    trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE, role TEXT NOT NULL, matrix BLOB NOT NULL,
    axes TEXT, PRIMARY KEY (trial, role))"""
_PREDICTIONS = """CREATE VIEW predictions AS
    SELECT a.trial, a.role, a.n, a.kind, a.answers, m.matrix AS probabilities, m.axes, a.confidence, a.row_seconds
    FROM answers AS a LEFT JOIN probabilities AS m ON m.trial = a.trial AND m.role = a.role"""
"""All of a prediction in one row, for whoever reads a ledger by SQL. Its matrix lies in a table of its own, because
SQLite reads a row's later columns through the pages of its earlier ones, and because it stays where it is when an older
ledger is brought up to date."""

_LOOKS = """CREATE TABLE looks (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, margin REAL NOT NULL, metric TEXT NOT NULL, arms TEXT NOT NULL,
    call TEXT NOT NULL, recommendation TEXT NOT NULL, chosen_arm TEXT, difference REAL)"""
_TABLES = (
    "CREATE TABLE facts (topic TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, key))",
    """CREATE TABLE trials (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, arm TEXT NOT NULL, level INTEGER NOT NULL,
    n_labels INTEGER, seed INTEGER NOT NULL, status TEXT NOT NULL, record TEXT NOT NULL, ended REAL NOT NULL,
    question TEXT, label_space TEXT, draw TEXT, needs TEXT)""",
    _ANSWERS,
    _PROBABILITIES,
    _PREDICTIONS,
    """CREATE TABLE responses (
    key TEXT PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, repeat INTEGER NOT NULL,
    request BLOB NOT NULL, response BLOB NOT NULL, cents REAL, seconds REAL NOT NULL, received REAL NOT NULL)""",
    """CREATE TABLE spending (
    id INTEGER PRIMARY KEY, requests INTEGER NOT NULL, billed INTEGER NOT NULL, prompt_tokens INTEGER,
    completion_tokens INTEGER, cents REAL, worst_cents REAL)""",
    "CREATE TABLE sessions (id INTEGER PRIMARY KEY, started REAL NOT NULL, seconds REAL NOT NULL)",
    _LOOKS,
)
UPGRADES = {
    1: (
        "ALTER TABLE trials ADD COLUMN question TEXT",
        "ALTER TABLE trials ADD COLUMN label_space TEXT",
        "ALTER TABLE trials ADD COLUMN draw TEXT",
        """CREATE TABLE probabilities (
        trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE, role TEXT NOT NULL, matrix BLOB NOT NULL,
        PRIMARY KEY (trial, role))""",
        "INSERT INTO probabilities SELECT trial, role, probabilities FROM predictions WHERE probabilities IS NOT NULL",
        "ALTER TABLE predictions RENAME TO predictions_of_version_1",
        """CREATE TABLE predictions (
        trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE, role TEXT NOT NULL, n INTEGER NOT NULL,
        labels BLOB NOT NULL, row_seconds BLOB, PRIMARY KEY (trial, role))""",
        "INSERT INTO predictions SELECT trial, role, n, labels, row_seconds FROM predictions_of_version_1",
        "DROP TABLE predictions_of_version_1",
        _LOOKS,
    ),
    2: (  # no row is written again, so that it takes a moment and no room, however large the study
        "ALTER TABLE trials ADD COLUMN needs TEXT",
        "ALTER TABLE predictions RENAME TO answers",
        "ALTER TABLE answers RENAME COLUMN labels TO answers",
        "ALTER TABLE answers ADD COLUMN kind TEXT NOT NULL DEFAULT 'category'",
        "ALTER TABLE answers ADD COLUMN confidence BLOB",
        "ALTER TABLE probabilities ADD COLUMN axes TEXT",
        _PREDICTIONS,
    ),
}
"""By the version that is there, what makes it the next one."""

_VIEWS = {
    1: (
        """CREATE TEMP VIEW trials AS
        SELECT *, NULL AS question, NULL AS label_space, NULL AS draw, NULL AS needs FROM main.trials""",
        """CREATE TEMP VIEW answers AS SELECT trial, role, n, labels AS answers, row_seconds, 'category' AS kind,
        NULL AS confidence FROM main.predictions""",
        """CREATE TEMP VIEW probabilities AS SELECT trial, role, probabilities AS matrix, NULL AS axes
        FROM main.predictions WHERE probabilities IS NOT NULL""",
        """CREATE TEMP VIEW looks AS SELECT NULL AS id, NULL AS at, NULL AS margin, NULL AS metric, NULL AS arms,
        NULL AS call, NULL AS recommendation, NULL AS chosen_arm, NULL AS difference WHERE 0""",
    ),
    2: (
        "CREATE TEMP VIEW trials AS SELECT *, NULL AS needs FROM main.trials",
        """CREATE TEMP VIEW answers AS SELECT trial, role, n, labels AS answers, row_seconds, 'category' AS kind,
        NULL AS confidence FROM main.predictions""",
        "CREATE TEMP VIEW probabilities AS SELECT *, NULL AS axes FROM main.probabilities",
    ),
}
"""By version, what reads it as the present one; names of a connection's own come before those of the file."""


def connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    """A connection to a ledger of the present version, or to one that reads as if it were.

    Raises:
        LedgerError: the file is of a newer version, no ledger of ours, or cut within its last page.
        sqlite3.Error: it cannot be opened, read, or brought up to date.
    """
    _refuse_a_cut_page(path)
    connection = sqlite3.connect(
        _address(path, "rwc" if writable else "ro"),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=PATIENCE_SECONDS,
    )
    try:
        _make_ready(connection, path, writable=writable)
    except BaseException:
        connection.close()
        raise
    return connection


def has_begun(folder: Path) -> bool:
    """Whether the folder has a ledger. A file in which a run that was killed at its first step had not yet made any
    table is none."""
    path = folder / LEDGER_FILE
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(_address(path, "ro"), uri=True)) as connection:
            return _has_tables(connection)
    except sqlite3.Error:
        return True  # whoever opens it is told what is wrong with it


def _make_ready(connection: sqlite3.Connection, path: Path, *, writable: bool) -> None:
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if found > SCHEMA_VERSION:
        raise LedgerError(
            f"{path} was written by a newer tuningfork (schema {found}, this one knows {SCHEMA_VERSION}). "
            "Upgrade, or give another --out folder."
        )
    if found == 0 and (not writable or _has_tables(connection)):
        # Whatever has tables and no version of ours is somebody else's.
        raise LedgerError(f"{path} is no ledger of tuningfork. Give another --out folder.")
    if writable:
        connection.execute("PRAGMA journal_mode = WAL")
        _bring_up_to_date(connection, found)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
    else:
        connection.execute("PRAGMA temp_store = MEMORY")
        for view in _VIEWS.get(found, ()):
            connection.execute(view)


def _bring_up_to_date(connection: sqlite3.Connection, found: int) -> None:
    """All at once, or not at all."""
    if found == SCHEMA_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for version in range(found, SCHEMA_VERSION) if found else ():
            for statement in UPGRADES[version]:
                connection.execute(statement)
        for statement in () if found else _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refuse_a_cut_page(path: Path) -> None:
    """SQLite sees that pages are missing, but takes the missing end of the last one for zeros: answers would be other
    ones. Pages that are still in the write-ahead log make up for what a checkpoint left half written."""
    try:
        with path.open("rb", buffering=0) as file:
            header, size = file.read(_HEADER_BYTES), os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return
    page = int.from_bytes(header[16:18], "big")
    page = _LARGEST_PAGE if page == 1 else page
    if not (header.startswith(_MAGIC) and page and size % page):
        return
    log = path.with_name(f"{path.name}-wal")
    is_logged = log.is_file() and log.stat().st_size > 0
    if not is_logged and path.stat().st_size % page:  # the checkpoint may have come to its end in between
        raise cut_short(path)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0])


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
