"""Expected calibration error: by hand, by an independent loop, and where it is not known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tuningfork.metrics.calibration import expected_calibration_error


def plain_loop(
    gold: NDArray[np.int32], predicted: NDArray[np.int32], probabilities: NDArray[np.float32], bins: int
) -> float:
    confidence = np.array([float(row[label]) for row, label in zip(probabilities, predicted, strict=True)])
    right, total = gold == predicted, 0.0
    for low, high in zip(np.arange(bins) / bins, np.arange(1, bins + 1) / bins, strict=True):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


@pytest.mark.parametrize("bins", [1, 7, 15])
def test_matches_a_plain_loop(bins: int) -> None:
    draw = np.random.default_rng(0)
    probabilities = draw.dirichlet([0.7] * 5, size=400).astype(np.float32)
    predicted = probabilities.argmax(axis=1).astype(np.int32)
    gold = draw.integers(0, 5, 400).astype(np.int32)
    expected = plain_loop(gold, predicted, probabilities, bins)
    assert expected_calibration_error(gold, predicted, probabilities, bins) == pytest.approx(expected, abs=1e-6)


def test_by_hand() -> None:
    gold, predicted = np.array([0, 0, 1, 1], np.int32), np.array([0, 1, 1, 1], np.int32)
    probabilities = np.array([[0.9, 0.1], [0.1, 0.9], [0.4, 0.6], [0.4, 0.6]], np.float32)
    # Confidence 0.9: half are right. Confidence 0.6: both are right.
    assert expected_calibration_error(gold, predicted, probabilities) == pytest.approx(0.5 * 0.4 + 0.5 * 0.4)


def test_calibrated_predictions_have_almost_none() -> None:
    draw = np.random.default_rng(1)
    probabilities = draw.dirichlet([1, 1, 1], size=20_000)
    gold = (draw.random((20_000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(0, 2).astype(np.int32)
    predicted = probabilities.argmax(axis=1).astype(np.int32)
    error = expected_calibration_error(gold, predicted, probabilities.astype(np.float32))
    assert error is not None and error < 0.02


def test_rows_without_probabilities_or_label_do_not_count() -> None:
    gold, predicted = np.array([0, 1, 1], np.int32), np.array([0, 0, -1], np.int32)
    probabilities = np.array([[0.7, 0.3], [np.nan, np.nan], [0.5, 0.5]], np.float32)
    assert expected_calibration_error(gold, predicted, probabilities) == pytest.approx(0.3)
    assert expected_calibration_error(gold[1:], predicted[1:], probabilities[1:]) is None
    assert expected_calibration_error(gold, predicted, None) is None
    assert expected_calibration_error(gold[:0], predicted[:0], probabilities[:0]) is None


def test_shapes_that_do_not_fit() -> None:
    labels = np.array([0, 1], np.int32)
    with pytest.raises(ValueError, match="shape"):
        expected_calibration_error(labels, labels, np.ones((3, 2), np.float32))
    with pytest.raises(ValueError, match="bin"):
        expected_calibration_error(labels, labels, np.ones((2, 2), np.float32), bins=0)
