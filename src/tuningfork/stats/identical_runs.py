"""What runs that came out equal, on samples drawn afresh, can and cannot rule out."""

from __future__ import annotations

import math

from tuningfork.stats.crossed import PairedDifference
from tuningfork.stats.student import t_quantile


def failure_room(runs: int) -> float:
    """The largest share of runs that may fail outright and yet be missed by that many runs in 5 % of cases.

    Clopper and Pearson's one-sided 95 % bound at no failure seen: 45 % at 5 runs, 14 % at 20.

    Raises:
        ValueError: no run.
    """
    if runs < 1:
        raise ValueError(f"at least one run is needed: {runs=}")
    return float(1 - 0.05 ** (1 / runs))


def undoing_share(d: PairedDifference, score: float, constant_score: float) -> float | None:
    """The share of runs that would have to fail outright to undo a lead, were every other run equal to those seen.

    A run that fails outright scores as a constant predictor does; a share q of such runs lowers the mean by q times
    what separates the two, and undoes the lead once that is what the interval leaves of it. Algebra, not simulated.

    Args:
        d: a comparison that one arm leads.
        score: of the arm ahead, whose runs were equal.
        constant_score: of the best answer that is the same for every row, on the same rows.

    Returns:
        A share in (0, 1]; None where the interval leaves no lead, where the arm is no better than a constant, or
        where its runs might all fail and still lead.
    """
    left = abs(d.centre) - t_quantile(0.975, d.df) * math.sqrt(d.variance)
    fall = score - constant_score
    if not (left > 0 and fall > 0):
        return None
    share = left / fall
    return share if share <= 1 else None
