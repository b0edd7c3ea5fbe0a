"""Learning curves of a study beside scores that others published: where the one passes the other, and how surely."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, variance

from tuningfork.stats.student import t_quantile
from tuningfork.verdict.verdict_json import VerdictRecord

_LEVEL = 0.975
_MANY = 1e6
"""Degrees of freedom of what is known without estimating a spread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """An arm at one label count.

    Attributes:
        score: mean over runs.
        row_variance: of that mean, for the choice of evaluation rows, which the runs share: at most p (1 - p) / rows.
        run_variance: of that mean, for the choice of training samples; None of a single run.
        seconds: of training, median over runs; None where it is not known.
    """

    labels: int
    runs: int
    score: float
    row_variance: float
    run_variance: float | None
    seconds: float | None

    def half_width(self, other_variance: float = 0.0) -> float:
        """Of the 95 % interval, as Satterthwaite's t; `other_variance` is that of a score it is compared with."""
        runs = self.run_variance or 0.0
        total = self.row_variance + runs + other_variance
        freedom = total**2 * (self.runs - 1) / runs**2 if runs else _MANY
        return t_quantile(_LEVEL, min(freedom, _MANY)) * math.sqrt(total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """From how many labels an arm's mean is at or above a score.

    Attributes:
        at: the count, between measured ones on a straight line over the logarithm; None where it is never there.
        at_first: it was there at the smallest count already.
        ends: the 95 % interval's ends; None where the counts do not reach it.
        seconds: of training at the first measured count from `at` on; None where that is not known.
    """

    at: float | None
    at_first: bool
    ends: tuple[float | None, float | None]
    seconds: float | None


def curve_of(record: VerdictRecord, arm: str) -> list[Point]:
    """An arm's points, ascending; empty without such an arm."""
    rows = next((row.n_eval for row in record.arms if row.arm == arm), 0)
    counts = sorted({point.n_labels for point in record.curve if point.arm == arm and point.n_labels})
    return [_point(record, arm, count, rows) for count in counts]


def _point(record: VerdictRecord, arm: str, count: int, rows: int) -> Point:
    runs = [point for point in record.curve if point.arm == arm and point.n_labels == count]
    scores = [run.score for run in runs]
    score = fmean(scores)
    seconds = [run.seconds_train for run in runs if run.seconds_train is not None]
    return Point(
        labels=count,
        runs=len(runs),
        score=score,
        row_variance=variance_of(score, rows),
        run_variance=variance(scores) / len(scores) if len(scores) > 1 else None,
        seconds=median(seconds) if seconds else None,
    )


def variance_of(score: float, rows: int) -> float:
    """Of a share of `rows` independent rows, with one success and one failure added, so that none is sure."""
    share = (score * rows + 1) / (rows + 2)
    return share * (1 - share) / rows


def passing(curve: Sequence[Point], level: float, rows: int) -> Passing:
    """Where a curve passes a level that was measured on so many rows; both sides' luck is in the interval."""
    other = variance_of(level, rows)
    at = _reached(curve, level, lambda point: point.score)
    ends = (
        _reached(curve, level, lambda point: point.score + point.half_width(other)),
        _reached(curve, level, lambda point: point.score - point.half_width(other)),
    )
    first = curve[0].labels
    low, high = ends
    return Passing(
        at=at,
        at_first=at is not None and at <= first,
        ends=(None if low is None or low <= first else low, high),
        seconds=None if at is None else next(point.seconds for point in curve if point.labels >= at * (1 - 1e-9)),
    )


def at_count(curve: Sequence[Point], labels: float) -> tuple[float, float] | None:
    """Score and half width at a count, on a straight line over the logarithm; None outside the measured counts, but for
    the last tenth."""
    if not curve or not curve[0].labels <= labels <= 1.1 * curve[-1].labels:
        return None
    before = max((point for point in curve if point.labels <= labels), key=lambda point: point.labels)
    after = next((point for point in curve if point.labels >= labels), before)
    share = 0.0 if after is before else math.log(labels / before.labels) / math.log(after.labels / before.labels)
    score = before.score + share * (after.score - before.score)
    return score, before.half_width() + share * (after.half_width() - before.half_width())


def _reached(curve: Sequence[Point], level: float, of: Callable[[Point], float]) -> float | None:
    """The count from which a curve stays at or above a level; the first count where it begins there."""
    if of(curve[-1]) < level:
        return None
    place = len(curve) - 1
    while place > 0 and of(curve[place - 1]) >= level:
        place -= 1
    if place == 0:
        return float(curve[0].labels)
    below, above = curve[place - 1], curve[place]
    share = (level - of(below)) / (of(above) - of(below))
    return float(below.labels * (above.labels / below.labels) ** share)
