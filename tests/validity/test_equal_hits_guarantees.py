"""Three runs that are right on nearly the same rows and answer otherwise: no equal runs, and no false winner."""

from __future__ import annotations

import numpy as np
import pytest

from measured_arms import compare_rows
from validity.rows_and_runs import arm

REPEATS = 1500
RUNS = 3


@pytest.mark.parametrize("n", [150, 500])
@pytest.mark.parametrize("fragile", [0, 2, 10])
def test_three_runs_with_like_hits_and_other_answers_name_no_false_winner(n: int, fragile: int) -> None:
    """Rows that are fragile are answered otherwise in a tenth of the runs."""
    draw = np.random.default_rng([n, fragile])
    false = []
    for _ in range(REPEATS):
        rows = draw.standard_normal(n)
        prompt, runs = arm(draw, rows, 0.8, 0.0, 1), np.repeat(arm(draw, rows, 0.8, 0.0, 1), RUNS, axis=1)
        runs[:fragile] = np.abs(runs[:fragile] - (draw.random((fragile, RUNS)) < 0.1))
        false.append(compare_rows(prompt, runs, random_a=False, differ_b=True).is_better)
    assert np.mean(false) <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / REPEATS)
