"""What a study hands to the verdict and the report: the task's rows, and every trial so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tuningfork.arms.results import TrialPlan, TrialResult, Usage
from tuningfork.profile.document import ProfileDocument
from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note, TaskData


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One verdict that a run of the study has given: who has seen one and asks again otherwise should say so.

    Attributes:
        at: when, in seconds since 1970.
        margin: of that day, in the metric's range.
        metric: that decided.
        arms: of the study, as given.
        call, recommendation, chosen_arm, difference: what was said; see `verdict.json`.
    """

    at: float
    margin: float
    metric: str
    arms: tuple[str, ...]
    call: str
    recommendation: str
    chosen_arm: str | None
    difference: float | None


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
        looks: the verdicts that earlier runs have given, in their order.
        questions: by arm, what its answers hang on now; answers to another question are none of this study's trials.
            Empty where a run of version 1 left it open.
        read: what was read of files that arms need beside the task's.
        model_sizes: parameters of models that no table has, by reference.
        profile: what the rows say, made after the last trial; None until then, and in studies without one.
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
    looks: tuple[Look, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    read: tuple[FileRead, ...] = ()
    model_sizes: Mapping[str, int] = field(default_factory=dict)
    profile: ProfileDocument | None = None
