"""What the learning-curve plot shows: curves of trained arms, levels of arms without one, and crossings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from tuningfork.arms.results import Side
from tuningfork.arms.spec import ArmSpec
from tuningfork.report.words import higher_is_better
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.label_counts import Place, place_of
from tuningfork.verdict.names import name_of
from tuningfork.verdict.verdict_json import ArmRow, Interval, VerdictRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One arm's scores by label count, one score a seed; `leads` if it is the arm its side is judged by, and it is
    compared at `compared_at`."""

    name: str
    side: Side
    leads: bool
    scores: Mapping[int, tuple[float, ...]]
    compared_at: int | None

    @property
    def decided(self) -> tuple[tuple[int, float], ...]:
        """The means up to the count at which the arm is compared; beyond it there are too few runs for a claim."""
        return tuple((n, mean) for n, mean in self.means if self.compared_at is None or n <= self.compared_at)

    @property
    def means(self) -> tuple[tuple[int, float], ...]:
        """Label count and mean score, ascending."""
        return tuple((count, fmean(scores)) for count, scores in sorted(self.scores.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """An arm whose score is no function of the labels here."""

    name: str
    side: Side
    leads: bool
    score: float
    ci95: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Break-even labels of one kind, at a known count.

    Attributes:
        place: with its interval, whose ends the counts may not reach.
        settled: whether it may be stated as a fact.
    """

    place: Place
    at: float
    extrapolated: bool
    settled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveData:
    """All of the plot; at least one curve.

    Attributes:
        settled: whether it may be stated as a fact who is ahead at the measured counts.
        higher_is_better: False of errors.
        rival: the LLM's arm in a title; of answers made elsewhere nobody knows that the LLM was prompted.
    """

    curves: tuple[Curve, ...]
    levels: tuple[Level, ...]
    crossings: tuple[Crossing, ...]
    pool: int
    settled: bool
    higher_is_better: bool
    rival: str

    @property
    def last_count(self) -> int:
        """The largest label count that was measured."""
        return max(count for curve in self.curves for count in curve.scores)


def curve_data(record: VerdictRecord, records: StudyRecords) -> CurveData | None:
    """The plot's data; None where no arm was measured at a known label count."""
    compared = _compared(record)
    curves: list[Curve] = []
    levels: list[Level] = []
    for row in record.arms:
        if row.score is None or row.is_unread:
            continue
        curve = _curve(row, record, records, leads=row.arm in compared)
        if curve is not None:
            curves.append(curve)
        else:
            levels.append(_level(row, leads=row.arm in compared))
    if not curves:
        return None
    return CurveData(
        curves=tuple(curves),
        levels=tuple(levels),
        crossings=_crossings(record),
        pool=len(records.task.pool),
        settled=_is_settled(record),
        higher_is_better=higher_is_better(record),
        rival=_rival(record),
    )


def _compared(record: VerdictRecord) -> set[str]:
    if record.comparison is not None:
        return {record.comparison.llm_arm, record.comparison.fine_tuned_arm}
    chosen = record.if_you_must_choose
    return set() if chosen is None else {chosen.arm}


def _curve(row: ArmRow, record: VerdictRecord, records: StudyRecords, *, leads: bool) -> Curve | None:
    """Trained arms have a curve, others where several counts were asked for: draws of fixed shots are one level."""
    done = [trial.plan for trial in records.trials if trial.plan.arm == row.arm and trial.status == "done"]
    if row.side == "llm" and len({plan.level for plan in done}) < 2:
        return None
    scores: dict[int, list[float]] = {}
    for point in record.curve:
        if point.arm == row.arm and point.n_labels:
            scores.setdefault(point.n_labels, []).append(point.score)
    if not scores:
        return None
    by_count = {count: tuple(scores[count]) for count in sorted(scores)}
    name = name_of(row.arm, row.side).short
    return Curve(name=name, side=row.side, leads=leads, scores=by_count, compared_at=row.n_labels)


def _level(row: ArmRow, *, leads: bool) -> Level:
    assert row.score is not None, "arms without a score are not shown"
    name = name_of(row.arm, row.side).short
    return Level(name=name, side=row.side, leads=leads, score=row.score, ci95=row.ci95)


def _rival(record: VerdictRecord) -> str:
    elsewhere = record.comparison is not None and ArmSpec.parse(record.comparison.llm_arm).family == "predictions"
    return "the LLM" if elsewhere else "the prompt"


def _is_settled(record: VerdictRecord) -> bool:
    mean = place_of(record.break_even_labels, "mean")
    return mean.is_settled(record.call) if mean.known else record.call == "better"


def _crossings(record: VerdictRecord) -> tuple[Crossing, ...]:
    found = record.break_even_labels
    places = (place_of(found, "mean"), place_of(found, "reliable"))
    return tuple(
        Crossing(
            place=place,
            at=place.at,
            extrapolated=found.extrapolated,
            settled=place.is_settled(record.call) and not found.extrapolated,
        )
        for place in places
        if place.at is not None and place.at > 0
    )
