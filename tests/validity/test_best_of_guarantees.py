"""The best seen of several arms, told on the rows that it was picked on: no winner that luck of the pick made.

Every world has arms that are level where it matters; the seen best of them is compared as a study compares it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from measured_arms import compare_rows
from tuningfork.stats.best_of import for_the_best_of
from tuningfork.stats.calls import make_call
from tuningfork.stats.crossed import PairedDifference
from validity.rows_and_runs import arm

REPEATS = 800
ERROR = 2.6
"""Monte-Carlo errors that are no broken promise: one in 200 of kept ones is farther out."""


def off(share: float) -> float:
    return ERROR * float(np.sqrt(share * (1 - share) / REPEATS))


def best_seen(
    n: int, llms: Sequence[float], trained: Sequence[float], *, runs: int = 1
) -> Iterator[tuple[PairedDifference, float]]:
    """Comparisons of the best seen of each side, and the true difference of that very pair.

    Args:
        llms, trained: true accuracies; LLM arms are deterministic.
        runs: of each trained arm, whose accuracies spread by two points where there are several.
    """
    draw = np.random.default_rng([n, len(llms), len(trained), runs])
    for _ in range(REPEATS):
        rows = draw.standard_normal(n)
        first = [arm(draw, rows, accuracy, 0.0, 1) for accuracy in llms]
        second = [arm(draw, rows, accuracy, 0.02 if runs > 1 else 0.0, runs) for accuracy in trained]
        a, b = (max(range(len(side)), key=lambda i, side=side: side[i].mean()) for side in (first, second))
        d = compare_rows(first[a], second[b], random_a=False, random_b=runs > 1)
        yield d, trained[b] - llms[a]


def errors(found: Sequence[tuple[PairedDifference, float]]) -> tuple[float, float]:
    """Share of winners where none is, and of intervals that hold the truth."""
    false = np.mean([d.is_better and d.difference * truth <= 0 for d, truth in found])
    return float(false), float(np.mean([d.ci95[0] <= truth <= d.ci95[1] for d, truth in found]))


@pytest.mark.parametrize("n", [200, 500])
@pytest.mark.parametrize("arms", [2, 3, 6])
@pytest.mark.parametrize("runs", [1, 5])
def test_level_arms_make_no_winner_and_intervals_cover(n: int, arms: int, runs: int) -> None:
    found = list(best_seen(n, [0.8] * arms, [0.8], runs=runs))
    false, covered = errors([(for_the_best_of(d, arms), truth) for d, truth in found])
    assert false <= 0.05 + off(0.05)
    assert covered >= 0.93 - off(0.93)


@pytest.mark.parametrize("n", [200, 500])
@pytest.mark.parametrize(
    ("llms", "trained"),
    [([0.8] * 2, [0.8] * 2), ([0.8] * 6, [0.8, 0.65]), ([0.8, 0.65, 0.65], [0.8] * 3), ([0.8] * 3, [0.8, 0.78])],
)
def test_both_sides_may_have_several(n: int, llms: Sequence[float], trained: Sequence[float]) -> None:
    alternatives = len(llms) * len(trained)
    false, covered = errors([(for_the_best_of(d, alternatives), truth) for d, truth in best_seen(n, llms, trained)])
    assert false <= 0.05 + off(0.05)
    assert covered >= 0.93 - off(0.93)


@pytest.mark.parametrize("n", [200, 500])
def test_uncorrected_the_best_of_six_breaks_both_promises(n: int) -> None:
    false, covered = errors(list(best_seen(n, [0.8] * 6, [0.8])))
    assert false > 0.05 + off(0.05)
    assert covered < 0.93


@pytest.mark.parametrize(("arms", "gap"), [(3, 0.03), (6, 0.03)])
def test_arms_a_margin_apart_are_not_called_the_same(arms: int, gap: float) -> None:
    """Sameness is told at the corrected level too: the picked arm is a margin behind, however near it looked."""
    found = list(best_seen(500, [0.8 - gap] * arms, [0.8]))
    calls = [make_call(for_the_best_of(d, arms), margin=gap, cheaper=None) for d, _ in found]
    cheaper = [make_call(for_the_best_of(d, arms), margin=gap, cheaper="a") for d, _ in found]
    assert np.mean([call == "same" for call in calls]) <= 0.05 + off(0.05)
    assert np.mean([call in ("same", "cheaper_will_do") for call in cheaper]) <= 0.05 + off(0.05)
    plain = [make_call(d, margin=gap, cheaper="a") for d, _ in found]
    assert np.mean([call in ("same", "cheaper_will_do") for call in plain]) > 0.05 + off(0.05)


def test_a_real_lead_is_still_found() -> None:
    found = [for_the_best_of(d, 3) for d, _ in best_seen(500, [0.72, 0.72, 0.72], [0.82])]
    assert np.mean([d.is_better and d.difference > 0 for d in found]) > 0.8
