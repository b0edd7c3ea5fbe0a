"""Predictions as blobs: answers and seconds of rows at once, what is large only while somebody looks at it.

Labels of 100 000 rows are 400 kB a trial; the probabilities of 150 labels for each are 60 MB, and texts may be as long
as they like. A study has hundreds of trials, so that no more than one such blob may be in memory at a time. What the
bytes of answers mean is their kind's matter.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.column import Column
from tuningfork.answers.registry import KINDS
from tuningfork.arms.results import Prediction
from tuningfork.errors import UnknownName
from tuningfork.study.ledger_errors import damaged, explained, of_an_unknown_kind
from tuningfork.study.ledger_schema import connect

LONG_ANSWERS = 2**20
"""Bytes; answers of one trial that are longer stay on the disk too."""

_ANSWERS = """SELECT a.answers, a.kind, a.n
    FROM answers AS a JOIN trials AS t ON t.id = a.trial WHERE t.key = ? AND a.role = ? LIMIT 1"""
_CONFIDENCE = """SELECT a.confidence
    FROM answers AS a JOIN trials AS t ON t.id = a.trial WHERE t.key = ? AND a.role = ? LIMIT 1"""
_MATRIX = """SELECT p.matrix, p.axes
    FROM probabilities AS p JOIN trials AS t ON t.id = p.trial WHERE t.key = ? AND p.role = ? LIMIT 1"""

_Floats = NDArray[np.float32]


class Place(NamedTuple):
    """Where a prediction lies.

    Attributes:
        path: the ledger's file.
        key, role: of the trial there.
        trial: arm, labels and seed, for people.
    """

    path: Path
    key: str
    role: str
    trial: tuple[str, int | None, int]

    def told(self, what: str) -> str:
        """A part of it, for people."""
        arm, n_labels, seed = self.trial
        labels = "" if n_labels is None else f"{n_labels} labels, "
        return f"{what} for the {self.role} rows of {arm} ({labels}seed {seed})"

    def read(self, query: str, what: str) -> Any:
        """The one row that a query for it finds, from a connection of its own.

        Raises:
            LedgerError: the ledger cannot be read, or has no such row or nothing there now.
        """
        try:
            with closing(connect(self.path, writable=False)) as connection:
                found = connection.execute(query, (self.key, self.role)).fetchone()
        except (OSError, sqlite3.Error) as error:
            raise explained(self.path, error) from error
        if found is None or found[0] is None:
            raise damaged(self.path, LookupError("it is not there any more"), self.told(what))
        return found

    def column(self, kind: str, n: int, blob: bytes) -> Column:
        """The answers that a blob holds.

        Raises:
            LedgerError: it is not what was written, or no package that is here knows the kind.
        """
        try:
            return _columns_of(kind).from_blob(n, blob)
        except UnknownName as error:
            raise of_an_unknown_kind(self.path, error, self.told("the answers")) from error
        except (ValueError, TypeError) as error:
            raise damaged(self.path, error, self.told("the answers")) from error

    def floats(self, blob: bytes, n: int, axes: str | None, what: str) -> _Floats:
        """Numbers of 4 bytes in their shape.

        Args:
            n: rows.
            axes: the lengths of the axes after the first; None, as an earlier version left it: one, as long as there
                are numbers.

        Raises:
            LedgerError: they are too many or too few.
        """
        try:
            found = np.frombuffer(blob, "<f4").astype(np.float32, copy=False)
            return found.reshape((n, -1) if axes is None else (n, *map(int, axes.split())))
        except (ValueError, TypeError) as error:
            raise damaged(self.path, error, self.told(what)) from error

    def seconds(self, blob: bytes | None, n: int) -> NDArray[np.float64] | None:
        """Seconds of rows.

        Raises:
            LedgerError: they are not one a row.
        """
        if blob is None:
            return None
        try:
            return np.frombuffer(blob, "<f8").astype(np.float64, copy=False).reshape(n)
        except (ValueError, TypeError) as error:
            raise damaged(self.path, error, self.told("the seconds")) from error


class KeptPrediction(Prediction):
    """A prediction of which the large parts stay in the ledger: each time one is asked for it is read anew, from a
    connection of its own, also after whoever gave it out was closed.

    Args:
        place: where it lies.
        n: how many rows it has.
        answers: None where they are long.
        row_seconds: as ever.
        has_probabilities, has_confidence: whether there are any.

    Raises:
        LedgerError: on reading a part, where the ledger cannot be read or holds others now.
    """

    __slots__ = ("_answers", "_has", "_n", "_place")
    _answers: Column | None
    _has: tuple[bool, bool]
    _n: int
    _place: Place

    def __init__(
        self,
        place: Place,
        n: int,
        answers: Column | None,
        row_seconds: NDArray[np.float64] | None,
        *,
        has_probabilities: bool,
        has_confidence: bool,
    ) -> None:
        object.__setattr__(self, "_place", place)
        object.__setattr__(self, "_n", n)
        object.__setattr__(self, "_answers", answers)
        object.__setattr__(self, "row_seconds", row_seconds)
        object.__setattr__(self, "_has", (has_probabilities, has_confidence))

    def __len__(self) -> int:
        return self._n

    @property
    def answers(self) -> Column:
        """As they were recorded; long ones are read from the disk."""
        if self._answers is not None:
            return self._answers
        blob, kind, n = self._place.read(_ANSWERS, "the answers")
        return self._place.column(kind, n, blob)

    @property
    def probabilities(self) -> _Floats | None:
        """In the shape that they had, float32, read from the disk."""
        if not self._has[0]:
            return None
        blob, axes = self._place.read(_MATRIX, "the probabilities")
        return self._place.floats(blob, self._n, axes, "the probabilities")

    @property
    def confidence(self) -> _Floats | None:
        """Shape (n,), float32, read from the disk."""
        if not self._has[1]:
            return None
        (blob,) = self._place.read(_CONFIDENCE, "the confidence")
        return self._place.floats(blob, self._n, "", "the confidence")


ALL_PREDICTIONS = """SELECT t.key, t.arm, t.n_labels, t.seed, a.role, a.n, a.kind,
    CASE WHEN length(a.answers) <= ? THEN a.answers END, a.row_seconds,
    EXISTS (SELECT 1 FROM probabilities AS p WHERE p.trial = a.trial AND p.role = a.role),
    typeof(a.confidence) <> 'null'
    FROM answers AS a JOIN trials AS t ON t.id = a.trial"""
"""Key, arm, labels, seed and role of every prediction, and what `prediction_from` is given; the parameter is
LONG_ANSWERS. No blob that stays on the disk is read for it."""


def prediction_from(parts: Sequence[Any], place: Place) -> Prediction:
    """The prediction that a row of the ledger holds.

    Raises:
        LedgerError: it is not what was written.
    """
    n, kind, blob, row_seconds, has_probabilities, has_confidence = parts
    answers = None if blob is None else place.column(kind, n, blob)
    seconds = place.seconds(row_seconds, n)
    if answers is not None and not has_probabilities and not has_confidence:
        return Prediction(answers, row_seconds=seconds)
    return KeptPrediction(
        place, n, answers, seconds, has_probabilities=bool(has_probabilities), has_confidence=bool(has_confidence)
    )


@dataclass(frozen=True, slots=True)
class Blobs:
    """A prediction as the ledger keeps it.

    Attributes:
        n, kind, answers: rows, and what the kind makes of their answers.
        row_seconds: 8 bytes a row, where rows were answered one by one.
        confidence: 4 bytes a row, where there is any.
        probabilities: 4 bytes each, where there are any.
        axes: the lengths of the probabilities' axes after the first, with a space between.
    """

    n: int
    kind: str
    answers: bytes
    row_seconds: bytes | None
    confidence: bytes | None
    probabilities: bytes | None
    axes: str | None

    @classmethod
    def of(cls, prediction: Prediction) -> Blobs:
        """All that is to be written; a kept prediction is read from where it was."""
        answers, matrix = prediction.answers, prediction.probabilities
        return cls(
            n=len(answers),
            kind=answers.kind,
            answers=answers.to_blob(),
            row_seconds=_bytes(prediction.row_seconds, "<f8"),
            confidence=_bytes(prediction.confidence, "<f4"),
            probabilities=_bytes(matrix, "<f4"),
            axes=None if matrix is None else " ".join(map(str, matrix.shape[1:])),
        )

    def kept(self, prediction: Prediction, place: Place) -> Prediction:
        """The same prediction without its large parts in memory, now that the ledger has it."""
        is_long = len(self.answers) > LONG_ANSWERS
        if not is_long and self.probabilities is None and self.confidence is None:
            return prediction
        return KeptPrediction(
            place,
            self.n,
            None if is_long else prediction.answers,
            prediction.row_seconds,
            has_probabilities=self.probabilities is not None,
            has_confidence=self.confidence is not None,
        )


@cache
def _columns_of(kind: str) -> type[Column]:
    return KINDS.get(kind)


def _bytes(values: NDArray[Any] | None, layout: str) -> bytes | None:
    return None if values is None else values.astype(layout, copy=False).tobytes()
