"""Predictions as blobs: labels and seconds of rows at once, probabilities only while somebody looks at them.

Labels of 100 000 rows are 400 kB a trial; the probabilities of 150 labels for each are 60 MB. A study has hundreds of
trials, so that no more than one matrix may be in memory at a time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.records import Prediction
from tuningfork.study.ledger_errors import damaged, explained
from tuningfork.study.ledger_schema import connect

Probabilities = NDArray[np.float32]


class KeptPrediction(Prediction):
    """A prediction whose probabilities stay in the ledger: each time they are asked for they are read anew, from a
    connection of their own, also after whoever gave it out was closed.

    Args:
        path: the ledger's file.
        key, role: of the trial there.

    Raises:
        LedgerError: on reading `probabilities`, where the ledger cannot be read or holds others now.
    """

    __slots__ = ("_place",)
    _place: tuple[Path, str, str]

    def __init__(
        self, labels: NDArray[np.int32], row_seconds: NDArray[np.float64] | None, path: Path, key: str, role: str
    ) -> None:
        for name, value in {"labels": labels, "row_seconds": row_seconds, "_place": (path, key, role)}.items():
            object.__setattr__(self, name, value)

    @property
    def probabilities(self) -> Probabilities | None:
        """Shape (n, labels), float32, read from the disk."""
        path, key, role = self._place
        try:
            with closing(connect(path, writable=False)) as connection:
                found = connection.execute(_MATRIX, (key, role)).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise explained(path, error) from error
        try:
            return _matrix(found[0], len(self))
        except (TypeError, ValueError) as error:
            raise damaged(path, error) from error


_MATRIX = (
    "SELECT p.matrix FROM probabilities AS p JOIN trials AS t ON t.id = p.trial WHERE t.key = ? AND p.role = ? LIMIT 1"
)


def prediction_from(
    labels: bytes, row_seconds: bytes | None, *, has_probabilities: bool, path: Path, key: str, role: str
) -> Prediction:
    """The prediction that a row of the ledger holds."""
    found = np.frombuffer(labels, "<i4").astype(np.int32)
    seconds = None if row_seconds is None else np.frombuffer(row_seconds, "<f8").astype(np.float64)
    if has_probabilities:
        return KeptPrediction(found, seconds, path, key, role)
    return Prediction(labels=found, row_seconds=seconds)


def kept(prediction: Prediction, path: Path, key: str, role: str) -> Prediction:
    """The same prediction without its matrix in memory, now that the ledger has it."""
    return KeptPrediction(prediction.labels, prediction.row_seconds, path, key, role)


def labels_blob(prediction: Prediction) -> bytes:
    """Indices of labels, 4 bytes a row."""
    return prediction.labels.astype("<i4").tobytes()


def seconds_blob(prediction: Prediction) -> bytes | None:
    """Seconds of rows answered one by one, 8 bytes a row."""
    return None if prediction.row_seconds is None else prediction.row_seconds.astype("<f8").tobytes()


def matrix_blob(prediction: Prediction) -> bytes | None:
    """Probabilities row by row, 4 bytes each."""
    matrix = prediction.probabilities
    return None if matrix is None else matrix.astype("<f4", copy=False).tobytes()


def _matrix(blob: bytes, rows: int) -> Probabilities:
    return np.frombuffer(blob, "<f4").astype(np.float32, copy=False).reshape(rows, -1)
