"""Answers that the task itself gives: its type, its label count, a study's learning curve, a shift test.

Everything comes in as plain data, so that whoever measures (profile, study) need not be known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from tuningfork.guide.answers import Answer, Confidence
from tuningfork.guide.walk import Reply
from tuningfork.task.documents import parse_document
from tuningfork.task.schema import TaskData
from tuningfork.task.task_type import TASK_TYPES

FEW_ON_AVERAGE = 100
"""Labelled rows below which published comparisons mostly favour the prompt (Pecher et al., arXiv 2402.12819)."""
ENOUGH_RELIABLY = 300
"""Labelled rows above which trained models mostly caught up for nearly every sample: 100 to 200 % more (the same)."""
ENOUGH_WITH_TWO_LABELS = 5000
"""The same with two labels, which took up to 5 000 rows (the paper's second version)."""
FEW_A_LABEL = 6
"""Rows a label below which the count is few whatever the total."""
_POWER_THAT_COUNTS = 0.8
_SLIGHT = 0.65
"""AUC of a classifier below which rows of a test file are no other distribution, however surely they differ: with a
thousand rows a few rarer labels are enough for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEvenFacts:
    """What a study found of the labels that its trained arm needs to match the prompt.

    Attributes:
        mean, reliable: break-even labels, None where not reached or not estimable.
        mean_ci95: the 95 % interval of `mean`; an end that the measured counts do not reach is None. None without one.
        extrapolated: they lie beyond the measured counts.
        ahead: at its largest count the interval of the trained arm's lead over the prompt lies above 0 (True), below
            (False), or on both sides (None).
    """

    mean: float | None = None
    reliable: float | None = None
    mean_ci95: tuple[float | None, float | None] | None = None
    extrapolated: bool = False
    ahead: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftFacts:
    """What a test for shift between labelled rows and rows in use found.

    Attributes:
        rows: which rows were compared with the labelled ones, for people: 'test', 'shifted'.
        detected: whether they differ; None where the test could not say.
        method: the test's name.
        power: chance that the test would have seen a shift worth seeing, in [0, 1]; None where not known.
        separation: how well a classifier tells the files apart (AUC, 0.5 to 1); None where not known.
        repeats_only: they differ in how often texts repeat, not in what they say.
    """

    rows: str
    detected: bool | None
    method: str
    p_value: float | None = None
    power: float | None = None
    separation: float | None = None
    repeats_only: bool = False

    @property
    def is_slight(self) -> bool:
        """Whether a classifier hardly tells the rows apart, however surely they differ."""
        return self.separation is not None and self.separation < _SLIGHT

    @property
    def counts(self) -> bool:
        """Whether it answers that rows differ: by more than repeats, and more than slightly unless given as shifted."""
        return bool(self.detected) and not self.repeats_only and (self.rows == "shifted" or not self.is_slight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a task without asking anybody.

    Attributes:
        output_kind: 'category', 'number', …; None where there is no task.
        labelled_rows: rows with a label that can be trained on.
        labels: how many different labels there are; None where rows have options of their own.
    """

    output_kind: str | None = None
    labelled_rows: int | None = None
    labels: int | None = None
    break_even: BreakEvenFacts | None = None
    shift: ShiftFacts | None = None


def facts_of(data: TaskData, *, shift: ShiftFacts | None = None) -> Facts:
    """What a task's own rows say. Rows of a separate test file count too: they are labelled."""
    kind = TASK_TYPES.get(data.spec.type)
    return Facts(
        output_kind=kind.kind,
        labelled_rows=len(data.pool) + len(data.validation) + len(data.evaluation),
        labels=None if kind.options else len(data.labels),
        shift=shift,
    )


def answers_from(facts: Facts) -> dict[str, Answer]:
    """Answers to the flow's questions, as far as the facts go; what they do not say is not in it."""
    answers: dict[str, Answer] = {}
    if facts.output_kind is not None:
        answers |= _from_output_kind(facts.output_kind)
    if facts.labelled_rows is not None:
        answers["few_labels"] = _few_labels(facts, facts.labelled_rows)
    if facts.shift is not None:
        answers["out_of_distribution"] = _shifted(facts.shift)
    return answers


class _KindAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: Literal["yes", "no"]
    why: str

    @field_validator("answer", mode="before")
    @classmethod
    def _as_word(cls, value: object) -> object:
        """YAML reads a bare yes or no as a truth value."""
        return ("yes" if value else "no") if isinstance(value, bool) else value


class _Kinds(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    output_kinds: Mapping[str, Mapping[str, _KindAnswer]]


@cache
def _kinds() -> _Kinds:
    text = files("tuningfork.guide.data").joinpath("output_kinds.yaml").read_text(encoding="utf-8")
    return parse_document(text, "output_kinds.yaml").as_model(_Kinds)


def _from_output_kind(kind: str) -> dict[str, Answer]:
    """One task file is one task; what its output is answers further questions by definition."""
    one = Answer("no", "task file", "the task file describes one task", "high")
    told = _kinds().output_kinds.get(kind, {})
    return {"multiple_tasks": one} | {
        name: Answer(row.answer, "task type", row.why, "high") for name, row in told.items()
    }


def _few_labels(facts: Facts, rows: int) -> Answer:
    found = facts.break_even
    by_count = _by_count(rows, facts.labels)
    if found is None or (found.mean is None and found.ahead is None):
        return by_count
    if _lies_within(found, rows):
        told = f"this study's own break-even is not settled: {_interval_told(found)}"
        sure: Confidence = "low" if by_count.confidence == "low" else "medium"
        return Answer(by_count.reply, by_count.source, f"{by_count.method}; {told}", sure)
    return _by_learning_curve(found, rows)


def _lies_within(found: BreakEvenFacts, rows: int) -> bool:
    """Whether the rows at hand lie in the interval of the break-even, so that the curve does not answer."""
    if found.mean is None or found.mean_ci95 is None or found.extrapolated:
        return False
    low, high = found.mean_ci95
    return (low is None or rows >= low) and (high is None or rows < high)


def _interval_told(found: BreakEvenFacts) -> str:
    low, high = found.mean_ci95 or (None, None)
    ends = f"{'below the counts tried' if low is None else f'{low:,.0f}'} to "
    return f"anywhere from {ends}{'above the counts tried' if high is None else f'{high:,.0f}'} labels"


def _by_learning_curve(found: BreakEvenFacts, rows: int) -> Answer:
    """The measured or interpolated break-even of this very task, where it tells on which side the rows lie."""

    def say(reply: Literal["yes", "no"], told: str, confidence: Confidence) -> Answer:
        return Answer(reply, "learning curve", f"{rows:,} labelled rows; {told}", confidence)

    sure: Confidence = "low" if found.mean_ci95 is None else "medium" if found.extrapolated else "high"
    if found.mean is None:
        if found.ahead:
            return say("no", "the trained arm is ahead of the prompt", "high")
        return say("yes", "the trained arm does not reach the prompt with them", "medium")
    if rows < found.mean:
        return say("yes", f"the trained arm matches the prompt from about {found.mean:,.0f} on", sure)
    if found.reliable is not None and rows >= found.reliable:
        return say("no", f"the trained arm matches the prompt reliably from about {found.reliable:,.0f} on", sure)
    sure = "low" if sure == "low" else "medium"
    return say("no", f"the trained arm matches the prompt in the mean from about {found.mean:,.0f} on", sure)


def _by_count(rows: int, labels: int | None) -> Answer:
    """Published break-even counts, where nothing was measured on this task."""

    def say(reply: Literal["yes", "no", "unknown"], told: str, confidence: Confidence) -> Answer:
        return Answer(reply, "label count", f"{rows:,} labelled rows; {told}", confidence)

    if rows < FEW_ON_AVERAGE:
        told = f"published break-evens are near {FEW_ON_AVERAGE} on average"
        return say("yes", told, "high" if rows < FEW_ON_AVERAGE // 2 else "medium")
    if labels is not None and rows < FEW_A_LABEL * labels:
        return say("yes", f"under {FEW_A_LABEL} for each of {labels} labels", "medium")
    if rows < ENOUGH_RELIABLY:
        told = (
            f"between {FEW_ON_AVERAGE}, the published average break-even, and {ENOUGH_RELIABLY}, where it is reliable"
        )
        return say("unknown", told, "low")
    if labels == 2 and rows < ENOUGH_WITH_TWO_LABELS:
        told = f"past {ENOUGH_RELIABLY}, though two labels have taken up to {ENOUGH_WITH_TWO_LABELS:,}"
        return say("no", told, "low")
    return say("no", f"past {ENOUGH_RELIABLY}, where published break-evens are reliable", "medium")


def _shifted(shift: ShiftFacts) -> Answer:
    known = "" if shift.p_value is None else f", p = {shift.p_value:.3g}"
    told = f"{shift.method} on the {shift.rows} rows{known}"
    reply: Reply = "yes" if shift.counts else "unknown"
    if shift.detected and shift.repeats_only:
        told = f"{told}: they differ from the labelled rows only in how often texts repeat"
        return Answer(reply, "shift test", told, "low")
    if shift.detected and shift.is_slight:
        told = f"{told}: they differ from the labelled rows, but so little that a classifier hardly tells them apart"
        return Answer(reply, "shift test", f"{told} (AUC {shift.separation:.2f})", "low")
    if shift.detected:
        apart = "" if shift.separation is None else f" (AUC {shift.separation:.2f})"
        return Answer("yes", "shift test", f"{told}: they differ from the labelled rows{apart}", "high")
    if shift.detected is not None and shift.power is not None and shift.power >= _POWER_THAT_COUNTS:
        return Answer("no", "shift test", f"{told}: no shift seen, with power {shift.power:.2f}", "medium")
    return Answer("unknown", "shift test", f"{told}: no shift seen, but a small one could have been missed", "low")
