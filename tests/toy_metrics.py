"""Metrics of answers that the package does not score yet, for tests of what statistics make of them.

Numbers are arrays (n,). Of graded rows an answer is its value. Entities are counted: gold (n,), answers (n, 2) of true
and predicted ones. Of a detector gold is 0 or 1, and an answer a score (AUROC) or 0 or 1 (MCC).
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

from tuningfork.metrics.measures import LeftOut, RowMeans, Sums
from tuningfork.metrics.metric import Metric


class Graded(Metric):
    """The mean of values from 0 to 1, such as token F1."""

    name, display_name = "graded", "graded"

    def measure(self, gold: np.ndarray | None, answers: np.ndarray) -> RowMeans:
        return RowMeans(np.asarray(answers, dtype=float))


class Chrf(Graded):
    """The same from 0 to 100, in a unit of its own."""

    name, display_name, unit, range, margin = "chrf", "chrF", "chrF", (0.0, 100.0), 2.0


class AbsoluteError(Metric):
    """Mean absolute error: no limit, lower is better."""

    name, display_name, unit, range, higher_is_better = "mae", "MAE", "stars", (0.0, np.inf), False

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> RowMeans:
        return RowMeans(np.abs(gold - answers))


class SquaredError(Metric):
    """Root mean square error."""

    name, display_name, unit, range, higher_is_better = "rmse", "RMSE", "stars", (0.0, np.inf), False
    simulated = True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> Sums:
        parts = np.column_stack([np.ones(len(gold)), (gold - answers) ** 2])
        return Sums(parts, lambda sums: np.sqrt(sums[:, 1] / sums[:, 0]))


class EntityF1(Metric):
    """Two times the true entities over those predicted and those in gold."""

    name, display_name, simulated = "entity_f1", "entity F1", True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> Sums:
        parts = np.column_stack([answers[:, 0], answers[:, 1], gold]).astype(float)
        return Sums(parts, lambda sums: 2 * sums[:, 0] / (sums[:, 1] + sums[:, 2]))


class Bleu(Metric):
    """Corpus BLEU from counts: gold (n,) lengths; answers (n, 9) matches and totals of one to four words, length."""

    name, display_name, unit, range, margin, simulated = "bleu", "BLEU", "BLEU", (0.0, 100.0), 2.0, True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> Sums:
        return Sums(np.column_stack([answers, gold]).astype(float), _bleu)


class Pearson(Metric):
    """Pearson's correlation."""

    name, display_name, unit, range, simulated = "pearson", "Pearson", "", (-1.0, 1.0), True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> Sums:
        x, y = gold - gold.mean(), answers - answers.mean()
        return Sums(np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y]), _correlation)


class Mcc(Metric):
    """Matthews' correlation of two labels."""

    name, display_name, unit, range, simulated = "mcc", "MCC", "", (-1.0, 1.0), True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> Sums:
        cells = [(gold == g) & (answers == a) for g in (1, 0) for a in (1, 0)]
        return Sums(np.column_stack(cells).astype(float), _matthews)


class Spearman(Metric):
    """Spearman's correlation, equal values in the middle of their ranks."""

    name, display_name, unit, range, simulated = "spearman", "Spearman", "", (-1.0, 1.0), True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> LeftOut:
        def on(rows: np.ndarray) -> float:
            return _rank_correlation(gold[rows], answers[rows])

        return LeftOut(_rank_correlation(gold, answers), lambda: _without_each_rank(gold, answers), on)


class Auroc(Metric):
    """Area under the curve: how often a positive row has the higher score than a negative one."""

    name, display_name, simulated = "auroc", "AUROC", True

    def measure(self, gold: np.ndarray, answers: np.ndarray) -> LeftOut | None:
        def on(rows: np.ndarray) -> float:
            if len(np.unique(gold[rows])) < 2:
                return float("nan")
            return float(_placements(gold[rows], answers[rows])[gold[rows] == 1].mean())

        def without() -> np.ndarray:
            placed, positive = _placements(gold, answers), gold == 1
            alike = np.where(positive, positive.sum(), (~positive).sum())
            whole = placed[positive].mean()
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.where(alike > 1, (alike * whole - placed) / (alike - 1), np.nan)

        return LeftOut(on(np.ones(len(gold), bool)), without, on) if len(np.unique(gold)) == 2 else None


def _bleu(sums: np.ndarray) -> np.ndarray:
    precisions = sums[:, 0:8:2] / sums[:, 1:8:2]
    brevity = np.minimum(0.0, 1 - sums[:, 9] / sums[:, 8])
    return 100 * np.exp(brevity + np.log(precisions).mean(axis=1))


def _correlation(sums: np.ndarray) -> np.ndarray:
    n, x, y, xx, yy, xy = sums.T
    spread = (n * xx - x * x) * (n * yy - y * y)
    size = (n * xx) * (n * yy)
    return np.where(spread > 1e-18 * size, (n * xy - x * y) / np.sqrt(np.maximum(spread, 1e-300)), np.nan)


def _matthews(cells: np.ndarray) -> np.ndarray:
    tp, fn, fp, tn = cells.T
    return (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))


def _rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    a, b = rankdata(x), rankdata(y)
    a, b = a - a.mean(), b - b.mean()
    spread = (a @ a) * (b @ b)
    return float(a @ b / np.sqrt(spread)) if spread > 0 else float("nan")


def _without_each_rank(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A rank falls by one for a smaller value left out, by a half for an equal one."""
    r, s = rankdata(x), rankdata(y)
    a, b = (_falls(values) for values in (x, y))
    n, sum_a, sum_b = len(x) - 1, a.sum(axis=1), b.sum(axis=1)
    sum_r, sum_s = r.sum() - r - sum_a, s.sum() - s - sum_b
    rr = r @ r - r * r - 2 * a @ r + (a * a).sum(axis=1)
    ss = s @ s - s * s - 2 * b @ s + (b * b).sum(axis=1)
    rs = r @ s - r * s - a @ s - b @ r + (a * b).sum(axis=1)
    spread = (rr - sum_r**2 / n) * (ss - sum_s**2 / n)
    return np.where(spread > 1e-9, (rs - sum_r * sum_s / n) / np.sqrt(np.maximum(spread, 1e-300)), np.nan)


def _falls(values: np.ndarray) -> np.ndarray:
    """Shape (n, n): by how much the rank of row j falls when row i leaves."""
    falls = (values[:, None] < values) + 0.5 * (values[:, None] == values)
    np.fill_diagonal(falls, 0.0)
    return falls


def _placements(gold: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Of a positive row the share of negative ones below it, of a negative row the share of positive ones above it."""
    positive = gold == 1
    above = (scores[positive][:, None] > scores[~positive]) + 0.5 * (scores[positive][:, None] == scores[~positive])
    placed = np.empty(len(gold))
    placed[positive], placed[~positive] = above.mean(axis=1), above.mean(axis=0)
    return placed
