"""Several systems' answers to the same rows: each with its score, and every two of them compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import bare
from tuningfork.errors import InputError, UnknownName
from tuningfork.metrics.calibration import expected_calibration_error
from tuningfork.metrics.metric import METRICS
from tuningfork.stats.components import memberships, row_part
from tuningfork.stats.multiplicity import holm
from tuningfork.stats.student import t_quantile
from tuningfork.task.rows import Gold
from tuningfork.task.units import Units
from tuningfork.verdict import numbers
from tuningfork.verdict.compare import Comparison, SameRows, Shown, refuse_margin
from tuningfork.verdict.listed_answers import Runs
from tuningfork.verdict.scored_arms import mean_or_none
from tuningfork.verdict.verdict_json import Interval

What = Literal["switch", "keep"]

_LEAST_TOLD = 0.95
"""Share of the rows whose dollars or seconds are told, from which on a mean over them is one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """One system's answers to n rows.

    Attributes:
        answered: shape (n,): rows that it answers; one that it does not is left out, and is no wrong answer.
        invalid: what answers say that are no label, and how often, over all runs; '' is an empty one.
        probabilities: of each run, shape (n, labels), NaN where not told; None where the system tells none.
        usd, seconds: shape (n,), NaN where not told; None where the system tells none.
    """

    name: str
    runs: Runs
    answered: NDArray[np.bool_]
    invalid: Mapping[str, int]
    probabilities: Sequence[NDArray[np.float32]] | None = None
    usd: NDArray[np.float64] | None = None
    seconds: NDArray[np.float64] | None = None

    def of(self, rows: NDArray[np.bool_]) -> Runs:
        """The answers to some of the rows."""
        return replace(self.runs, answers=self.runs.answers.take(np.flatnonzero(rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemScore:
    """One system alone.

    Attributes:
        rows: that it was asked; `answered` of them have an answer, and the score is on these.
        runs: of the recipe.
        score, ci95: mean over runs with its 95 % interval; None where the rows allow none.
        invalid: answers that are no label, over all runs: they count as errors; `invalid_most_often` what they say.
        ece: expected calibration error, in the mean over runs; None where probabilities are not told.
        usd_per_1k, seconds_per_row: means; None where not told.
    """

    name: str
    rows: int
    answered: int
    runs: int
    score: float
    ci95: Interval | None
    invalid: int
    invalid_most_often: Mapping[str, int]
    ece: float | None
    usd_per_1k: float | None
    seconds_per_row: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """Dollars a thousand rows that b saves against a (negative: it costs more), with a 95 % interval over draws."""

    usd_per_1k: float
    ci95: Interval

    @property
    def turned(self) -> Saving:
        """What a saves against b."""
        return Saving(usd_per_1k=-self.usd_per_1k, ci95=(-self.ci95[1], -self.ci95[0]))

    @property
    def told(self) -> str:
        """', and saves $0.35 [0.31, 0.39] a thousand rows'."""
        low, high = (f"{bound:.2f}" for bound in self.ci95)
        return f", and saves ${self.usd_per_1k:.2f} [{low}, {high}] a thousand rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about a system, beside the one in use.

    Attributes:
        shown: what is shown of it against the one in use, as in `Comparison.b_is`.
        why: in a sentence.
    """

    name: str
    what: What
    shown: Shown
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two systems, by name, on the rows that both answer.

    Attributes:
        p_holm: the p-value corrected for all pairs; 1 where there is none.
    """

    a: str
    b: str
    comparison: Comparison
    p_holm: float
    saving: Saving | None

    @property
    def in_words(self) -> str:
        """Who is compared with whom, and the comparison."""
        return f"{self.a} (a) against {self.b} (b): {self.comparison}"

    @property
    def is_told_apart(self) -> bool:
        """One is better, all pairs considered."""
        return self.comparison.call in {"a", "b"} and self.p_holm < 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """All systems and all pairs, in the order given."""

    metric: str
    unit: str
    margin: float
    systems: tuple[SystemScore, ...]
    pairs: tuple[Pair, ...]

    def sentence(self) -> str:
        """Who is ahead of whom, who is the same, and what cannot be told apart: of the best seen and each other one."""
        best = max(self.systems, key=lambda system: system.score).name
        beaten: list[str] = []
        same: list[str] = []
        unsure: list[str] = []
        for name, pair in self._against(best):
            group = beaten if pair.is_told_apart else same if pair.comparison.call == "same" else unsure
            group.append(name)
        margin = numbers.amount(self.margin, self.unit)
        parts = [
            f"{_joined([best, *unsure])} cannot be told apart on these rows" if unsure else "",
            f"{_joined([best, *same])} are the same within the margin of {margin}" if same else "",
            f"{best} is better than {_joined(beaten)}" if beaten else "",
        ]
        return f"{'; '.join(filter(None, parts))}."

    def advice(self, incumbent: str) -> tuple[Advice, ...]:
        """Keep the incumbent, or switch to each of the others.

        Raises:
            UnknownName: no such system.
        """
        if incumbent not in {system.name for system in self.systems}:
            raise UnknownName("system", incumbent, known=[system.name for system in self.systems])
        return tuple(_advice(name, pair) for name, pair in self._against(incumbent))

    def _against(self, name: str) -> list[tuple[str, Pair]]:
        return [(pair.b if pair.a == name else pair.a, pair) for pair in self.pairs if name in {pair.a, pair.b}]


def side_by_side(right: Gold, units: Units, sides: Sequence[Side], *, metric: str, margin: float) -> SideBySide:
    """Score every side, and compare every two on the rows that both answer.

    Args:
        right: shape (n,), indices of labels.
        units: the draw that each row belongs to.

    Raises:
        InputError: a margin out of (0, 1), two sides with no row in common, or a metric that these rows do not define.
        UnknownName: no such metric.
    """
    refuse_margin(margin)
    rows = _Rows(right, units, metric)
    pairs = list(combinations(sides, 2))
    compared = [rows.compare(a, b, margin) for a, b in pairs]
    corrected = holm([1.0 if one.p_value is None else one.p_value for one in compared])
    return SideBySide(
        metric=metric,
        unit=METRICS.get(metric).unit,
        margin=margin,
        systems=tuple(rows.score(side) for side in sides),
        pairs=tuple(
            Pair(a=a.name, b=b.name, comparison=one, p_holm=p, saving=rows.saving(a, b))
            for (a, b), one, p in zip(pairs, compared, corrected, strict=True)
        ),
    )


class _Rows:
    """The rows, and those of them that were asked for before."""

    def __init__(self, right: Gold, units: Units, metric: str) -> None:
        self._right, self._units, self._metric = right, units, metric
        self._known: dict[bytes, SameRows] = {}

    def score(self, side: Side) -> SystemScore:
        score, ci95 = self._of(side.answered).score(side.of(side.answered))
        often = sorted(side.invalid.items(), key=lambda item: -item[1])
        usd = _mean(side.usd, side.answered)
        return SystemScore(
            name=side.name,
            rows=len(self._right),
            answered=int(side.answered.sum()),
            runs=side.runs.answers.runs,
            score=score,
            ci95=ci95,
            invalid=sum(side.invalid.values()),
            invalid_most_often=dict(often[:3]),
            ece=self._calibration(side),
            usd_per_1k=None if usd is None else 1000 * usd,
            seconds_per_row=_mean(side.seconds, side.answered),
        )

    def compare(self, a: Side, b: Side, margin: float) -> Comparison:
        both = a.answered & b.answered
        if not both.any():
            raise InputError(
                f"{a.name} and {b.name} have no row in common that both answer",
                remedy="Give answers to the same rows.",
            )
        return self._of(both).compare(a.of(both), b.of(both), margin)

    def _calibration(self, side: Side) -> float | None:
        if side.probabilities is None:
            return None
        runs = zip(side.runs.answers.columns, side.probabilities, strict=True)
        return mean_or_none([expected_calibration_error(self._right, bare(labels), told) for labels, told in runs])

    def saving(self, a: Side, b: Side) -> Saving | None:
        both = a.answered & b.answered
        if a.usd is None or b.usd is None:
            return None
        told = both & ~np.isnan(a.usd) & ~np.isnan(b.usd)
        members = memberships(self._units[told], int(told.sum())) if told.sum() > 1 else None
        draws = int(told.sum()) if members is None else int(members.max()) + 1
        if told.sum() < max(2, _LEAST_TOLD * both.sum()) or draws < 2:
            return None
        part = row_part(a.usd[told] - b.usd[told], (), members)
        reach = t_quantile(0.975, part.df) * math.sqrt(part.variance)
        return Saving(usd_per_1k=1000 * part.centre, ci95=(1000 * (part.centre - reach), 1000 * (part.centre + reach)))

    def _of(self, rows: NDArray[np.bool_]) -> SameRows:
        key = np.packbits(rows).tobytes()
        if key not in self._known:
            self._known[key] = SameRows.of(self._right[rows], self._units[rows], self._metric)
        return self._known[key]


def _advice(name: str, pair: Pair) -> Advice:
    found, saving = pair.comparison, pair.saving
    is_b = pair.b == name
    shown, behind = (found.b_is, found.b_behind_at_most) if is_b else (found.a_is, found.a_behind_at_most)
    if saving is not None and not is_b:
        saving = saving.turned
    margin, money = numbers.amount(found.margin, found.unit), "" if saving is None else saving.told
    no_worse = f"no worse by the margin of {margin}, at most {numbers.amount(max(0.0, behind), found.unit)} behind"
    what: What = "keep"
    if shown == "better":
        what, why = "switch", f"it is better{money}"
    elif shown == "worse":
        why = f"it is worse{money}"
    elif shown == "undecided":
        why = f"it may be {numbers.amount(behind, found.unit)} behind, more than the margin of {margin}{money}"
    elif saving is not None and saving.ci95[0] > 0:
        what, why = "switch", f"it is {no_worse}{money}"
    else:
        why = f"it is {no_worse}{money}, but nothing shows that it is cheaper"
    return Advice(name=name, what=what, shown=shown, why=why)


def _joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _mean(values: NDArray[np.float64] | None, rows: NDArray[np.bool_]) -> float | None:
    if values is None or not rows.any():
        return None
    known = values[rows & ~np.isnan(values)]
    return float(known.mean()) if len(known) >= _LEAST_TOLD * rows.sum() else None
