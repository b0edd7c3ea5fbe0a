"""Provisional verdicts while a study runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tuningfork.study.events import Observer
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.files import write_verdict
from tuningfork.verdict.verdict_json import VerdictRecord

OnVerdict = Callable[[VerdictRecord], None]
"""Is given every provisional verdict, and the last one."""


class ProvisionalVerdicts:
    """Passes everything on, and turns new records into a provisional verdict on disk: a few times a minute, and at
    once when a side has its first answers."""

    _PAUSE_SECONDS = 5.0

    def __init__(self, observer: Observer, on_verdict: OnVerdict | None, path: Path) -> None:
        self._observer, self._on_verdict, self._path = observer, on_verdict, path
        self._next = 0.0
        self._sides: frozenset[str] = frozenset()
        self.announce = observer.announce
        self.position = observer.position
        self.trial_ended = observer.trial_ended

    def records(self, records: StudyRecords) -> None:
        """A provisional verdict, if the last one is old enough or knew fewer sides."""
        now = time.monotonic()
        sides = frozenset(trial.side for trial in records.trials if trial.evaluation is not None)
        if not records.remaining or (now < self._next and sides == self._sides):
            return
        self._sides = sides
        record = decide(records)
        write_verdict(self._path, record)
        if self._on_verdict is not None:
            self._on_verdict(record)
        self._observer.records(records)
        cost = time.monotonic() - now
        self._next = now + max(self._PAUSE_SECONDS, 20 * cost)
