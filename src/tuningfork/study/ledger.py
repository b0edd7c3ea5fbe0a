"""The study's memory on disk: every trial, every prediction, every LLM response, in one SQLite file (WAL).

What is written is committed before anybody uses it, so a study that is killed goes on where it was. After a power cut
the answers of the last second may be missing, and no trial that ended.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tuningfork.arms.records import Prediction, TrialResult, Usage
from tuningfork.errors import LedgerError
from tuningfork.foundation.files import remove_leftovers
from tuningfork.study.ledger_errors import damaged, explained
from tuningfork.study.serial import result_from_json, result_to_json

SCHEMA_VERSION = 1
LEDGER_FILE = "ledger.sqlite"

_SCHEMA = """
CREATE TABLE facts (topic TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, key));
CREATE TABLE trials (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, arm TEXT NOT NULL, level INTEGER NOT NULL,
    n_labels INTEGER, seed INTEGER NOT NULL, status TEXT NOT NULL, record TEXT NOT NULL, ended REAL NOT NULL);
CREATE TABLE predictions (
    trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE, role TEXT NOT NULL, n INTEGER NOT NULL,
    labels BLOB NOT NULL, probabilities BLOB, row_seconds BLOB, PRIMARY KEY (trial, role));
CREATE TABLE responses (
    key TEXT PRIMARY KEY, provider TEXT NOT NULL, model TEXT NOT NULL, repeat INTEGER NOT NULL,
    request BLOB NOT NULL, response BLOB NOT NULL, cents REAL, seconds REAL NOT NULL, received REAL NOT NULL);
CREATE TABLE spending (
    id INTEGER PRIMARY KEY, requests INTEGER NOT NULL, billed INTEGER NOT NULL, prompt_tokens INTEGER,
    completion_tokens INTEGER, cents REAL, worst_cents REAL);
CREATE TABLE sessions (id INTEGER PRIMARY KEY, started REAL NOT NULL, seconds REAL NOT NULL);
"""

_ROLES = ("evaluation", "validation", "shifted")
_PATIENCE_SECONDS = 3.0
"""How long another program may hold the file; Ctrl-C waits for this too."""

_FLUSH_SECONDS = 1.0
"""Waiting for the disk after every answer would slow a fast server down."""


def has_begun(folder: Path) -> bool:
    """Whether the folder has a ledger. A file in which a run that was killed at its first step had not yet made any
    table is none."""
    path = folder / LEDGER_FILE
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(_address(path, "ro"), uri=True)) as connection:
            return bool(_tables(connection))
    except sqlite3.Error:
        return True  # whoever opens it is told what is wrong with it


class Ledger:
    """One study's ledger; thread-safe, and open for writing in one process at a time.

    Args:
        folder: the study's folder; made if need be.
        writable: take the study's lock. Without it, nothing can be written.

    Raises:
        LedgerError: the file is of a newer version, damaged, read-only, or another run holds the study.
    """

    def __init__(self, folder: Path, *, writable: bool = True) -> None:
        self.path = folder / LEDGER_FILE
        self._guard = threading.RLock()
        self._lock = FileLock(folder / ".lock") if writable else None
        self._flushed_at = time.monotonic()
        try:
            self._open(folder)
        except BaseException:
            self.close()
            raise

    def _open(self, folder: Path) -> None:
        try:
            if self._lock is not None:
                folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(timeout=0)
                remove_leftovers(folder)
            elif not self.path.is_file():
                raise LedgerError(
                    f"{folder} holds no study (no {LEDGER_FILE}). Name a folder that `tuningfork run` made."
                )
            self._connection = sqlite3.connect(
                _address(self.path, "ro" if self._lock is None else "rwc"),
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=_PATIENCE_SECONDS,
            )
            self._prepare()
        except Timeout as busy:
            raise LedgerError(
                f"{folder}: another run is working on this study. Wait for it, stop it, or give another --out folder."
            ) from busy
        except (OSError, sqlite3.Error) as error:
            raise explained(self.path, error) from error

    def _prepare(self) -> None:
        connection = self._connection
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > SCHEMA_VERSION:
            raise LedgerError(
                f"{self.path} was written by a newer tuningfork (schema {found}, this one knows {SCHEMA_VERSION}). "
                "Upgrade, or give another --out folder."
            )
        if found == 0:
            self._make_tables()
        if self._lock is not None:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    def _make_tables(self) -> None:
        """In an empty file only: whatever has tables and no version of ours is somebody else's."""
        if _tables(self._connection) or self._lock is None:
            raise LedgerError(f"{self.path} is no ledger of tuningfork. Give another --out folder.")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def close(self) -> None:
        """Let go of the file and of the study's lock."""
        if hasattr(self, "_connection"):
            self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # facts ------------------------------------------------------------------------------------------------

    def fact(self, topic: str, key: str) -> str | None:
        """A remembered value, or None."""
        rows = self._rows("SELECT value FROM facts WHERE topic = ? AND key = ?", topic, key)
        return str(rows[0][0]) if rows else None

    def facts(self, topic: str) -> dict[str, str]:
        """All values remembered under a topic."""
        return dict(self._rows("SELECT key, value FROM facts WHERE topic = ?", topic))

    def remember(self, topic: str, key: str, value: str) -> None:
        """Remember a value; a later one replaces it."""
        self._query("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", topic, key, value)

    # trials -----------------------------------------------------------------------------------------------

    def record(self, key: str, result: TrialResult) -> None:
        """Keep a trial that ended, with its predictions, in one transaction. An earlier result of the same trial is
        replaced: a failure, or one that hung on something else, such as a file of answers that has changed."""
        plan = result.plan
        with self._flushed(), self._transaction():
            self._query(
                "DELETE FROM trials WHERE key = ? OR (arm = ? AND level = ? AND n_labels IS ? AND seed = ?)",
                *(key, plan.arm, plan.level, plan.n_labels, plan.seed),
            )
            cursor = self._query(
                "INSERT INTO trials (key, arm, level, n_labels, seed, status, record, ended) VALUES (?,?,?,?,?,?,?,?)",
                *(
                    key,
                    plan.arm,
                    plan.level,
                    plan.n_labels,
                    plan.seed,
                    result.status,
                    result_to_json(result),
                    time.time(),
                ),
            )
            for role in _ROLES:
                prediction: Prediction | None = getattr(result, role)
                if prediction is not None:
                    self._query(
                        "INSERT INTO predictions VALUES (?,?,?,?,?,?)",
                        *(cursor.lastrowid, role, len(prediction), *_to_blobs(prediction)),
                    )

    def trials(self) -> dict[str, TrialResult]:
        """All trials that ended, by key, in the order they ended."""
        predictions: dict[int, dict[str, Prediction]] = {}
        with self._reading():
            for trial, role, n, *blobs in self._rows("SELECT * FROM predictions"):
                predictions.setdefault(trial, {})[role] = _from_blobs(n, *blobs)
            rows = self._rows("SELECT id, key, record FROM trials ORDER BY ended, id")
            return {key: result_from_json(record, predictions.get(trial, {})) for trial, key, record in rows}

    # responses and spending ---------------------------------------------------------------------------------

    def response(self, key: str) -> tuple[dict[str, Any], float | None, float, float] | None:
        """A journalled response: its body, dollars (or None), seconds, and when it was received."""
        with self._reading():
            rows = self._rows("SELECT response, cents, seconds, received FROM responses WHERE key = ?", key)
            if not rows:
                return None
            body, cents, seconds, received = rows[0]
            return json.loads(zlib.decompress(body)), None if cents is None else cents / 100, seconds, received

    def keep_response(
        self,
        key: str,
        *,
        provider: str,
        model: str,
        repeat: int,
        request: str,
        response: str,
        usd: float | None,
        seconds: float,
        received: float | None = None,
    ) -> None:
        """Keep a response for good, received now unless said otherwise. Bodies are JSON, compressed by zlib:
        candidates of tokens make them large."""
        cents = None if usd is None else usd * 100
        bodies = (zlib.compress(request.encode()), zlib.compress(response.encode()))
        due = time.monotonic() - self._flushed_at >= _FLUSH_SECONDS
        with self._flushed() if due else nullcontext():
            self._query(
                "INSERT OR IGNORE INTO responses VALUES (?,?,?,?,?,?,?,?,?)",
                *(key, provider, model, repeat, *bodies, cents, seconds, time.time() if received is None else received),
            )

    def open_spending(self, worst_usd: float | None, requests: int) -> int:
        """Write down that requests may leave; if the process dies now, their worst case stays on the bill."""
        cents = None if worst_usd is None else worst_usd * 100
        billed = worst_usd is None or worst_usd > 0
        cursor = self._query("INSERT INTO spending VALUES (NULL, ?, ?, NULL, NULL, NULL, ?)", requests, billed, cents)
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def settle_spending(self, ticket: int, *, usd: float | None, prompt_tokens: int, completion_tokens: int) -> None:
        """Replace the worst case of a request by what it took."""
        cents = None if usd is None else usd * 100
        self._query(
            "UPDATE spending SET prompt_tokens = ?, completion_tokens = ?, cents = ?, worst_cents = NULL WHERE id = ?",
            *(prompt_tokens, completion_tokens, cents, ticket),
        )

    def usd_committed(self) -> float:
        """Dollars settled plus the worst case of whatever was never settled."""
        ((cents,),) = self._rows("SELECT TOTAL(COALESCE(cents, 0) + COALESCE(worst_cents, 0)) FROM spending")
        return float(cents) / 100

    def usage(self) -> Usage:
        """All LLM traffic of the study. Dollars are those of the requests that somebody bills: None if there were
        none, or if the price of any is not known."""
        ((requests, prompt, completion),) = self._rows(
            "SELECT TOTAL(requests), TOTAL(prompt_tokens), TOTAL(completion_tokens) FROM spending"
        )
        ((billed, cents, unknown),) = self._rows(
            "SELECT COUNT(*), TOTAL(COALESCE(cents, worst_cents)), SUM(cents IS NULL AND worst_cents IS NULL) "
            "FROM spending WHERE billed"
        )
        usd = None if unknown or not billed else cents / 100
        return Usage(requests=int(requests), prompt_tokens=int(prompt), completion_tokens=int(completion), usd=usd)

    # time ---------------------------------------------------------------------------------------------------

    def start_session(self) -> int:
        """A run begins; returns its number."""
        cursor = self._query("INSERT INTO sessions (started, seconds) VALUES (?, 0)", time.time())
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def note_session(self, session: int, seconds: float) -> None:
        """This run has worked `seconds` so far."""
        self._query("UPDATE sessions SET seconds = ? WHERE id = ?", seconds, session)

    def seconds_spent(self) -> float:
        """Wall seconds over all runs of the study."""
        return float(self._rows("SELECT TOTAL(seconds) FROM sessions")[0][0])

    # -----------------------------------------------------------------------------------------------------

    def _query(self, sql: str, *values: object) -> sqlite3.Cursor:
        with self._guard:
            try:
                return self._connection.execute(sql, values)
            except sqlite3.Error as error:
                raise explained(self.path, error) from error

    def _rows(self, sql: str, *values: object) -> list[Any]:
        """All rows that a SELECT finds."""
        with self._guard:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise explained(self.path, error) from error

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A record that is not what was written, as an error that says what to do."""
        try:
            yield
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise damaged(self.path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._guard:
            self._query("BEGIN IMMEDIATE")
            try:
                yield
                self._query("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back where the disk is full
                    self._query("ROLLBACK")
                raise

    @contextmanager
    def _flushed(self) -> Iterator[None]:
        """What is written in the block, and all before it, is on the disk itself at the end: a power cut spares it."""
        with self._guard:
            self._query("PRAGMA synchronous = FULL")
            try:
                yield
            finally:
                self._query("PRAGMA synchronous = NORMAL")
                self._flushed_at = time.monotonic()


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _tables(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0])


def _to_blobs(prediction: Prediction) -> tuple[bytes, bytes | None, bytes | None]:
    return (
        prediction.labels.astype("<i4").tobytes(),
        None if prediction.probabilities is None else prediction.probabilities.astype("<f4").tobytes(),
        None if prediction.row_seconds is None else prediction.row_seconds.astype("<f8").tobytes(),
    )


def _from_blobs(n: int, labels: bytes, probabilities: bytes | None, row_seconds: bytes | None) -> Prediction:
    matrix: NDArray[np.float32] | None = None
    if probabilities is not None:
        matrix = np.frombuffer(probabilities, "<f4").astype(np.float32).reshape(n, -1)
    return Prediction(
        labels=np.frombuffer(labels, "<i4").astype(np.int32),
        probabilities=matrix,
        row_seconds=None if row_seconds is None else np.frombuffer(row_seconds, "<f8").astype(np.float64),
    )
