"""Two recipes without a true difference, three runs each, as `compare` is given them; and what others do with these."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from statsmodels.stats.contingency_tables import mcnemar

from tuningfork.verdict.compare import compare
from validity.findings import Finding, World, share
from validity.rows_and_runs import arm
from validity.worlds_units import some_repeat

_ROWS, _LABELS, _RUNS, _RESAMPLES = 300, 4, 3, 1000


def _nulls(spread: float, repeated: float) -> World:
    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        seen: dict[str, list[bool]] = {"compare": [], "mcnemar": [], "z": [], "bootstrap": []}
        for _ in range(draws):
            size = some_repeat(_ROWS, repeated)(draw)
            unit = np.repeat(np.arange(len(size)), size)
            gold, rows = draw.integers(0, _LABELS, len(size)), draw.standard_normal(len(size))
            a, b = (_answers(draw, gold, arm(draw, rows, 0.8, spread, _RUNS))[unit] for _ in range(2))
            right = gold[unit]
            texts = [f"text {number}" for number in unit]
            seen["compare"].append(compare(right, a, b, texts=texts, runs=True).call in {"a", "b"})
            hits_a, hits_b = ((side == right[:, None]).astype(float) for side in (a, b))
            seen["mcnemar"].append(_mcnemar(hits_a[:, 0], hits_b[:, 0]))
            seen["z"].append(_unpaired_z(hits_a[:, 0], hits_b[:, 0]))
            seen["bootstrap"].append(_bootstrap(draw, hits_b.mean(axis=1) - hits_a.mean(axis=1)))
        return [
            share("false winners of `compare`, three runs a side, equal texts one draw", seen["compare"], at_most=0.05),
            share("of McNemar's exact test on one run a side", seen["mcnemar"]),
            share("of an unpaired z-test on one run a side, by the standard errors that lm-eval prints", seen["z"]),
            share("of a percentile bootstrap over rows, on the means of three runs", seen["bootstrap"]),
        ]

    name = f"{_ROWS} rows, {100 * repeated:.0f} % of them repeated, three runs that spread by {100 * spread:.0f} points"
    return World(name, 84, simulate)


def _answers(draw: np.random.Generator, gold: np.ndarray, hits: np.ndarray) -> np.ndarray:
    """Labels that are right where there is a hit, and else any other."""
    wrong = (gold[:, None] + draw.integers(1, _LABELS, hits.shape)) % _LABELS
    return np.where(hits > 0, gold[:, None], wrong)


def _mcnemar(a: np.ndarray, b: np.ndarray) -> bool:
    table = [[int(((a == x) & (b == y)).sum()) for y in (1, 0)] for x in (1, 0)]
    return bool(mcnemar(table, exact=True).pvalue < 0.05)


def _unpaired_z(a: np.ndarray, b: np.ndarray) -> bool:
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return bool(2 * norm.sf(abs(b.mean() - a.mean()) / error) < 0.05)


def _bootstrap(draw: np.random.Generator, differences: np.ndarray) -> bool:
    chosen = draw.integers(0, len(differences), (_RESAMPLES, len(differences)))
    low, high = np.quantile(differences[chosen].mean(axis=1), [0.025, 0.975])
    return bool(low > 0 or high < 0)


WORLDS = [_nulls(0.03, 0.2), _nulls(0.0, 0.2), _nulls(0.03, 0.0)]
