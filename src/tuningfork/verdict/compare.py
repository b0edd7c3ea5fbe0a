"""Predictions made anywhere, compared on the same rows with the verdict's own arithmetic."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.answers.runs import RunAnswers
from tuningfork.errors import InputError
from tuningfork.metrics.metric import METRICS
from tuningfork.stats.calls import make_call, rows_needed, smallest_difference
from tuningfork.stats.crossed import PairedDifference, ScoreInterval
from tuningfork.task.units import Units, n_units
from tuningfork.verdict import numbers
from tuningfork.verdict.listed_answers import Runs, answers_in, draws_of, gold_labels, refuse_if_never_labels
from tuningfork.verdict.scores import Scorer
from tuningfork.verdict.verdict_json import Interval

Called = Literal["a", "b", "same", "undecided"]
Shown = Literal["better", "worse", "same", "no_worse", "undecided"]
TestSet = Literal["too_easy", "too_small"]

_EASY_SCORE, _FEW_DISCORDANT = 0.95, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sets of predictions on the same rows; scores and differences are fractions of the metric.

    Where a side has several runs, counts of rows are means over all pairs of a run of a and a run of b, rounded.

    Attributes:
        n: rows compared.
        n_units: how many draws they are: rows of one text or group count as one.
        score_a, score_b: with their own 95 % intervals, `ci95_a` and `ci95_b`; None where rows allow none.
        difference: b minus a, with its 95 % interval.
        p_value: two-sided, of no difference; None where the rows allow none.
        test: how, in plain words.
        call: the better one; 'same' within the margin by two one-sided tests; else 'undecided'.
        a_is, b_is: what is shown of one against the other: 'better'; 'same' within the margin; 'no_worse' than the
            other by the margin, by a one-sided test at 5 %, be the other a little ahead; 'worse'; else 'undecided'.
        a_behind_at_most, b_behind_at_most: the one-sided 95 % bounds behind 'no_worse'; negative: ahead by that at
            least.
        same_within: the two are shown to be the same within this.
        rows_needed: rows in all that would settle an undecided call with 80 % power; None where none would, or
            where the call is made.
        discordant: rows on which one is right and the other wrong (a mean over runs, rounded).
        gained, lost: rows that a has wrong and b right, and the other way round.
        changed: share of the rows that b answers otherwise than a, rightly or not.
        test_set: 'too_easy': both are right in 95 % of the rows or more, and fewer than 10 rows tell them apart, so
            that other rows may well do; 'too_small': undecided, and a difference of the margin would go unnoticed
            more often than one time in five; None where neither is, or where one is better.
        cautions: what limits the comparison, as codes of `stats.crossed`.
        unit: in which scores and differences are told.
    """

    n: int
    n_units: int
    metric: str
    margin: float
    score_a: float
    score_b: float
    ci95_a: Interval | None
    ci95_b: Interval | None
    difference: float
    ci95: Interval
    p_value: float | None
    test: str
    call: Called
    a_is: Shown
    b_is: Shown
    a_behind_at_most: float
    b_behind_at_most: float
    same_within: float
    rows_needed: int | None
    discordant: int
    gained: int
    lost: int
    changed: float
    test_set: TestSet | None
    cautions: tuple[str, ...]
    unit: str = "points"

    def summary(self) -> str:
        """The comparison in two or three sentences."""
        scores = f"a {numbers.score(self.score_a)}, b {numbers.score(self.score_b)} ({self.metric})"
        told = [f"b minus a {numbers.gap(self.difference, self.ci95, self.unit)}", numbers.p_value(self.p_value)]
        rows = f"on {numbers.count(self.n)} rows"
        if self.n_units < self.n:
            rows += f" that are {numbers.count(self.n_units)} {'draw' if self.n_units == 1 else 'draws'}"
        evidence = ", ".join(part for part in (*told, rows) if part)
        return f"{self._opening()} {scores}: {evidence}. {self._flips()}"

    def __str__(self) -> str:
        return self.summary()

    def _opening(self) -> str:
        if self.call in {"a", "b"}:
            return f"{self.call} is better."
        within = self._told(self.same_within)
        if self.call == "same":
            inside = f"inside the margin of {self._told(self.margin)}"
            return f"The same within {within}, {inside}.{self._why_not_told()}"
        more = None if self.rows_needed is None else self.rows_needed - self.n
        settles = (
            "" if more is None or more <= 0 else f" About {numbers.about(more)} more rows would probably settle it."
        )
        return f"{self._one_sided()}Undecided; the same within {within}.{self._why_not_told()}{settles}"

    def _one_sided(self) -> str:
        side = next((name for name, shown in (("a", self.a_is), ("b", self.b_is)) if shown == "no_worse"), None)
        if side is None:
            return ""
        return f"{side} is no worse by the margin of {self._told(self.margin)}; whether it is better is not shown. "

    def _told(self, value: float) -> str:
        return numbers.amount(value, self.unit)

    def _why_not_told(self) -> str:
        if self.test_set == "too_easy":
            return f" The rows are easy for both: {numbers.count(self.discordant)} of them tell the two apart."
        if self.test_set == "too_small":
            return f" The rows are too few to show a difference of {self._told(self.margin)}."
        return ""

    def _flips(self) -> str:
        share = f"{100 * self.changed:.0f} %" if self.changed >= 0.01 or self.changed == 0 else "under 1 %"
        return (
            f"b answers {share} of the rows otherwise: {numbers.count(self.gained)} right that a has wrong, "
            f"{numbers.count(self.lost)} wrong that a has right."
        )


def compare(
    gold: Iterable[Hashable],
    a: Iterable[Any],
    b: Iterable[Any],
    metric: str = "accuracy",
    groups: Iterable[Hashable] | None = None,
    margin: float = 0.03,
    texts: Iterable[str | None] | None = None,
    runs: bool = False,
) -> Comparison:
    """Compare two sets of predictions, b minus a.

    Args:
        gold: n labels, of any hashable kind.
        a, b: n predicted labels. A string that is a label but for its writing ('Refund', '1.0' for '1') is that label.
            None, NaN and other missing values are wrong answers, and so is a label that `gold` does not have.
        metric: a name in the metric registry.
        groups: n names; rows of a group count as one draw. A row whose name is None, NaN or '' is in no group.
        margin: the smallest difference that matters, a fraction of the score.
        texts: n texts; rows whose texts are equal but for case, blanks and ways of composing characters count as one
            draw. Without them copies of a row pass for independent ones.
        runs: `a`, `b` or both are n rows of k labels (a list a row, or an n x k array), one column a run of a recipe
            that is random, so that the claim is about the recipe and not about one trained model. Runs that answer
            alike in every row are taken for one; where an answer differs they are several, though their hits be equal.

    Raises:
        InputError: nothing to compare, lengths that differ, a gold label that is missing, predictions that are
            (almost) never labels of `gold`, lists without `runs`, a margin out of (0, 1), or a metric that these rows
            do not define.
        UnknownName: no such metric.
    """
    refuse_margin(margin)
    truth = gold_labels(gold)
    index = {label: number for number, label in enumerate(dict.fromkeys(truth))}
    first, second = (answers_in(side, given, truth, index, runs=runs) for side, given in (("a", a), ("b", b)))
    refuse_if_never_labels("a", first, second, index)
    refuse_if_never_labels("b", second, first, index)
    right = np.array([index[label] for label in truth], np.int32)
    return SameRows.of(right, draws_of(truth, groups, texts), metric).compare(first, second, margin)


def refuse_margin(margin: float) -> None:
    """Check a margin.

    Raises:
        InputError: it is no fraction between 0 and 1.
    """
    if not 0 < margin < 1:
        raise InputError(f"a margin is a fraction between 0 and 1, not {margin}", remedy="3 points are 0.03")


@dataclass(frozen=True, slots=True, eq=False)
class SameRows:
    """n rows that several sets of answers are compared on."""

    scorer: Scorer
    draws: int

    @classmethod
    def of(cls, right: NDArray[np.int32], units: Units, metric: str) -> Self:
        """Rows with these right labels.

        Args:
            right: shape (n,), indices of labels.
            units: the draw that each row belongs to.

        Raises:
            UnknownName: no such metric.
        """
        draws = n_units(units)
        return cls(Scorer(METRICS.get(metric), Categories(right), units if draws < len(right) else None), draws)

    def score(self, runs: Runs) -> tuple[float, Interval | None]:
        """A side's own score with its interval; None where the rows allow none.

        Raises:
            InputError: the metric is not defined on these rows.
        """
        found: ScoreInterval | None = self.scorer.interval_of(runs.answers, random=runs.random, redrawn=runs.redrawn)
        score = self.scorer.score(runs.answers)
        if score is None:
            name = self.scorer.metric.name
            raise InputError(f"{name} is not defined on these rows: gold has one label only", remedy="Use accuracy")
        return score, None if found is None else found.ci95

    def compare(self, a: Runs, b: Runs, margin: float) -> Comparison:
        """b minus a.

        Raises:
            InputError: the metric is not defined on these rows.
        """
        (score_a, ci95_a), (score_b, ci95_b) = self.score(a), self.score(b)
        d = self.scorer.difference(
            a.answers,
            b.answers,
            same_samples=False,
            random_a=a.random,
            random_b=b.random,
            redrawn_a=a.redrawn,
            redrawn_b=b.redrawn,
        )
        call = _called(d, margin)
        gained, lost = self._flips(a.answers, b.answers)
        return Comparison(
            n=d.n,
            n_units=self.draws,
            metric=self.scorer.metric.name,
            margin=margin,
            score_a=score_a,
            score_b=score_b,
            ci95_a=ci95_a,
            ci95_b=ci95_b,
            difference=d.difference,
            ci95=d.ci95,
            p_value=d.p_value,
            test=d.test,
            call=call,
            a_is=_shown(d, "a", call, margin),
            b_is=_shown(d, "b", call, margin),
            a_behind_at_most=d.no_worse_bound("a"),
            b_behind_at_most=d.no_worse_bound("b"),
            same_within=d.same_within,
            rows_needed=rows_needed(d, margin) if call == "undecided" else None,
            discordant=round(d.discordant),
            gained=gained,
            lost=lost,
            changed=_changed(a.answers, b.answers),
            test_set=self._too_easy_or_small(d, min(score_a, score_b), margin, call),
            cautions=d.cautions,
            unit=self.scorer.metric.unit,
        )

    def _flips(self, a: RunAnswers, b: RunAnswers) -> tuple[int, int]:
        """Rows that b alone has right, and a alone."""
        right_a, right_b = (answers.same(self.scorer.gold).mean(axis=1) for answers in (a, b))
        return round(float(((1 - right_a) * right_b).sum())), round(float((right_a * (1 - right_b)).sum()))

    def _too_easy_or_small(self, d: PairedDifference, lower: float, margin: float, call: Called) -> TestSet | None:
        if call in {"a", "b"}:
            return None
        if lower >= _EASY_SCORE and d.discordant < _FEW_DISCORDANT:
            return "too_easy"
        if call == "same":
            return None
        disagreement = min(1.0, d.discordant / d.n)
        return "too_small" if disagreement == 0 or smallest_difference(self.draws, disagreement) > margin else None


def _called(d: PairedDifference, margin: float) -> Called:
    called = make_call(d, margin=margin, cheaper=None)
    if called == "better":
        return "b" if d.difference > 0 else "a"
    return "same" if called == "same" else "undecided"


def _shown(d: PairedDifference, side: Literal["a", "b"], call: Called, margin: float) -> Shown:
    if call == side:
        return "better"
    if d.winner_allowed and d.no_worse_bound(side) < margin:
        return "same" if call == "same" else "no_worse"
    return "undecided" if call == "undecided" else "worse"


def _changed(a: RunAnswers, b: RunAnswers) -> float:
    return float(np.mean([(~b.same(one)).mean() for one in a.columns]))
