"""What a running study tells whoever watches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tuningfork.arms.results import TrialPlan, TrialResult
from tuningfork.study.records import StudyRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """How far the study is.

    Attributes:
        done, total: trials.
        trial: the running one.
        rows_done, rows_total: of the running step of it.
        rows_per_second: of the running step, None until known.
        spent_usd: None while no request has a known price.
        seconds_spent, seconds_left: seconds over all runs; the range (low, high) of what is still to come.
    """

    done: int
    total: int
    trial: TrialPlan
    rows_done: int
    rows_total: int
    rows_per_second: float | None
    spent_usd: float | None
    seconds_spent: float
    seconds_left: tuple[float, float]


class Observer(Protocol):
    """Watches a study; every method returns at once."""

    def announce(self, message: str) -> None:
        """Something a person should know now: a download, a fallback, a cut."""

    def position(self, position: Position) -> None:
        """Progress, a few times a second at most."""

    def trial_ended(self, result: TrialResult) -> None:
        """A trial ended, well or not."""

    def records(self, records: StudyRecords) -> None:
        """Enough has changed for a new provisional verdict."""


class Silent:
    """Watches and says nothing."""

    def announce(self, message: str) -> None:
        """Say nothing."""

    def position(self, position: Position) -> None:
        """Say nothing."""

    def trial_ended(self, result: TrialResult) -> None:
        """Say nothing."""

    def records(self, records: StudyRecords) -> None:
        """Say nothing."""
