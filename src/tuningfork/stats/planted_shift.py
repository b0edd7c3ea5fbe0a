"""The shift that a comparison of two samples would have seen: planted in its own rows, many times over.

What is planted, in one sentence: a share of one sample's rows is replaced by rows of one subject, a subject being the
third of all rows that is most like one of them, drawn at random. That is milder than rows of a kind never seen
before: where such a shift is seen four times in five, foreign rows in that share are seen more often.

No row is made up or used twice. The pooled rows are divided at random and then rows of the subject are swapped
against others until the shares of the subject in the two samples differ by as much as after replacing. The pooled
rows stay the same, and with them the random divisions that a division is judged by, so that planting a hundred
shifts costs little more than one test.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from tuningfork.stats.two_sample import Divisions, SampleComparison, Vectors, random_numbers

SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Shares of replaced rows that are planted; between them power is interpolated."""
POWER = 0.8
_NORMAL = NormalDist()
_SUBJECT = 1 / 3
"""The smallest part of which enough is there to replace every row of the smaller sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPower:
    """What a comparison would have seen.

    Attributes:
        smallest_single: for each statistic by itself, the smallest share of replaced rows that is seen with 80 %
            power, in (0, 1]; None where replacing all is seen less often.
        smallest: the same for the statistics together.
        at_share: power of the statistics together at the share that was asked for, in [0, 1].
    """

    smallest_single: tuple[float | None, ...]
    smallest: float | None
    at_share: float


def shift_power(
    comparison: SampleComparison, share: float, *, alpha: float = 0.05, plantings: int = 200, seed: int = 0
) -> ShiftPower:
    """Plant shifts of growing size in the pooled rows and count how many have a p-value of at most alpha.

    Args:
        share: of replaced rows, in (0, 1], at which power is told.
        plantings: shifts planted at each share; 200 give power within 6 points (95 %).

    Raises:
        ValueError: `share` is outside (0, 1].
    """
    if not 0 < share <= 1:
        raise ValueError(f"a share of rows lies above 0 and at most at 1: {share}")
    shifts = _Plantings(comparison.pooled, comparison.sizes, plantings, seed)
    planted, curve = [0.0], [np.full(3, alpha)]
    for next_share in sorted({*SHARES, share}):
        planted.append(next_share)
        curve.append(_seen(comparison, shifts.divisions(next_share), alpha))
        if next_share >= share and (curve[-1] >= POWER).all():
            break
    mmd, classifier, together = (_smallest(planted, [float(power[test]) for power in curve]) for test in range(3))
    at_share = float(curve[planted.index(share)][2])
    return ShiftPower(smallest_single=(mmd, classifier), smallest=together, at_share=at_share)


class _Plantings:
    """Random divisions and subjects, into which shifts of any size are planted.

    The same ones serve all sizes, and a larger shift keeps what a smaller one swapped, so that power grows smoothly.
    """

    def __init__(self, pooled: Vectors, sizes: tuple[int, int], count: int, seed: int) -> None:
        self._rows, self._after, self._smaller = len(pooled), sizes[1], min(sizes)
        self._swaps: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]] = []
        lengths = (pooled * pooled).sum(axis=1)
        subject_rows = round(_SUBJECT * len(pooled))
        for numbers in random_numbers(count, len(pooled) + 1, seed, 2):
            order, anchor = np.argsort(numbers[:-1]), int(numbers[-1] % len(pooled))
            from_anchor = lengths - 2 * pooled @ pooled[anchor]
            subject = np.zeros(len(pooled), dtype=bool)
            subject[np.argpartition(from_anchor, subject_rows)[:subject_rows]] = True
            smaller, larger = order[: self._smaller], order[self._smaller :]
            self._swaps.append((smaller, smaller[~subject[smaller]], larger[subject[larger]]))

    def divisions(self, share: float) -> Divisions:
        """Shape (count, rows): the smaller sample is rich in the subject, by as much as replacing `share` makes it."""
        difference = share * (1 - _SUBJECT)
        swapped = round(difference * self._smaller * (self._rows - self._smaller) / self._rows)
        divisions = np.zeros((len(self._swaps), self._rows), dtype=np.float32)
        for division, (smaller, gone, come) in zip(divisions, self._swaps, strict=True):
            moved = min(swapped, len(gone), len(come))
            division[smaller] = 1.0
            division[gone[:moved]] = 0.0
            division[come[:moved]] = 1.0
        return divisions if self._after == self._smaller else 1 - divisions


def _seen(comparison: SampleComparison, divisions: Divisions, alpha: float) -> NDArray[np.float64]:
    """Shares of divisions that are seen: by each statistic, and by all together. Shape (statistics + 1,)."""
    values = comparison.values(divisions)
    p_values = np.vstack([comparison.single(values), comparison.combined(values)])
    seen: NDArray[np.float64] = (p_values <= alpha).mean(axis=1)
    return seen


def _smallest(shares: list[float], power: list[float]) -> float | None:
    """Where power first reaches 80 %: between two shares its normal quantile is taken to grow evenly."""
    above = next((place for place, value in enumerate(power) if value >= POWER), None)
    if above is None:
        return None
    low, high = (_NORMAL.inv_cdf(min(max(power[place], 0.001), 0.999)) for place in (above - 1, above))
    part = (_NORMAL.inv_cdf(POWER) - low) / (high - low)
    return shares[above - 1] + part * (shares[above] - shares[above - 1])
