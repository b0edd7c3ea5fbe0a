"""The best seen of several arms: p and intervals at the level that the number of alternatives allows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from measured_arms import compare_rows
from tuningfork.stats.best_of import for_the_best_of
from tuningfork.stats.calls import make_call, must_choose, rows_needed
from tuningfork.stats.crossed import PairedDifference


def pair(n: int, only_a: int, only_b: int) -> PairedDifference:
    """Two deterministic arms that differ on that many rows each way."""
    a, b = np.ones((n, 1)), np.ones((n, 1))
    b[:only_a] = 0
    a[only_a : only_a + only_b] = 0
    return compare_rows(a, b, random_a=False, random_b=False)


@pytest.mark.parametrize("alternatives", [2, 3, 6, 36])
def test_bounds_are_student_quantiles_at_the_divided_level(alternatives: int) -> None:
    d = pair(300, 20, 30)
    best = for_the_best_of(d, alternatives)
    assert d.p_value is not None
    assert best.p_value == pytest.approx(min(1.0, alternatives * d.p_value))
    half = stats.t.ppf(1 - 0.025 / alternatives, d.df) * math.sqrt(d.variance)
    assert best.ci95 == pytest.approx((d.centre - half, d.centre + half))
    room = stats.t.ppf(1 - 0.05 / alternatives, d.df_call) * math.sqrt(d.variance_call)
    assert best.same_within == pytest.approx(abs(d.centre) + room)
    assert best.no_worse_bound("a") == pytest.approx(d.centre + room)
    assert best.no_worse_bound("b") == pytest.approx(-d.centre + room)
    assert (best.difference, best.centre, best.alternatives) == (d.difference, d.centre, alternatives)


def test_one_alternative_changes_nothing() -> None:
    d = pair(300, 20, 30)
    assert for_the_best_of(d, 1) == d


def test_calls_are_made_at_the_corrected_level() -> None:
    d = pair(400, 20, 40)
    assert make_call(d, margin=0.03, cheaper=None) == "better"
    assert make_call(for_the_best_of(d, 6), margin=0.03, cheaper=None) == "undecided"
    level = pair(3000, 60, 65)
    same = (level.same_within + for_the_best_of(level, 6).same_within) / 2
    assert make_call(level, margin=same, cheaper=None) == "same"
    assert make_call(for_the_best_of(level, 6), margin=same, cheaper=None) == "undecided"


def test_more_rows_are_needed_and_more_can_be_lost() -> None:
    d = pair(300, 20, 24)
    best = for_the_best_of(d, 3)
    plain, corrected = rows_needed(d, 0.03), rows_needed(best, 0.03)
    assert plain is not None
    assert corrected is not None
    assert corrected > plain
    assert must_choose(best, None).worst_loss > must_choose(d, None).worst_loss
    assert must_choose(best, None).expected_loss is None


def test_nothing_said_stays_nothing() -> None:
    silent = compare_rows([[1.0]], [[0.0]], random_a=False, random_b=False)
    best = for_the_best_of(silent, 4)
    assert (best.p_value, best.ci95, best.same_within) == (None, (-1.0, 1.0), 1.0)


def test_it_is_corrected_once() -> None:
    d = for_the_best_of(pair(300, 20, 30), 2)
    for again in (lambda: for_the_best_of(d, 2), lambda: for_the_best_of(pair(300, 20, 30), 0)):
        with pytest.raises(ValueError, match="correction"):
            again()
