"""Where values, ticks and names lie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from tuningfork.report.plots.scales import Linear, Logarithmic, moved_apart, padded

ranges = st.tuples(st.floats(-1e3, 1e3), st.floats(1e-3, 1e6)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(ranges, st.integers(2, 12))
def test_linear_ticks_are_round_within_and_evenly_apart(ends: tuple[float, float], wanted: int) -> None:
    scale = Linear(*ends, 0, 100)
    ticks = scale.ticks(wanted)
    assert len(ticks) <= wanted + 1
    slack = 1e-6 * (ends[1] - ends[0])
    assert all(ends[0] - slack <= tick <= ends[1] + slack for tick in ticks)
    if len(ticks) > 2:
        steps = np.diff(ticks)
        assert steps == pytest.approx(steps[0], rel=1e-3)
        assert f"{steps[0]:.0e}"[0] in "125"


@given(st.floats(1e-4, 1e5), st.floats(1.5, 1e7), st.integers(3, 10))
def test_logarithmic_ticks_stay_within_and_are_few(low: float, ratio: float, wanted: int) -> None:
    ticks = Logarithmic(low, low * ratio, 0, 100).ticks(wanted)
    assert len(ticks) <= wanted
    assert list(ticks) == sorted(ticks)
    assert all(low * 0.999 <= tick <= low * ratio * 1.001 for tick in ticks)


def test_logarithmic_places_equal_ratios_equally() -> None:
    scale = Logarithmic(1, 10_000, 0, 400)
    assert [scale(value) for value in (1, 10, 100, 10_000)] == pytest.approx([0, 100, 200, 400])


def test_padded_is_never_empty() -> None:
    low, high = padded([0.8, 0.8], least=0.05)
    assert (low, high) == pytest.approx((0.775, 0.825))


items = st.lists(st.tuples(st.floats(0, 300), st.floats(5, 40)), min_size=1, max_size=6)


@given(items)
def test_names_do_not_overlap_and_stay_inside(given_items: list[tuple[float, float]]) -> None:
    wanted, sizes = zip(*given_items, strict=True)
    places = moved_apart(wanted, sizes, 0, 300)
    edges = sorted((place - size / 2, place + size / 2) for place, size in zip(places, sizes, strict=True))
    assert all(later[0] >= earlier[1] - 1e-6 for earlier, later in itertools.pairwise(edges))
    assert edges[0][0] >= -1e-6
    assert edges[-1][1] <= 300 + 1e-6


def test_names_lie_as_near_as_may_be() -> None:
    wanted, sizes = [40.0, 45.0, 46.0, 200.0], [20.0, 30.0, 10.0, 20.0]
    constraints = [
        {"type": "ineq", "fun": lambda y, i=i: y[i + 1] - y[i] - (sizes[i] + sizes[i + 1]) / 2} for i in range(3)
    ]
    oracle = minimize(lambda y: ((y - wanted) ** 2).sum(), wanted, constraints=constraints, method="SLSQP")
    assert moved_apart(wanted, sizes, -1000, 1000) == pytest.approx(list(oracle.x), abs=1e-3)


def test_what_does_not_fit_runs_over_the_end() -> None:
    assert moved_apart([5.0, 5.0, 5.0], [10.0, 10.0, 10.0], 0, 20) == [5.0, 15.0, 25.0]
