"""Rows cut into blocks of any size give one prediction, and one calibration error."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.answers.category import Categories
from tuningfork.arms.results import NO_LABEL, Prediction
from tuningfork.metrics.calibration import expected_calibration_error
from tuningfork.study.trial import _joined
from tuningfork.verdict.decide import decide

ROWS = 300


def answered(gold: np.ndarray, rng: np.random.Generator) -> Prediction:
    """An LLM that gives no label in 120 rows on end, and probabilities wherever it gives one."""
    labels = np.where(rng.random(ROWS) < 0.8, gold, 1 - gold).astype(np.int32)
    labels[60:180] = NO_LABEL
    sure = rng.uniform(0.5, 1, ROWS).astype(np.float32)
    probabilities = np.stack([1 - sure, sure], axis=1)
    probabilities[labels == 0] = probabilities[labels == 0, ::-1]
    probabilities[labels == NO_LABEL] = np.nan
    return Prediction(Categories(labels), probabilities, row_seconds=rng.uniform(0.1, 0.2, ROWS))


def cut(whole: Prediction, size: int) -> list[Prediction]:
    """Blocks as the prompt arm hands them over: without probabilities where no row of the block has any."""
    assert whole.probabilities is not None and whole.row_seconds is not None
    blocks = []
    for start in range(0, len(whole), size):
        part = slice(start, start + size)
        probabilities = whole.probabilities[part]
        seen = None if np.isnan(probabilities).all() else probabilities
        blocks.append(Prediction(whole.answers.take(part), seen, row_seconds=whole.row_seconds[part]))
    return blocks


@pytest.mark.parametrize("size", [1, 7, 25, 60, 120, 299, 300])
def test_the_calibration_error_does_not_hang_on_how_rows_were_cut(size: int) -> None:
    records = make_records(arms=[PlantedArm("prompt:m", accuracy={0: 0.8}, deterministic=True)], rows=ROWS)
    whole = answered(records.task.evaluation.gold, np.random.default_rng(1))
    joined = _joined(cut(whole, size))
    np.testing.assert_array_equal(joined.labels, whole.labels)
    np.testing.assert_array_equal(joined.probabilities, whole.probabilities)
    np.testing.assert_array_equal(joined.row_seconds, whole.row_seconds)
    trial = dataclasses.replace(records.trials[0], evaluation=joined)
    (row,) = decide(dataclasses.replace(records, trials=(trial,))).arms
    expected = expected_calibration_error(records.task.evaluation.gold, whole.labels, whole.probabilities)
    assert row.ece == expected is not None


def test_no_probabilities_anywhere_stay_none() -> None:
    blocks = [Prediction(Categories(np.zeros(5, np.int32))), Prediction(Categories(np.ones(3, np.int32)))]
    assert _joined(blocks).probabilities is None
    assert _joined(blocks).row_seconds is None


def test_a_trial_in_which_no_answer_was_a_label_does_not_erase_the_others() -> None:
    records = make_records(arms=[PlantedArm("prompt:m", accuracy={5: 0.8}, seeds=3)], rows=ROWS)
    gold = records.task.evaluation.gold
    first, second = (answered(gold, np.random.default_rng(draw)) for draw in (2, 3))
    nothing = Prediction(Categories(np.full(ROWS, NO_LABEL, np.int32)))
    given = [nothing, first, second]
    trials = tuple(dataclasses.replace(t, evaluation=p) for t, p in zip(records.trials, given, strict=True))
    (row,) = decide(dataclasses.replace(records, trials=trials)).arms
    errors = [expected_calibration_error(gold, p.labels, p.probabilities) for p in (first, second)]
    assert row.ece == pytest.approx(np.mean(errors))
