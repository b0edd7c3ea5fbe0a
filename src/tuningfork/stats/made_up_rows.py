"""Made-up rows that keep small samples honest: how many a comparison has, and what each of them is worth.

Where rows are right or wrong, a made-up row won by each arm is worth a right answer. Of graded rows it is worth the
largest difference that was seen: a whole range would hide what chrF can show in 50 rows, and the usual difference would
protect from nothing. Where no two answers differ nothing was seen, and the range of the metric is all there is; without
one there is no number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuningfork.stats.components import Members, PseudoRows, Scores, rows_per_draw
from tuningfork.stats.measured import Scale
from tuningfork.stats.repetitions import Repetitions

_DIGITS = 9
"""Sums of thirds are taken to this many decimals, lest the order of rows decide what is below 10."""
_FEW = 10
"""Draws that differ, below which a whole row is made up for each arm, and not half a one."""


@dataclass(frozen=True, slots=True)
class MadeUpRows:
    """What is made up beside the rows of a comparison.

    Attributes:
        discordant: the sum of |differences| where rows are right or wrong, else rows that differ.
        right_or_wrong: every row value is one end of the scale.
        weight: made-up rows won by each arm.
        worth: by how much each is won; None where nothing says how much that could be.
    """

    discordant: float
    right_or_wrong: bool
    weight: float
    worth: float | None

    @property
    def rows(self) -> PseudoRows:
        worth = self.worth or 0.0
        return (worth, self.weight), (-worth, self.weight)


def of_comparison(
    a: Repetitions, b: Repetitions, *, scale: Scale, decomposable: bool, paired: bool, members: Members | None
) -> MadeUpRows:
    """The made-up rows of b minus a; where their values are no numbers, nothing but `discordant` means anything.

    Args:
        paired: run s of a and of b belong together; otherwise each run of a is held against each of b.
        members: units of rows; what differs is counted in draws.
    """
    d = b.values.mean(axis=1) - a.values.mean(axis=1)
    largest = (
        _largest_difference(a.values, b.values, paired)
        if decomposable
        else _largest_difference(a.values - a.values.mean(axis=0), b.values - b.values.mean(axis=0), paired)
    )
    differ = int((np.abs(d) > 10.0**-_DIGITS * largest).sum())
    ends = (scale.least, scale.greatest)
    right_or_wrong = decomposable and scale.bounded and all(np.isin(one.values, ends).all() for one in (a, b))
    if right_or_wrong:
        discordant = round(float(np.abs(d).sum()) / scale.width, _DIGITS)
    elif a.right is not None and b.right is not None:
        discordant = round(float(np.abs(b.right - a.right).sum()), _DIGITS)
    else:
        discordant = float(differ)
    if right_or_wrong or (not decomposable and scale.of_fractions):
        worth: float | None = scale.width
    elif differ:
        worth = largest
    else:
        worth = scale.width if decomposable and scale.bounded else None
    weight = 1.0 if discordant / rows_per_draw(d, members) < _FEW else 0.5
    return MadeUpRows(discordant=discordant, right_or_wrong=right_or_wrong, weight=weight, worth=worth)


def _largest_difference(a: Scores, b: Scores, paired: bool) -> float:
    """Over rows and pairs of runs."""
    if paired:
        return float(np.abs(b - a).max())
    return float(max((b.max(axis=1) - a.min(axis=1)).max(), (a.max(axis=1) - b.min(axis=1)).max()))
