"""Variance components against an analysis of variance written out, and against many redraws."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from tuningfork.stats.components import memberships, row_part, satterthwaite, seed_part

PAIR = ((1.0, 0.5), (-1.0, 0.5))


def scores(n: int, k: int, seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    hard = draw.random(n)[:, None]
    return (draw.random((n, k)) * 0.6 + hard * 0.4 < 0.55 + 0.1 * draw.standard_normal(k)).astype(float)


def test_seed_part_is_the_two_way_analysis_of_variance() -> None:
    import pandas as pd

    n, k = 60, 5
    values = scores(n, k)
    rows, seeds = np.indices(values.shape)
    table = pd.DataFrame({"y": values.ravel(), "row": rows.ravel(), "seed": seeds.ravel()})
    anova = anova_lm(ols("y ~ C(row) + C(seed)", data=table).fit())
    between, error = anova.loc["C(seed)", "mean_sq"], anova.loc["Residual", "mean_sq"]
    part = seed_part(values, None)
    assert part.total == pytest.approx(between / (n * k))
    assert part.excess == pytest.approx(max(0.0, between - error) / (n * k))
    assert part.df == k - 1


def test_row_part_by_hand() -> None:
    # Ten rows: three won by b, one by a. N = 11, centre 2 / 11, variance [(4 + 1) / 11 - (2 / 11)^2] / 11.
    d = np.array([1.0] * 3 + [-1.0] + [0.0] * 6)
    part = row_part(d, PAIR, None)
    assert part.centre == pytest.approx(2 / 11)
    assert part.variance == pytest.approx((5 / 11 - (2 / 11) ** 2) / 11)
    assert part.df == 9


def test_seed_excess_finds_the_spread_that_was_planted() -> None:
    draw = np.random.default_rng(3)
    spread, n, k = 0.03, 300, 5
    found = []
    for _ in range(400):
        accuracy = 0.8 + spread * draw.standard_normal(k)
        found.append(seed_part((draw.random((n, k)) < accuracy).astype(float), None).excess * k)
    standard_error = np.std(found) / np.sqrt(len(found))
    # Excess is cut at 0, so that it may lie a little above the truth, never below.
    assert spread**2 - 3 * standard_error < np.mean(found) < 1.25 * spread**2


def test_groups_of_one_row_change_nothing() -> None:
    assert memberships(["x", "y", "z"], 3) is None
    assert memberships(None, 3) is None


def test_copies_of_every_row_in_a_group_add_no_certainty() -> None:
    d = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], size=80, p=[0.1, 0.7, 0.2])
    copies = np.repeat(d, 4)
    members = memberships([i // 4 for i in range(320)], 320)
    alone, copied = row_part(d, PAIR, None), row_part(copies, PAIR, members)
    assert copied.df == alone.df == 79
    assert copied.variance == pytest.approx(alone.variance, rel=0.05)
    assert row_part(copies, PAIR, None).variance < alone.variance / 3.5


def test_groups_must_name_every_row() -> None:
    with pytest.raises(ValueError, match="one a row"):
        memberships(["x"], 2)


def test_satterthwaite_is_the_rows_alone_without_seeds_and_never_below_one() -> None:
    rows = row_part(scores(50, 1)[:, 0], PAIR, None)
    assert satterthwaite(rows.variance, rows, []) == pytest.approx(49)
    few = seed_part(np.array([[1.0, 0.0]] * 20 + [[0.0, 0.0]] * 5), None)
    assert satterthwaite(few.total, rows, [few]) == pytest.approx(1.0)
