"""Predictions made anywhere, compared on the same rows with the verdict's own arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.records import NO_LABEL
from tuningfork.errors import InputError
from tuningfork.foundation.in_memory import is_blank, is_missing, plain_values
from tuningfork.metrics.metric import METRICS
from tuningfork.stats.calls import make_call, rows_needed
from tuningfork.stats.crossed import PairedDifference
from tuningfork.task.answers.labels import FEWEST_ANSWERS, LEAST_SHARE_OF_LABELS
from tuningfork.task.units import Units, n_units, units_of
from tuningfork.task.wording import shown
from tuningfork.task.written_alike import WrittenAlike
from tuningfork.verdict import numbers
from tuningfork.verdict.records import Interval
from tuningfork.verdict.scores import Answers, Scorer

Called = Literal["a", "b", "same", "undecided"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sets of predictions on the same rows; scores and differences are fractions of the metric.

    Attributes:
        n: rows compared.
        n_units: how many draws they are: rows of one text or group count as one.
        difference: b minus a, with its 95 % interval.
        p_value: two-sided, of no difference; None where the rows allow none.
        test: how, in plain words.
        call: the better one; 'same' within the margin by two one-sided tests; else 'undecided'.
        same_within: the two are shown to be the same within this.
        rows_needed: rows in all that would settle an undecided call with 80 % power; None where none would, or
            where the call is made.
        discordant: rows on which one is right and the other wrong (a mean over runs, rounded).
        cautions: what limits the comparison, as codes of `stats.crossed`.
    """

    n: int
    n_units: int
    metric: str
    margin: float
    score_a: float
    score_b: float
    difference: float
    ci95: Interval
    p_value: float | None
    test: str
    call: Called
    same_within: float
    rows_needed: int | None
    discordant: int
    cautions: tuple[str, ...]

    def summary(self) -> str:
        """The comparison in a sentence or two."""
        scores = f"a {numbers.score(self.score_a)}, b {numbers.score(self.score_b)} ({self.metric})"
        told = [f"b minus a {numbers.gap(self.difference, self.ci95)}", numbers.p_value(self.p_value)]
        rows = f"on {numbers.count(self.n)} rows"
        if self.n_units < self.n:
            rows += f" that are {numbers.count(self.n_units)} {'draw' if self.n_units == 1 else 'draws'}"
        evidence = ", ".join(part for part in (*told, rows) if part)
        return f"{self._opening()} {scores}: {evidence}."

    def __str__(self) -> str:
        return self.summary()

    def _opening(self) -> str:
        if self.call in {"a", "b"}:
            return f"{self.call} is better."
        within = numbers.points(self.same_within)
        if self.call == "same":
            return f"The same within {within}, inside the margin of {numbers.points(self.margin)}."
        more = None if self.rows_needed is None else self.rows_needed - self.n
        settles = (
            "" if more is None or more <= 0 else f" About {numbers.about(more)} more rows would probably settle it."
        )
        return f"Undecided; the same within {within}.{settles}"


def compare(
    gold: Iterable[Hashable],
    a: Iterable[Any],
    b: Iterable[Any],
    metric: str = "accuracy",
    groups: Iterable[Hashable] | None = None,
    margin: float = 0.03,
    texts: Iterable[str | None] | None = None,
) -> Comparison:
    """Compare two sets of predictions, b minus a.

    Args:
        gold: n labels, of any hashable kind.
        a, b: n predicted labels; or n rows of k labels (a list a row, or an n x k array), one column a run of a
            recipe that is random, so that the claim is about the recipe and not about one trained model. Runs that
            answer alike in every row are taken for one; where an answer differs they are several, though their
            hits be equal. A string that is a label but for its writing ('Refund', '1.0' for '1') is that label. None,
            NaN and other missing values are wrong answers, and so is a label that `gold` does not have.
        metric: a name in the metric registry.
        groups: n names; rows of a group count as one draw. A row whose name is None, NaN or '' is in no group.
        margin: the smallest difference that matters, a fraction of the score.
        texts: n texts; rows whose texts are equal but for case, blanks and ways of composing characters count as one
            draw. Without them copies of a row pass for independent ones.

    Raises:
        InputError: nothing to compare, lengths that differ, a gold label that is missing, predictions that are
            (almost) never labels of `gold`, a margin out of (0, 1), or a metric that these rows do not define.
        UnknownName: no such metric.
    """
    if not 0 < margin < 1:
        raise InputError(f"a margin is a fraction between 0 and 1, not {margin}", remedy="3 points are 0.03")
    truth = _gold_labels(gold)
    index = {label: number for number, label in enumerate(dict.fromkeys(truth))}
    units = _units(truth, groups, texts)
    scorer = Scorer(METRICS.get(metric), np.array([index[label] for label in truth], np.int32), units, len(index))
    first, second = (_answers(side, given, truth, index) for side, given in (("a", a), ("b", b)))
    _check_labels("a", first, second, index)
    _check_labels("b", second, first, index)
    score_a, score_b = scorer.score(first.answers), scorer.score(second.answers)
    if score_a is None or score_b is None:
        raise InputError(f"{metric} is not defined on these rows: gold has one label only", remedy="Use accuracy")
    difference = scorer.difference(
        first.answers,
        second.answers,
        same_samples=False,
        random_a=first.random,
        random_b=second.random,
        redrawn_a=first.redrawn,
        redrawn_b=second.redrawn,
    )
    return _comparison(difference, n_units(units), metric, margin, score_a, score_b)


def _comparison(
    d: PairedDifference, draws: int, metric: str, margin: float, score_a: float, score_b: float
) -> Comparison:
    called = make_call(d, margin=margin, cheaper=None)
    winner: Called = "b" if d.difference > 0 else "a"
    return Comparison(
        n=d.n,
        n_units=draws,
        metric=metric,
        margin=margin,
        score_a=score_a,
        score_b=score_b,
        difference=d.difference,
        ci95=d.ci95,
        p_value=d.p_value,
        test=d.test,
        call=winner if called == "better" else "same" if called == "same" else "undecided",
        same_within=d.same_within,
        rows_needed=rows_needed(d, margin) if called == "undecided" else None,
        discordant=round(d.discordant),
        cautions=d.cautions,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Runs:
    """Answers as indices, of a recipe that is random or not, and whether its runs are seen to differ; and how often
    each label was given, missing ones left out."""

    answers: Answers
    random: bool
    redrawn: bool
    given: Counter[Hashable]


def _gold_labels(gold: Iterable[Hashable]) -> list[Hashable]:
    truth = plain_values(gold)
    if not truth:
        raise InputError("there are no rows to compare")
    for row, label in enumerate(truth, start=1):
        if isinstance(label, list | dict | set):
            raise InputError(f"a gold label is one value, not {label!r}", row=row)
        if is_blank(label):
            raise InputError("a gold label is missing", row=row, remedy="Leave out rows without a gold label")
    return truth


def _units(truth: Sequence[Hashable], groups: Iterable[Hashable] | None, texts: Iterable[str | None] | None) -> Units:
    """Which draw each row belongs to; alone where neither a text nor a group says otherwise."""
    read = [""] * len(truth) if texts is None else _names("texts", texts, truth)
    return units_of([read], None if groups is None else _names("groups", groups, truth))


def _names(what: str, given: Iterable[Hashable], truth: Sequence[Hashable]) -> list[str]:
    return ["" if is_missing(name) else str(name) for name in _same_length(what, plain_values(given), truth)]


def _answers(side: str, given: Iterable[Any], truth: Sequence[Hashable], index: Mapping[Hashable, int]) -> _Runs:
    rows = _same_length(side, plain_values(given), truth)
    if not isinstance(rows[0], list):
        single = [[label] for label in rows]
        return _Runs(_indices(side, single, index), random=False, redrawn=False, given=_given(single))
    widths = {len(row) if isinstance(row, list) else None for row in rows}
    if len(widths) > 1 or 0 in widths:
        raise InputError(f"{side}: every row needs the same number of predictions, one a run")
    answers = _indices(side, rows, index)
    return _Runs(answers, random=True, redrawn=any(_differ(row) for row in rows), given=_given(rows))


def _differ(row: Sequence[Hashable]) -> bool:
    """Whether runs answered one row differently, be it both wrongly: then they are no copies of one run."""
    return len({None if is_missing(label) else label for label in row}) > 1


def _indices(side: str, rows: Sequence[Sequence[Any]], index: Mapping[Hashable, int]) -> NDArray[np.int32]:
    strings = [label for label in index if isinstance(label, str)]
    alike = WrittenAlike(strings)

    def found(label: Any) -> int:
        if is_missing(label) or label in index:
            return NO_LABEL if is_missing(label) else index[label]
        place = alike.find(label) if isinstance(label, str) else None
        return NO_LABEL if place is None else index[strings[place]]

    try:
        answers = np.array([[found(label) for label in row] for row in rows], dtype=np.int32)
    except TypeError as error:
        problem = f"{side}: a prediction is not a label ({error})"
        raise InputError(problem, remedy="Labels are strings or numbers") from error
    _check_kinds(side, list(_given(rows)), index)
    return answers


def _check_kinds(side: str, given: Sequence[Hashable], index: Mapping[Hashable, int]) -> None:
    """1 and '1' are different labels; predictions that are all of another kind than gold are a slip, not errors."""
    kinds, known = {type(label) for label in given}, {type(label) for label in index}
    if given and kinds.isdisjoint(known) and not any(label in index for label in given):
        raise InputError(
            f"{side} has labels like {given[0]!r} and gold has labels like {next(iter(index))!r}",
            remedy="Give both as strings, or both as numbers",
        )


def _given(rows: Sequence[Sequence[Hashable]]) -> Counter[Hashable]:
    return Counter(label for row in rows for label in row if not is_blank(label))


def _check_labels(side: str, runs: _Runs, other: _Runs, index: Mapping[Hashable, int]) -> None:
    """Predictions that are all missing, or (almost) never labels, are another column or another writing, not errors.

    What the other side says too may be a label that none of these rows has; so may anything where gold has one label.
    """
    given = runs.given
    if not given:
        raise InputError(f"{side} has no prediction: all are missing", remedy="Give a label a row")
    readable = int((runs.answers != NO_LABEL).sum())
    if (other.answers != NO_LABEL).any():
        readable += sum(times for label, times in given.items() if label not in index and label in other.given)
    if len(index) < 2 or given.total() < FEWEST_ANSWERS or readable >= LEAST_SHARE_OF_LABELS * given.total():
        return
    often = ", ".join(shown(label) for label, _ in given.most_common(3))
    known = ", ".join(map(shown, list(index)[:3]))
    raise InputError(
        f"{readable} of {given.total()} predictions of {side} are labels of gold: most are {often}, and gold has "
        f"{known}",
        remedy="Write them as gold writes its labels",
    )


def _same_length(side: str, rows: list[Any], truth: Sequence[Hashable]) -> list[Any]:
    if len(rows) != len(truth):
        raise InputError(f"{side} has {len(rows)} rows and gold has {len(truth)}", remedy="Give one of each a row")
    return rows
