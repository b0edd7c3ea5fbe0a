"""A linear scorer as three arrays: what is left of a learner once it was fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.targets.inner_choice import Scores

_TWO_SIDES = np.array([-0.5, 0.5], np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class LinearScorer:
    """Scores of rows, dense or sparse.

    Attributes:
        classes: what is scored, ascending, shape (k,).
        weights: shape (features, k); of two classes one column may do, which is for the second and against the first.
        bias: shape (columns,).
    """

    classes: NDArray[np.int32]
    weights: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]]

    def scores(self, inputs: Any) -> Scores:
        """Shape (n, k); in the precision of the weights, and rounded to float32 at the end."""
        found: Scores = (inputs @ self.weights + self.bias).astype(np.float32, copy=False)
        return found if found.shape[1] == len(self.classes) else np.outer(found[:, 0], _TWO_SIDES)

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` makes the same of."""
        return {"classes": self.classes, "weights": self.weights, "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """A scorer that was kept.

        Raises:
            ValueError: the arrays are of something else.
        """
        try:
            classes, weights, bias = (arrays[name] for name in ("classes", "weights", "bias"))
        except KeyError as error:
            raise ValueError(f"no linear scorer: {error}") from error
        columns = {len(classes)} | ({1} if len(classes) == len(_TWO_SIDES) else set())
        if weights.ndim != 2 or bias.shape != weights.shape[1:] or len(bias) not in columns:
            raise ValueError(f"no linear scorer: {classes.shape} classes, {weights.shape} weights, {bias.shape} biases")
        return cls(classes, weights, bias)
