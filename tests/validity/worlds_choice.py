"""Six arms of a side, the best chosen on validation rows: what that costs, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from measured_arms import compare_rows, interval_of_rows, rank_of
from tuningfork.stats.measured import row_values
from tuningfork.stats.ranking import beaten_by, validation_gap
from validity.findings import Finding, World, mean, quantile, share
from validity.rows_and_runs import runs_of

ARMS = 6
OF_RUNS = 0.015
"""Deviation of a recipe's runs."""
EVALUATION = 500


def _choose(n: int, k: int, spread: float) -> Callable[[np.random.Generator, int], list[Finding]]:
    """Recipes that spread by so much around 85 %, k runs each, n validation rows."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        lost, held, alarms, contradicted = [], [], [], []
        for _ in range(draws):
            truth = 0.85 + spread * draw.standard_normal(ARMS)
            models = truth[:, None] + OF_RUNS * draw.standard_normal((ARMS, k))
            seen = _scores(draw, n, models)
            ranking = rank_of(row_values, {str(i): (scores, None) for i, scores in enumerate(seen)})
            first, best = int(ranking.first or 0), int(truth.argmax())
            lost.append(100 * (truth[best] - truth[first]))
            held.append(str(best) in (ranking.first, *ranking.not_told_apart))
            judged = _scores(draw, EVALUATION, models)
            gap = validation_gap(interval_of_rows(seen[first]), interval_of_rows(judged[first]))
            alarms.append(gap is not None and gap.differs)
            others = {str(i): compare_rows(judged[first], judged[i]) for i in range(ARMS) if i != first}
            contradicted.append(bool(beaten_by(others)))
        level = spread == 0
        told = [
            share("validation is said to differ", alarms, at_most=0.03),
            share("another arm is said to beat the choice", contradicted, at_most=0.05 if level else None),
        ]
        if level:
            return told
        return [
            mean("lost by the choice", lost, "points"),
            quantile("lost in one choice of twenty (95 % quantile)", lost, 0.95, "points"),
            share("the best is among those not told apart", held),
            *told,
        ]

    return simulate


def _scores(draw: np.random.Generator, n: int, models: np.ndarray) -> list[np.ndarray]:
    """Every model's scores on n fresh rows."""
    rows = draw.standard_normal(n)
    return [runs_of(draw, rows, accuracies) for accuracies in models]


def _of_another_kind(n: int) -> Callable[[np.random.Generator, int], list[Finding]]:
    """Validation rows on which every arm scores ten points more."""

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        alarms = []
        for _ in range(draws):
            models = 0.8 + OF_RUNS * draw.standard_normal((1, 3))
            seen, judged = _scores(draw, n, models + 0.1)[0], _scores(draw, EVALUATION, models)[0]
            gap = validation_gap(interval_of_rows(seen), interval_of_rows(judged))
            alarms.append(gap is not None and gap.differs)
        return [share("validation is said to differ", alarms)]

    return simulate


WORLDS = [
    *(
        World(
            f"{n} validation rows, {'one run' if k == 1 else 'three runs'} an arm",
            300 if n < 1000 else 200,
            _choose(n, k, 0.02),
        )
        for n in (100, 200, 500, 1000)
        for k in (1, 3)
    ),
    World("six equal arms, 500 validation rows, three runs an arm", 300, _choose(500, 3, 0.0)),
    *(
        World(f"{n} validation rows ten points easier than evaluation rows", 300, _of_another_kind(n))
        for n in (200, 1000)
    ),
]
