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
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from tuningfork.arms.results import Prediction, TrialResult, Usage
from tuningfork.errors import LedgerError
from tuningfork.foundation.files import remove_leftovers
from tuningfork.study.ledger_blobs import ALL_PREDICTIONS, LONG_ANSWERS, Blobs, Place, prediction_from
from tuningfork.study.ledger_errors import damaged, explained
from tuningfork.study.ledger_schema import LEDGER_FILE, SCHEMA_VERSION, connect, has_begun
from tuningfork.study.records import Look
from tuningfork.study.serial import result_from_json, result_to_json

__all__ = ["LEDGER_FILE", "SCHEMA_VERSION", "Ledger", "has_begun"]

_FLUSH_SECONDS = 1.0
"""Waiting for the disk after every answer would slow a fast server down."""


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
            self._connection = connect(self.path, writable=self._lock is not None)
        except Timeout as busy:
            raise LedgerError(
                f"{folder}: another run is working on this study. Wait for it, stop it, or give another --out folder."
            ) from busy
        except (OSError, sqlite3.Error) as error:
            raise explained(self.path, error) from error

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

    def record(self, key: str, result: TrialResult) -> TrialResult:
        """Keep a trial that ended, with its predictions, in one transaction; what is given back reads what is large of
        them from here, so that it need not stay in memory.

        An earlier result of the same key is replaced, and so is a failure of the same trial under another. One that
        hung on something else stays, in case that comes back; one of which nobody knows what it hung on stays until
        this trial is done.
        """
        plan = result.plan
        blobs = {role: Blobs.of(prediction) for role, prediction in result.predictions.items()}
        with self._flushed(), self._transaction():
            self._query(
                "DELETE FROM trials WHERE key = ? OR ((status <> 'done' OR (question IS NULL AND ?)) "
                "AND arm = ? AND level = ? AND n_labels IS ? AND seed = ?)",
                *(key, result.status == "done", plan.arm, plan.level, plan.n_labels, plan.seed),
            )
            named = (plan.arm, plan.level, plan.n_labels, plan.seed, result.status)
            cursor = self._query(
                "INSERT INTO trials (key, arm, level, n_labels, seed, status, record, ended, question, label_space, "
                "draw, needs) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                *(key, *named, result_to_json(result), time.time(), result.question, result.label_space, result.draw),
                json.dumps(dict(result.needs), ensure_ascii=False) if result.needs else None,
            )
            for role, found in blobs.items():
                self._query(
                    "INSERT INTO answers (trial, role, n, kind, answers, row_seconds, confidence) "
                    "VALUES (?,?,?,?,?,?,?)",
                    *(cursor.lastrowid, role, found.n, found.kind, found.answers, found.row_seconds, found.confidence),
                )
                if found.probabilities is not None:
                    self._query(
                        "INSERT INTO probabilities (trial, role, matrix, axes) VALUES (?,?,?,?)",
                        *(cursor.lastrowid, role, found.probabilities, found.axes),
                    )
        return result.with_predictions(
            {
                role: blobs[role].kept(prediction, Place(self.path, key, role, (plan.arm, plan.n_labels, plan.seed)))
                for role, prediction in result.predictions.items()
            }
        )

    def trials(self) -> dict[str, TrialResult]:
        """All trials that ended, by key, in the order they ended; what is large of their answers is read when asked
        for.

        Raises:
            LedgerError: something in it is not what was written, or of a kind that no package here knows.
        """
        predictions: dict[str, dict[str, Prediction]] = {}
        for key, arm, n_labels, seed, role, *parts in self._rows(ALL_PREDICTIONS, LONG_ANSWERS):
            place = Place(self.path, key, role, (arm, n_labels, seed))
            predictions.setdefault(key, {})[role] = prediction_from(parts, place)
        rows = self._rows("SELECT key, record, question, label_space, draw, needs FROM trials ORDER BY ended, id")
        with self._reading():
            return {
                key: result_from_json(
                    record,
                    predictions.get(key, {}),
                    question=question,
                    label_space=label_space,
                    draw=draw,
                    needs={} if needs is None else json.loads(needs),
                )
                for key, record, question, label_space, draw, needs in rows
            }

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
        """Keep a response for good, received now unless said otherwise. Bodies are JSON, compressed by zlib: candidates
        of tokens make them large."""
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

    # looks --------------------------------------------------------------------------------------------------

    def add_look(self, look: Look) -> None:
        """Keep what somebody was told; nothing takes it away again."""
        with self._flushed():
            self._query(
                "INSERT INTO looks (at, margin, metric, arms, call, recommendation, chosen_arm, difference) "
                "VALUES (?,?,?,?,?,?,?,?)",
                *(look.at, look.margin, look.metric, json.dumps(look.arms)),
                *(look.call, look.recommendation, look.chosen_arm, look.difference),
            )

    def looks(self) -> tuple[Look, ...]:
        """All verdicts that this study has given, in their order."""
        with self._reading():
            return tuple(
                Look(
                    at=at,
                    margin=margin,
                    metric=metric,
                    arms=tuple(json.loads(arms)),
                    call=call,
                    recommendation=recommendation,
                    chosen_arm=chosen_arm,
                    difference=difference,
                )
                for at, margin, metric, arms, call, recommendation, chosen_arm, difference in self._rows(
                    "SELECT at, margin, metric, arms, call, recommendation, chosen_arm, difference "
                    "FROM looks ORDER BY id"
                )
            )

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
