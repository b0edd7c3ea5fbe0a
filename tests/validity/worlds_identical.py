"""Runs on samples drawn afresh that come out equal: always, but for a few fragile rows, or until one fails."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from measured_arms import compare_rows
from validity.findings import Finding, World, share
from validity.rows_and_runs import arm

RUNS = 5


def _always(n: int, accuracy: float) -> Callable[[np.random.Generator, int], list[Finding]]:
    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        false, found, without = [], [], []
        for _ in range(draws):
            rows = draw.standard_normal(n)
            prompt = arm(draw, rows, accuracy, 0.0, 1)
            level, ahead = (np.repeat(arm(draw, rows, accuracy + d, 0.0, 1), RUNS, axis=1) for d in (0.0, 0.05))
            false.append(compare_rows(prompt, level, random_a=False, redrawn_b=True).is_better)
            found.append(compare_rows(prompt, ahead, random_a=False, redrawn_b=True).is_better)
            without.append(compare_rows(prompt, ahead, random_a=False).is_better)
        return [
            share("false winners", false, at_most=0.05),
            share("winner found, 5 points ahead", found),
            share("the same where it is not known that samples were redrawn", without),
        ]

    return simulate


def _fragile(n: int, rows_that_flip: int) -> Callable[[np.random.Generator, int], list[Finding]]:
    """A few rows are answered otherwise in a tenth of the runs."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        false, given_equal = [], []
        for _ in range(draws):
            rows = draw.standard_normal(n)
            prompt, runs = arm(draw, rows, 0.85, 0.0, 1), np.repeat(arm(draw, rows, 0.85, 0.0, 1), RUNS, axis=1)
            flips = draw.random((rows_that_flip, RUNS)) < 0.1
            runs[:rows_that_flip] = np.abs(runs[:rows_that_flip] - flips)
            wins = compare_rows(prompt, runs, random_a=False, redrawn_b=True).is_better
            false.append(wins)
            if not flips.any():
                given_equal.append(wins)
        return [
            share("false winners", false, at_most=0.05),
            share("false winners, given equal runs", given_equal, at_most=0.055),
        ]

    return simulate


def _fails(n: int) -> Callable[[np.random.Generator, int], list[Finding]]:
    """A tenth of the runs loses 20 points; what is left is 2 points ahead, so that the recipe is level."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        false, equal = [], []
        for _ in range(draws):
            rows = draw.standard_normal(n)
            prompt = arm(draw, rows, 0.85, 0.0, 1)
            good, bad = arm(draw, rows, 0.87, 0.0, 1), arm(draw, rows, 0.67, 0.0, 1)
            fails = draw.random(RUNS) < 0.1
            runs = np.where(fails, bad, good)
            false.append(compare_rows(prompt, runs, random_a=False, redrawn_b=True).is_better)
            equal.append(not fails.any() or bool(fails.all()))
        return [
            share("false winners (not promised: nothing in five runs shows a failure that none had)", false),
            share("all five runs equal", equal),
        ]

    return simulate


WORLDS = [
    World("always equal, 150 rows, accuracy .80", 800, _always(150, 0.80)),
    World("always equal, 300 rows, accuracy .80", 800, _always(300, 0.80)),
    World("always equal, 300 rows, accuracy .90", 800, _always(300, 0.90)),
    World("2 fragile rows of 300", 1000, _fragile(300, 2)),
    World("10 fragile rows of 300", 1000, _fragile(300, 10)),
    World("a tenth of the runs fails, 300 rows", 800, _fails(300)),
    World("a tenth of the runs fails, 1000 rows", 500, _fails(1000)),
]
