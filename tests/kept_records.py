"""What a ledger holds of its trials, as plain JSON: to hold later code to what earlier code read from the same file."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np

from tuningfork.arms.results import Prediction, TrialResult
from tuningfork.study.ledger import Ledger

ROLES = ("evaluation", "validation", "shifted")


def told(ledger: Ledger) -> dict[str, Any]:
    """Every trial by its key, answers in full and matrices by their digest."""
    return {key: _trial(result) for key, result in ledger.trials().items()}


def _trial(result: TrialResult) -> dict[str, Any]:
    predictions = {role: getattr(result, role) for role in ROLES}
    return {
        "plan": asdict(result.plan),
        "side": result.side,
        "model": result.model,
        "status": result.status,
        "failure": result.failure,
        "predictions": {role: _prediction(found) for role, found in predictions.items() if found is not None},
        "seconds_train": result.seconds_train,
        "seconds_predict": result.seconds_predict,
        "latency_seconds": list(result.latency_seconds),
        "fit_usage": asdict(result.fit_usage),
        "usage": asdict(result.usage),
        "details": [list(pair) for pair in result.details],
        "notes": [asdict(note) for note in result.notes],
        "draw": result.draw,
        "question": result.question,
        "label_space": result.label_space,
    }


def _prediction(prediction: Prediction) -> dict[str, Any]:
    matrix, seconds = prediction.probabilities, prediction.row_seconds
    return {
        "labels": prediction.labels.tolist(),
        "probabilities": None
        if matrix is None
        else [list(matrix.shape), hashlib.sha256(np.ascontiguousarray(matrix, "<f4").tobytes()).hexdigest()],
        "row_seconds": None if seconds is None else seconds.tolist(),
    }
