"""Scores of the whole set of rows, which are no means over them: by sums of row parts, and by values left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import norm

from toy_metrics import Auroc, Bleu, EntityF1, Mcc, Pearson, Spearman, SquaredError
from tuningfork.metrics.metric import Metric
from validity.findings import Finding, World, share
from validity.numbers_and_runs import Latent, Seen, errors, in_units, normal, skewed, very_skewed

Arm = tuple[int, float]
"""Runs, and how much their true quality spreads."""
_ERROR = 0.6
"""Deviation of an error, that of the gold numbers being 1."""
PROMPT_AND_RUNS: tuple[Arm, Arm] = ((1, 0.0), (5, 0.01))
ONE_EACH: tuple[Arm, Arm] = ((1, 0.0), (1, 0.0))


def _world(
    name: str,
    metric: Metric,
    study: Callable[[np.random.Generator, Seen, tuple[Arm, Arm]], None],
    arms: tuple[Arm, Arm] = PROMPT_AND_RUNS,
    *,
    truth: float | None = None,
    promised: bool = True,
    draws: int = 200,
) -> World:
    who = "one answer each" if arms == ONE_EACH else "a prompt against five runs"

    def simulate(draw: np.random.Generator, times: int) -> list[Finding]:
        seen = Seen(metric, truth)
        for _ in range(times):
            study(draw, seen, arms)
        return seen.findings() if promised else seen.findings(at_most=None, at_least=None)

    told = "" if promised else " (not promised)"
    return World(f"{metric.display_name}, {name}, {who}{told}", draws, simulate)


def numbers(n: int, one: Latent = normal, other: Latent | None = None) -> Callable[..., None]:
    """Gold numbers and answers that miss them by errors of one shape, or of another one for arm b."""

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        gold, rows = draw.standard_normal(n), one(draw, n)
        answers = []
        for (k, spread), latent in zip(arms, (one, other or one), strict=True):
            # Errors of unlike shapes share nothing: what is hard for both would have one shape.
            hard = latent(draw, n) if other else rows
            of_runs = errors(draw, hard, k, latent) if other is None else _alike(draw, n, k, latent)
            answers.append([gold + (_ERROR + 2 * spread * draw.standard_normal()) * error for error in of_runs])
        seen.add(gold, *answers)

    return study


def _alike(draw: np.random.Generator, n: int, k: int, latent: Latent) -> list[np.ndarray]:
    own = latent(draw, n)
    return [np.sqrt(0.7) * own + np.sqrt(0.3) * latent(draw, n) for _ in range(k)]


def numbers_in_units(units: int, size: int) -> Callable[..., None]:
    unit = np.repeat(np.arange(units), size)

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        latent = in_units(unit, 0.5)
        gold, rows = latent(draw, len(unit)), latent(draw, len(unit))
        answers = [
            [gold + (_ERROR + 2 * spread * draw.standard_normal()) * x for x in errors(draw, rows, k, latent)]
            for k, spread in arms
        ]
        seen.add(gold, *answers, unit)

    return study


def entities(n: int, *, a_row: float = 1.5, units: np.ndarray | None = None) -> Callable[..., None]:
    """Entities in a row by chance, found by eight in ten; in units, hard and rich documents."""

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        latent = normal if units is None else in_units(units, 0.4)
        rich = np.exp(0.3 * latent(draw, n) - 0.045) if units is not None else np.ones(n)
        gold, rows = draw.poisson(a_row * rich), latent(draw, n)
        answers = []
        for k, spread in arms:
            runs = []
            for error in errors(draw, rows, k, latent):
                found = norm.cdf(np.sqrt(2) * (norm.ppf(0.8) + 5 * spread * draw.standard_normal()) - error)
                true = draw.binomial(gold, found)
                runs.append(np.column_stack([true, true + draw.poisson(a_row * (0.3 * (1 - found) + 0.1))]))
            answers.append(runs)
        seen.add(gold, *answers, units)

    return study


def entities_apart(n: int) -> World:
    """Arm b finds 86.7 % of the entities and arm a 80 %, which is .839 and .800 of F1."""
    metric = EntityF1()

    def simulate(draw: np.random.Generator, times: int) -> list[Finding]:
        seen = Seen(metric)
        for _ in range(times):
            gold, rows = draw.poisson(1.5, n), draw.standard_normal(n)
            answers = []
            for k, found in ((1, 0.8), (5, 0.867)):
                runs = []
                for error in errors(draw, rows, k):
                    share_found = norm.cdf(
                        np.sqrt(2) * (norm.ppf(found) + 0.05 * (k > 1) * draw.standard_normal()) - error
                    )
                    true = draw.binomial(gold, share_found)
                    runs.append(np.column_stack([true, true + draw.poisson(0.3, n)]))
                answers.append(runs)
            seen.add(gold, *answers)
        return [share("winner found", seen.won)]

    return World(f"entity F1, {n} rows, five runs ahead of a prompt by 3.9 points", 100, simulate)


def detector(n: int, *, units: np.ndarray | None = None) -> Callable[..., None]:
    """Three rows in ten are positive, and score higher by one and a half."""

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        latent = normal if units is None else in_units(units, 0.5)
        gold, rows = (latent(draw, n) < norm.ppf(0.3)).astype(int), latent(draw, n)
        answers = [
            [gold * (1.5 + 5 * spread * draw.standard_normal()) + x for x in errors(draw, rows, k, latent)]
            for k, spread in arms
        ]
        seen.add(gold, *answers, units)

    return study


def rare_label(n: int) -> Callable[..., None]:
    """A label in 15 % of the rows, found by seven in ten, with 6 % false alarms."""

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        gold, rows = (draw.random(n) < 0.15).astype(int), draw.standard_normal(n)
        right = np.where(gold == 1, 0.7, 0.94)
        answers = [
            [
                np.where(norm.cdf(x) < right + spread * draw.standard_normal(), gold, 1 - gold)
                for x in errors(draw, rows, k)
            ]
            for k, spread in arms
        ]
        seen.add(gold, *answers)

    return study


def translations(n: int) -> Callable[..., None]:
    """Sentences of about 25 words; longer runs of words match less often."""

    def study(draw: np.random.Generator, seen: Seen, arms: tuple[Arm, Arm]) -> None:
        gold, rows = 10 + draw.poisson(15, n), draw.standard_normal(n)
        answers = []
        for k, spread in arms:
            runs = []
            for error in errors(draw, rows, k):
                match = norm.cdf(0.5 + 5 * spread * draw.standard_normal() + 0.5 * error)
                length = np.maximum(5, gold + draw.integers(-2, 3, n))
                hits, counts = draw.binomial(length, match), [length]
                columns = [hits, length]
                for words in (1, 2, 3):
                    hits = draw.binomial(np.minimum(hits, length - words), match**0.6)
                    columns += [hits, length - words]
                runs.append(np.column_stack([*columns, *counts]))
            answers.append(runs)
        seen.add(gold, *answers)

    return study


_OF_ERROR = 1 / np.sqrt(1 + _ERROR**2)
TRUE = {
    "Pearson": _OF_ERROR,
    "Spearman": 6 / np.pi * np.arcsin(_OF_ERROR / 2),
    "RMSE": _ERROR,
    "AUROC": float(norm.cdf(1.5 / np.sqrt(2))),
    "MCC": float(np.linalg.det([[0.105, 0.045], [0.051, 0.799]]) / np.sqrt(0.15 * 0.85 * 0.156 * 0.844)),
}
"""Scores of arms without runs that differ, in these worlds."""

_SIZES = (50, 150, 500)
_CORRELATIONS_AND_ERROR: tuple[Metric, ...] = (Pearson(), SquaredError())


UNEQUAL = np.repeat(np.arange(30), [4] * 20 + [15] * 8 + [50] * 2)
"""300 rows in 30 documents, of which the two largest have a sixth each."""


def _documents(units: int) -> np.ndarray:
    return np.repeat(np.arange(units), 10)


WORLDS = [
    *(
        _world(f"{n} rows, normal errors", metric, numbers(n), arms, truth=TRUE[metric.display_name] if own else None)
        for metric in (*_CORRELATIONS_AND_ERROR, Spearman())
        for n in (50, 150)
        for arms, own in ((ONE_EACH, True), (PROMPT_AND_RUNS, False))
    ),
    *(_world("500 rows, normal errors", metric, numbers(500)) for metric in _CORRELATIONS_AND_ERROR),
    _world("500 rows, normal errors", Spearman(), numbers(500), draws=30),
    *(
        _world(f"{n} rows, skewed errors (exponential) of one arm", metric, numbers(n, normal, skewed))
        for metric in _CORRELATIONS_AND_ERROR
        for n in _SIZES
    ),
    *(
        _world(f"{n} rows, lognormal errors of both arms", metric, numbers(n, very_skewed))
        for metric in _CORRELATIONS_AND_ERROR
        for n in _SIZES
    ),
    *(
        _world(f"{n} rows, lognormal errors of one arm", metric, numbers(n, normal, very_skewed), promised=False)
        for metric in _CORRELATIONS_AND_ERROR
        for n in _SIZES
    ),
    *(_world(f"{n} rows", EntityF1(), entities(n), arms) for n in _SIZES for arms in (ONE_EACH, PROMPT_AND_RUNS)),
    *(_world(f"{n} rows, a class of one entity in seven rows", EntityF1(), entities(n, a_row=0.15)) for n in _SIZES),
    *(_world(f"{n} rows, a class of one entity in 33 rows", EntityF1(), entities(n, a_row=0.03)) for n in _SIZES),
    *(entities_apart(n) for n in _SIZES),
    *(_world(f"{n} rows", Auroc(), detector(n), ONE_EACH, truth=TRUE["AUROC"]) for n in _SIZES),
    _world("150 rows", Auroc(), detector(150)),
    *(_world(f"{n} rows", Mcc(), rare_label(n), ONE_EACH, truth=TRUE["MCC"]) for n in _SIZES),
    _world("150 rows", Mcc(), rare_label(150)),
    *(_world(f"{n} rows", Bleu(), translations(n), arms) for n in _SIZES for arms in (ONE_EACH, PROMPT_AND_RUNS)),
    *(
        _world(f"{units} documents of ten rows", EntityF1(), entities(10 * units, units=_documents(units)), arms)
        for units in (12, 30, 60)
        for arms in (ONE_EACH, PROMPT_AND_RUNS)
    ),
    *(
        _world(f"{units} documents of ten rows", metric, numbers_in_units(units, 10))
        for metric in _CORRELATIONS_AND_ERROR
        for units in (12, 30)
    ),
    *(
        _world("30 documents of 4 to 50 rows", EntityF1(), entities(300, units=UNEQUAL), arms)
        for arms in (ONE_EACH, PROMPT_AND_RUNS)
    ),
    _world("30 documents of 4 to 50 rows", Auroc(), detector(300, units=UNEQUAL), draws=60),
    _world("30 documents of ten rows", Spearman(), numbers_in_units(30, 10), draws=60),
    _world("30 documents of ten rows", Auroc(), detector(300, units=_documents(30)), draws=60),
]
