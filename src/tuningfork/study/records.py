"""What a study hands to the verdict and the report: the task's rows, and every trial so far."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.arms.records import TrialPlan, TrialResult, Usage
from tuningfork.profile.document import ProfileDocument
from tuningfork.task.schema import Note, TaskData


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One verdict of this study that somebody could see.

    Attributes:
        at: seconds since 1970.
        margin, metric, arms: what was asked.
        call, recommendation: what was told.
    """

    at: float
    margin: float
    metric: str
    arms: tuple[str, ...]
    call: str
    recommendation: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyRecords:
    """The state of a study, read from its ledger.

    Attributes:
        task: the rows in their roles.
        arms: specs as given, in the order of the study.
        trials: finished, failed and stopped trials, in the order they ended.
        remaining: trials still planned; the verdict is provisional while there are any.
        usage: all LLM traffic of the study, over all its runs.
        seconds: wall time spent, over all runs, downloads not counted.
        usd_per_hour: the machine's price if the user gave one; local arms have dollars only then.
        notes: of the study itself (budget cuts, fallbacks).
        environment: versions and machine, in pairs.
        profile: what the rows say, made after the last trial; None until then, and in studies without one.
        looks: verdicts of this study that were told before, in order.
    """

    task: TaskData
    arms: tuple[str, ...]
    trials: tuple[TrialResult, ...]
    remaining: tuple[TrialPlan, ...]
    usage: Usage
    seconds: float
    usd_per_hour: float | None
    notes: tuple[Note, ...]
    environment: tuple[tuple[str, str], ...]
    profile: ProfileDocument | None = None
    looks: tuple[Look, ...] = ()
