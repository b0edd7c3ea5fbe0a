"""What every wording of a prompt answered to the same few rows, as a trial keeps it in its details.

Answers are kept and not scores: they are scored when they are read, in the metric that the study has then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.results import Prediction

WORDING_ANSWERS = "wording_answers"
"""Key in a trial's details: a JSON object, by wording the label indices of the first evaluation rows in their order."""


def write_answers(by_wording: Mapping[str, Prediction]) -> str:
    """As the detail has it."""
    return json.dumps({name: prediction.labels.tolist() for name, prediction in by_wording.items()})


def read_answers(text: str) -> dict[str, NDArray[np.int32]]:
    """By wording, label indices or NO_LABEL, shape (rows,)."""
    return {name: np.array(labels, dtype=np.int32) for name, labels in json.loads(text).items()}
