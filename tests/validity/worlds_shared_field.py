"""Rows that share one of their fields, as pairs share a premise: no copies, and yet not drawn one by one."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri
from scipy.stats import t

from measured_arms import compare_rows
from validity.findings import Finding, World, share
from validity.numbers_and_runs import errors, in_units

_ROWS, _ACCURACY = 300, 0.8


def _shared(size: int, alike: float) -> World:
    """Each premise stands in as many rows; that share of what makes a row hard, for all or for one arm, is its."""
    unit = np.repeat(np.arange(_ROWS // size), size)
    latent = in_units(unit, alike)

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        by_rows, by_units, covered = [], [], []
        for _ in range(draws):
            rows = latent(draw, _ROWS)
            prompt, runs = (
                np.column_stack(
                    [
                        error < ndtri(_ACCURACY + spread * draw.standard_normal())
                        for error in errors(draw, rows, k, latent)
                    ]
                ).astype(float)
                for k, spread in ((1, 0.0), (5, 0.01))
            )
            by_rows.append(compare_rows(prompt, runs, random_a=False).is_better)
            found = compare_rows(prompt, runs, random_a=False, units=unit)
            by_units.append(found.is_better)
            covered.append(found.ci95[0] <= 0 <= found.ci95[1])
        return [
            share("false winners, were rows draws", by_rows),
            share("false winners, a premise a draw (`--group`)", by_units, at_most=0.05),
            share("interval, a premise a draw, covers", covered, at_least=0.93),
        ]

    name = f"{_ROWS // size} premises, {size} rows each, {100 * alike:.0f} % of what makes a row hard is the premise's"
    return World(name, 250, simulate)


def _crossed(texts: int, targets: int, of_text: float, of_target: float) -> World:
    """Rows that share a text with some and a target with others, each drawn at random; one answer each.

    A clustered variance over both fields, V_text + V_target - V_both and at least the larger of the first two, with the
    degrees of freedom of the smaller (Cameron, Gelbach and Miller 2011), is a candidate: the package does not use it.
    """

    def simulate(draw: np.random.Generator, draws: int) -> list[Finding]:
        seen: dict[str, list[bool]] = {}
        for _ in range(draws):
            fields = draw.integers(0, texts, _ROWS), draw.integers(0, targets, _ROWS)

            def latent(draw: np.random.Generator, n: int, fields: tuple[np.ndarray, ...] = fields) -> np.ndarray:
                shared = zip((of_text, of_target), (texts, targets), fields, strict=True)
                parts = [np.sqrt(part) * draw.standard_normal(many)[field] for part, many, field in shared]
                return np.asarray(sum(parts) + np.sqrt(1 - of_text - of_target) * draw.standard_normal(n))

            rows = latent(draw, _ROWS)
            a, b = (errors(draw, rows, 1, latent)[0] < ndtri(_ACCURACY) for _ in "ab")
            d = b.astype(float) - a
            for name, won in _by_field(d, *fields).items():
                seen.setdefault(name, []).append(won)
        return [
            share("false winners, were rows draws", seen["rows"]),
            share("false winners, a text a draw", seen["text"]),
            share("false winners, a target a draw", seen["target"]),
            share("false winners, both fields clustered (a candidate)", seen["both"]),
        ]

    shares = f"{100 * of_text:.0f} % of what makes a row hard is the text's, {100 * of_target:.0f} % the target's"
    return World(f"{_ROWS} rows of {texts} texts and {targets} targets, {shares}", 250, simulate)


def _by_field(d: np.ndarray, text: np.ndarray, target: np.ndarray) -> dict[str, bool]:
    of_text, of_target, of_both = (_clustered(d, field) for field in (text, target, text * (target.max() + 1) + target))
    larger = max(of_text[0], of_target[0])
    variances = {
        "rows": _clustered(d, np.arange(len(d))),
        "text": of_text,
        "target": of_target,
        "both": (max(larger, of_text[0] + of_target[0] - of_both[0]), min(of_text[1], of_target[1])),
    }
    return {name: bool(2 * t.sf(abs(d.mean()) / np.sqrt(v), df) < 0.05) for name, (v, df) in variances.items()}


def _clustered(d: np.ndarray, field: np.ndarray) -> tuple[float, int]:
    """Variance of the mean with the rows of a unit as one draw, and degrees of freedom."""
    sums = np.bincount(np.unique(field, return_inverse=True)[1], d - d.mean())
    return float(len(sums) / (len(sums) - 1) * (sums @ sums) / len(d) ** 2), len(sums) - 1


WORLDS = [
    *(_shared(size, alike) for size in (3, 10) for alike in (0.1, 0.3, 0.6)),
    _crossed(100, 5, 0.0, 0.1),
    _crossed(100, 30, 0.2, 0.1),
    _crossed(100, 30, 0.3, 0.3),
    _crossed(60, 60, 0.3, 0.3),
]
