"""Limited-memory BFGS for smooth convex functions of many float32 numbers (Nocedal 1980).

SciPy's L-BFGS-B also minds bounds, in double precision and in threads of its own: with 30 000 numbers a step of it
takes longer than the loss of a thousand rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]

_MEMORY = 10
_SUFFICIENT = 1e-4
_MOST_HALVINGS = 20


def minimise(
    loss_and_gradient: Callable[[Numbers], tuple[float, Numbers]], start: Numbers, *, least_gain: float, most_steps: int
) -> Numbers:
    """Walk downhill from `start` until a step gains no more than `least_gain`.

    Args:
        loss_and_gradient: of numbers of shape (k,); convex, and scaled so that a plain gradient step is about right.
    """
    here = start
    loss, gradient = loss_and_gradient(here)
    steps: deque[tuple[Numbers, Numbers, float]] = deque(maxlen=_MEMORY)
    for _ in range(most_steps):
        direction = -_towards_newton(gradient, steps)
        slope = float(direction @ gradient)
        length, before = 1.0, loss
        for _ in range(_MOST_HALVINGS):
            there = here + np.float32(length) * direction
            loss, new_gradient = loss_and_gradient(there)
            if loss <= before + _SUFFICIENT * length * slope:
                break
            length /= 2
        else:
            return here
        moved, turned = there - here, new_gradient - gradient
        curvature = float(moved @ turned)
        if curvature > 0:
            steps.append((moved, turned, curvature))
        here, gradient = there, new_gradient
        if before - loss <= least_gain:
            break
    return here


def _towards_newton(gradient: Numbers, steps: deque[tuple[Numbers, Numbers, float]]) -> Numbers:
    """The gradient times an estimate of the inverse Hessian, from the last steps: the two-loop recursion."""
    result = gradient.copy()
    shares = []
    for moved, turned, curvature in reversed(steps):
        share = np.float32(float(moved @ result) / curvature)
        shares.append(share)
        result -= share * turned
    if steps:
        _, turned, curvature = steps[-1]
        result *= np.float32(curvature / float(turned @ turned))
    for (moved, turned, curvature), share in zip(steps, reversed(shares), strict=True):
        result += (share - np.float32(float(turned @ result) / curvature)) * moved
    return result
