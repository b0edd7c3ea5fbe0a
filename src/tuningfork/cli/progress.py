"""Progress on stderr: a live line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from tuningfork.arms.results import TrialResult
from tuningfork.report.text import harmless, one_line
from tuningfork.study.events import Position
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.verdict_json import VerdictRecord

_LINE_EVERY_SECONDS = 20.0


class Progress:
    """Watches a study and tells a person how far it is; also tells of provisional verdicts."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._live = (
            Live(console=self._console, transient=True, refresh_per_second=4) if self._console.is_terminal else None
        )
        self._last_line = time.monotonic()
        self._last_reason = ""

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def announce(self, message: str) -> None:
        """A line that stays."""
        self._console.print(Text(one_line(message), style="dim"))

    def position(self, position: Position) -> None:
        """The live line; elsewhere a line now and then."""
        line = Text(harmless(_line(position), keep=""))
        if self._live is not None:
            self._live.update(line)
        elif time.monotonic() - self._last_line >= _LINE_EVERY_SECONDS:
            self._last_line = time.monotonic()
            self._console.print(line)

    def trial_ended(self, result: TrialResult) -> None:
        """Failures are told at once."""
        if result.failure is not None:
            self._console.print(Text(one_line(f"{result.plan.arm} failed: {result.failure}"), style="red"))

    def records(self, records: StudyRecords) -> None:
        """Nothing to tell beyond the verdict made of them."""

    def verdict(self, record: VerdictRecord) -> None:
        """A provisional verdict, when it says something new."""
        if record.provisional and record.reason != self._last_reason:
            self._last_reason = record.reason
            self._console.print(Text(one_line(f"So far: {record.reason}"), style="dim"))


def _line(position: Position) -> str:
    trial = position.trial
    labels = "" if trial.n_labels is None else f" at {trial.n_labels} labels, seed {trial.seed}"
    parts = [f"[{position.done}/{position.total} trials] {trial.arm}{labels}"]
    if position.rows_total:
        speed = "" if position.rows_per_second is None else f", {position.rows_per_second:.1f} a second"
        parts.append(f"{position.rows_done}/{position.rows_total} rows{speed}")
    if position.spent_usd is not None:
        parts.append(f"${position.spent_usd:.2f} spent")
    low, high = position.seconds_left
    parts.append(f"{_minutes(position.seconds_spent)} spent, {_minutes(low)} to {_minutes(high)} left")
    return "  ".join(parts)


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
