"""What limits a statement about arms: too few rows, units or seeds, as codes."""

from __future__ import annotations

import numpy as np

from tuningfork.stats.components import Members, Scores, are_equal, count_units, size_of
from tuningfork.stats.repetitions import LEAST_SEEDS, Repetitions, enough_identical

FEW_UNITS = 20
"""Below, intervals are wide (64 points at 12 units), and said to be."""


def why_silent(values: Scores, members: Members | None, when_undefined: str) -> str | None:
    """The caution for data of which nothing can be said, or None.

    Args:
        when_undefined: the caution where a value is no number.
    """
    if len(values) == 1:
        return "one_row"
    if members is not None and count_units(members) == 1:
        return "one_group"
    if not np.isfinite(values).all():
        return when_undefined
    return None


def about_units(members: Members | None) -> tuple[str, ...]:
    """Cautions for rows that are fewer draws than they are rows."""
    if members is None:
        return ()
    return ("clustered", "few_units") if count_units(members) < FEW_UNITS else ("clustered",)


def allowances(a: Repetitions, b: Repetitions, paired: bool) -> tuple[bool, tuple[str, ...]]:
    """Whether a winner may be named, and the arms' cautions.

    Runs that pair and always differ alike show no spread either, however much each arm's own scores differ.
    """
    may_win, cautions = a.may_win and b.may_win, a.cautions + b.cautions
    if paired and a.seeds >= LEAST_SEEDS and not are_equal(a.values):
        size = max(size_of(a.values), size_of(b.values))
        if are_equal(b.values - a.values, size):
            enough, caution = enough_identical(a.seeds)
            may_win, cautions = may_win and enough, (*cautions, caution)
    return may_win, tuple(dict.fromkeys(cautions))
