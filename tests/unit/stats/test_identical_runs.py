"""What equal runs cannot rule out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from measured_arms import compare_rows
from tuningfork.stats.crossed import PairedDifference
from tuningfork.stats.identical_runs import failure_room, undoing_share


@pytest.mark.parametrize(("runs", "room"), [(1, 0.95), (3, 0.632), (5, 0.451), (20, 0.139)])
def test_room_for_a_failure_is_the_exact_binomial_bound(runs: int, room: float) -> None:
    assert failure_room(runs) == pytest.approx(room, abs=5e-4)
    assert failure_room(runs) == pytest.approx(stats.binomtest(0, runs, alternative="less").proportion_ci(0.95).high)
    assert stats.binom.pmf(0, runs, failure_room(runs)) == pytest.approx(0.05)


def test_no_run_leaves_no_bound() -> None:
    with pytest.raises(ValueError, match="at least one run"):
        failure_room(0)


def ahead(rows_won: int, n: int = 400) -> PairedDifference:
    b = np.zeros((n, 5))
    b[:rows_won] = 1
    return compare_rows(np.zeros((n, 1)), b, random_a=False, redrawn_b=True)


def test_that_share_of_failed_runs_brings_the_lower_limit_to_zero() -> None:
    d = ahead(60)
    share = undoing_share(d, 0.9, 0.5)
    assert share is not None and 0 < share < 1
    assert share * (0.9 - 0.5) == pytest.approx(d.ci95[0])
    # The sign of the lead means nothing.
    turned = compare_rows(np.repeat(np.arange(400)[:, None] < 60, 5, axis=1), np.zeros((400, 1)), redrawn_a=True)
    assert undoing_share(turned, 0.9, 0.5) == pytest.approx(share)


@pytest.mark.parametrize(
    ("rows_won", "score", "constant"),
    [(0, 0.9, 0.5), (3, 0.9, 0.5), (60, 0.5, 0.5), (60, 0.4, 0.5), (300, 0.6, 0.5)],
    ids=["no lead", "a lead within the interval", "no better than a constant", "worse", "failing runs lead too"],
)
def test_no_share_where_none_would_undo_it(rows_won: int, score: float, constant: float) -> None:
    assert undoing_share(ahead(rows_won), score, constant) is None
