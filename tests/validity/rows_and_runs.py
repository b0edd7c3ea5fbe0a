"""Row scores as arms make them: rows are easy or hard for all arms alike, arms and runs differ beyond that."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri


def arm(draw: np.random.Generator, rows: np.ndarray, accuracy: float, spread: float, k: int) -> np.ndarray:
    """Row scores, shape (n, k), of k runs whose true accuracies have that mean and spread.

    Args:
        rows: shape (n,), standard normal: how hard each row is for everyone.
    """
    return runs_of(draw, rows, accuracy + spread * draw.standard_normal(k))


def runs_of(draw: np.random.Generator, rows: np.ndarray, accuracies: np.ndarray) -> np.ndarray:
    """Row scores, shape (n, k), of runs with those true accuracies."""
    bound = ndtri(np.clip(accuracies, 0.001, 0.999))
    own = np.sqrt(0.2) * draw.standard_normal(len(rows)) + np.sqrt(0.5) * rows
    return (own[:, None] + np.sqrt(0.3) * draw.standard_normal((len(rows), len(bound))) < bound).astype(float)
