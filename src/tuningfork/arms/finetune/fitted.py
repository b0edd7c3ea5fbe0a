"""A fine-tuned model that is ready to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tuningfork.arms._local import timed_one_by_one
from tuningfork.arms._trained import Text, texts_read
from tuningfork.arms.bodies import body_named
from tuningfork.arms.family import Progress
from tuningfork.arms.finetune.encoded import stack
from tuningfork.arms.finetune.isolation import own_threads
from tuningfork.arms.finetune.lower_outputs import LowerOutputs
from tuningfork.arms.finetune.trainee import Trainee
from tuningfork.arms.kept import KeptAs, keeping, write_plain
from tuningfork.arms.results import Prediction, Usage
from tuningfork.arms.targets.inner_choice import Scores
from tuningfork.arms.targets.target import ReadScores
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.task.inputs import Inputs
from tuningfork.task.schema import Note

_CHUNK = 512
PLAIN, WEIGHTS = "finetune.json", "finetune.safetensors"


class FittedFinetune:
    """Lower layers shared with all trials, upper layers and head of this one, and the scale of its scores."""

    fit_usage = Usage()

    def __init__(
        self,
        about: KeptAs,
        trainee: Trainee,
        lower: LowerOutputs,
        *,
        cut: int | None,
        max_tokens: int,
        fields: tuple[str, ...],
        read: ReadScores,
        details: tuple[tuple[str, str], ...],
        notes: tuple[Note, ...],
        stopwatch: Stopwatch,
    ) -> None:
        self.model = f"{about.spec.model} fine-tuned"
        self._about = about
        self.details, self.notes = details, notes
        self._trainee, self._lower, self._stopwatch = trainee, lower, stopwatch
        self._cut, self._max_tokens, self._fields, self._read = cut, max_tokens, fields, read

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        """Answers in chunks; what the lower layers make of a text is remembered for the other trials."""
        with own_threads():
            scores = self._scores(texts_read(rows, self._fields), progress)
        return self._read.prediction(scores), Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Seconds of each row alone, through all layers."""
        with own_threads():
            return timed_one_by_one(self._answer_alone, rows)

    def save(self, folder: Path) -> None:
        """What was trained in safetensors, the encoder by its reference and digest."""
        from safetensors.torch import save

        with keeping(folder, self._about):
            plain = {
                "encoder": body_named(self._about.spec.model, trained=True),
                "cut": self._cut,
                "max_tokens": self._max_tokens,
                "classes": self._trainee.classes.tolist(),
                "read": self._read.as_plain(),
                "details": self.details,
                "notes": [(note.code, note.message) for note in self.notes],
            }
            write_plain(folder / PLAIN, plain)
            (folder / WEIGHTS).write_bytes(save(self._trainee.weights()))

    def _scores(self, texts: Sequence[Text], progress: Progress | None) -> Scores:
        scores = [np.zeros((0, len(self._trainee.classes)), np.float32)]
        for start in range(0, len(texts), _CHUNK):
            chunk = texts[start : start + _CHUNK]
            encoded = self._lower.encode(chunk, cut=self._cut, max_tokens=self._max_tokens, owe=self._stopwatch.owe)
            scores.append(self._trainee.scores(encoded))
            if progress is not None:
                progress(start + len(chunk), len(texts))
        return np.concatenate(scores)

    def _answer_alone(self, row: Inputs) -> None:
        body = self._lower.body
        encoded = body.tokenise(texts_read(row, self._fields), self._max_tokens)
        if self._cut is not None:
            encoded = replace(encoded, states=body.lower(stack(encoded, (0,), body.device), self._cut))
        self._trainee.scores(encoded, rows=1)
