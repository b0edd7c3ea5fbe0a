"""Multinomial logistic regression on dense vectors, small and warm: the head of frozen encoders.

scikit-learn's solver stops by the mean gradient, which on unit-length vectors leaves a warm-started path where it
began (seen on 2000 rows of 77 labels: 0 iterations and up to 6 points lost). Here the vectors are turned to their
principal axes once, and scaled for each strength by an upper bound of the Hessian (Böhning 1992, 'Multinomial
logistic regression algorithm'); L-BFGS then needs about as many steps for weak regularisation as for strong, and
stops by what a step still gains.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.targets.lbfgs import minimise
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.rows import Gold

_LEAST_GAIN = 3e-5
_MOST_STEPS = 150


class LogisticLearner:
    """Logistic regression of some rows; a fit at another strength starts from the last one.

    Minimises the summed log loss plus |weights|^2 / (2 strength), the bias being free: `strength` is scikit-learn's
    C. With one class only there is nothing to fit, and its score is 0.

    Attributes:
        classes: the labels among the rows, ascending, shape (k,).
        weights: shape (dimensions, k), of the last fit.
        bias: shape (k,).
    """

    def __init__(self, vectors: Vectors, gold: Gold) -> None:
        classes, self._encoded = np.unique(gold, return_inverse=True)
        self.classes = classes.astype(np.int32)
        self.weights = np.zeros((vectors.shape[1], len(classes)), np.float32)
        self.bias = np.zeros(len(classes), np.float32)
        self._centre = vectors.mean(axis=0)
        with _one_thread():
            self._axes, self._variances = _principal_axes(vectors - self._centre)
            self._turned = (vectors - self._centre) @ self._axes

    def fit(self, strength: float) -> None:
        """Fit at this strength, from where the last fit ended."""
        if len(self.classes) == 1:
            return
        with _one_thread():
            self._minimise(strength)

    def begin_at(self, other: LogisticLearner) -> None:
        """Start the next fit from where another learner's last one ended; nothing where their labels differ."""
        if np.array_equal(other.classes, self.classes):
            self.weights, self.bias = other.weights, other.bias

    def scores(self, vectors: Vectors) -> NDArray[np.float32]:
        """Log-odds up to a constant a row, shape (n, k)."""
        return vectors @ self.weights + self.bias

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """Of the last fit."""
        return {"classes": self.classes, "weights": self.weights, "bias": self.bias}

    def _minimise(self, strength: float) -> None:
        rows, n_classes = len(self._turned), len(self.classes)
        scale = (1 / np.sqrt(self._variances / 2 + 1 / strength)).astype(np.float32)[:, None]
        bias_scale = np.float32(np.sqrt(2 / rows))
        inputs = np.hstack([self._turned * scale.T, np.full((rows, 1), bias_scale)])
        shrinkage = scale**2 / np.float32(strength)
        gold = (np.arange(rows), self._encoded)

        def loss_and_gradient(flat: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
            weights = flat.reshape(-1, n_classes)
            odds = inputs @ weights
            odds -= odds.max(axis=1, keepdims=True)
            loss = -odds[gold].sum(dtype=np.float64)
            np.exp(odds, out=odds)
            total = odds.sum(axis=1, keepdims=True)
            loss += np.log(total).sum(dtype=np.float64)
            odds /= total
            odds[gold] -= 1
            gradient = inputs.T @ odds
            shrunk = shrinkage * weights[:-1]
            gradient[:-1] += shrunk
            loss += 0.5 * (weights[:-1] * shrunk).sum(dtype=np.float64)
            return float(loss), gradient.ravel()

        start = np.vstack([self._axes.T @ self.weights / scale, (self.bias + self._centre @ self.weights) / bias_scale])
        found = minimise(loss_and_gradient, start.ravel(), least_gain=_LEAST_GAIN * rows, most_steps=_MOST_STEPS)
        solution = found.reshape(-1, n_classes)
        self.weights = self._axes @ (solution[:-1] * scale)
        self.bias = solution[-1] * bias_scale - self._centre @ self.weights


def _principal_axes(centred: Vectors) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Axes, shape (dimensions, r), r = min(n, dimensions), and the summed squares along them, shape (r,).

    With fewer rows than dimensions the rest of the space is never looked at: no gradient leads there.
    """
    n, dimensions = centred.shape
    if n < dimensions:
        _, singular, axes = np.linalg.svd(centred, full_matrices=False)
        return axes.T, singular.astype(np.float64) ** 2
    squares, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    return directions.astype(np.float32), np.maximum(squares, 0.0)


def _one_thread() -> AbstractContextManager[object]:
    """Matrices this small lose far more by threads that wait for each other than they gain (seen: a hundredfold on a
    busy machine)."""
    limits: AbstractContextManager[object] = _thread_pools().limit(limits=1, user_api="blas")
    return limits


@cache
def _thread_pools() -> Any:
    """The process's thread pools; finding them takes 10 ms, so it is done once."""
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()
