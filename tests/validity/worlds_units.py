"""Rows that repeat: a text that stands there several times is answered alike each time, by every arm and run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from measured_arms import compare_answers, compare_rows
from validity.findings import Finding, World, mean, share
from validity.rows_and_runs import arm

SHARES = np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])


def some_repeat(n: int, repeated: float) -> Callable[[np.random.Generator], np.ndarray]:
    """Sizes of units: that share of n rows stands in units of 2 to 10, the others alone."""

    def sizes(draw: np.random.Generator) -> np.ndarray:
        found: list[int] = []
        while sum(found) < repeated * n:
            found.append(int(draw.integers(2, 11)))
        return np.array(found + [1] * (n - sum(found)))

    return sizes


def all_repeat(units: int, times: int) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda draw: np.full(units, times)


def _accuracy(
    sizes: Callable[[np.random.Generator], np.ndarray],
) -> Callable[[np.random.Generator, int], list[Finding]]:
    """No true difference between one prompt and five runs that spread by a point."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        by_rows, by_units, covered, widths = [], [], [], []
        for _ in range(draws):
            size = sizes(draw)
            rows, unit = draw.standard_normal(len(size)), np.repeat(np.arange(len(size)), size)
            a, b = arm(draw, rows, 0.8, 0.0, 1)[unit], arm(draw, rows, 0.8, 0.01, 5)[unit]
            by_rows.append(compare_rows(a, b, random_a=False).is_better)
            found = compare_rows(a, b, random_a=False, units=unit)
            by_units.append(found.is_better)
            covered.append(found.ci95[0] <= 0 <= found.ci95[1])
            widths.append(100 * (found.ci95[1] - found.ci95[0]))
        return [
            share("false winners, were rows draws", by_rows),
            share("false winners, by units", by_units, at_most=0.05),
            share("interval by units covers", covered, at_least=0.93),
            mean("its width", widths, "points"),
        ]

    return simulate


def _macro_f1(repeated: float) -> Callable[[np.random.Generator, int], list[Finding]]:
    """The same in macro-F1 with six labels, the rarest in 4 % of the rows."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        won, covered = [], []
        for _ in range(draws):
            size = some_repeat(300, repeated)(draw)
            units, unit = len(size), np.repeat(np.arange(len(size)), size)
            gold, rows = draw.choice(6, size=units, p=SHARES), draw.standard_normal(units)
            a, b = (
                np.where(arm(draw, rows, 0.8, spread, k) > 0, gold[:, None], draw.choice(6, size=(units, k), p=SHARES))
                for spread, k in ((0.0, 1), (0.01, 5))
            )
            found = compare_answers(
                gold[unit],
                a[unit],
                b[unit],
                random_a=False,
                units=unit,
            )
            won.append(found.is_better)
            covered.append(found.ci95[0] <= 0 <= found.ci95[1])
        return [
            share("false winners, by units", won, at_most=0.05),
            share("interval by units covers", covered, at_least=0.93),
        ]

    return simulate


WORLDS = [
    *(
        World(
            f"300 rows, {100 * repeated:.0f} % of them in units of 2 to 10", 500, _accuracy(some_repeat(300, repeated))
        )
        for repeated in (0.05, 0.2, 0.6)
    ),
    World("30 texts, each ten times", 500, _accuracy(all_repeat(30, 10))),
    World("12 texts, each ten times", 500, _accuracy(all_repeat(12, 10))),
    *(
        World(f"macro-F1 of 300 rows, {100 * repeated:.0f} % of them in units of 2 to 10", 200, _macro_f1(repeated))
        for repeated in (0.2, 0.6)
    ),
]
