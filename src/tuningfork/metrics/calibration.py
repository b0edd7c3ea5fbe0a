"""Does an arm know how sure it may be?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tuningfork.metrics.metric import LabelIndices, check_labels


def expected_calibration_error(
    gold: LabelIndices, predicted: LabelIndices, probabilities: NDArray[np.float32] | None, bins: int = 15
) -> float | None:
    """Mean distance between confidence and accuracy over equal-width bins of confidence, weighted by their rows.

    Confidence is the probability of the predicted label. Naeini, Cooper, Hauskrecht (2015); Guo et al. (2017).

    Args:
        gold, predicted: shape (n,).
        probabilities: shape (n, labels), a row of NaN where there are none; None for an arm without any.
        bins: number of bins; bin i is (i / bins, (i + 1) / bins], the first one with its left end.

    Returns:
        A number in [0, 1], or None when no row has both a label and probabilities.

    Raises:
        ValueError: shapes that do not fit, or bins below 1.
    """
    check_labels(gold, predicted)
    if bins < 1:
        raise ValueError(f"at least one bin is needed: {bins=}")
    if probabilities is None:
        return None
    if probabilities.ndim != 2 or len(probabilities) != len(gold):
        raise ValueError(f"probabilities need shape (n, labels): {probabilities.shape=}, n={len(gold)}")
    known = np.flatnonzero((predicted >= 0) & ~np.isnan(probabilities).any(axis=1))
    if not len(known):
        return None
    confidence = probabilities[known, predicted[known]].astype(np.float64).clip(0, 1)
    gap = (gold[known] == predicted[known]) - confidence
    places = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(places, weights=gap, minlength=bins)).sum() / len(known))
