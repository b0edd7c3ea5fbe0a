"""The models that a study leaves behind: of each arm the one that was fitted to the most labels, from its first sample.

A model lies in a folder of its own, written as a whole under another name and renamed. A run that was killed leaves no
half model; what it left half written, the next one removes.
"""

from __future__ import annotations

import json
import re
import shutil
from contextlib import suppress
from pathlib import Path

from tuningfork.arms.family import Fitted, Keepable
from tuningfork.errors import TuningforkError
from tuningfork.foundation.hashing import hash_of
from tuningfork.study.planned import PlannedTrial
from tuningfork.task.schema import Note

MODEL_NOT_KEPT = "model_not_kept"
MOST_BYTES = 200_000_000
_TRIAL = "trial.json"
"""Which trial a model is of: its number of labels, and the digest of what else its answers hang on."""
_NEW, _OLD = ".new", ".old"
_LONGEST_NAME = 80


class KeptModels:
    """The folder of a study's models.

    Args:
        folder: made when the first model is kept. Other things may lie in it.
        most_bytes: of one model; a larger one is left out.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes
        self._left_out: dict[str, Note] = {}
        self._clear_up()

    def keep(self, planned: PlannedTrial, fitted: Fitted) -> Note | None:
        """Keep the model of a trial, if it is of its arm's first sample and no model of more labels is there.

        Returns:
            Why it was not kept, of a model that should have been; nothing of it, and no error, stops a study.
        """
        plan, question = planned.plan, planned.arm.question
        if planned.arm.spec.is_check:
            return None  # nobody would use it
        if plan.seed != 0 or not isinstance(fitted, Keepable) or plan.arm in self._left_out:
            return self._left_out.get(plan.arm) if plan.seed == 0 else None
        place, n_labels = self._folder / folder_name(plan.arm), plan.n_labels or 0
        if _labels_of(place, question) >= n_labels:
            return None
        new = _beside(place, _NEW)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(new, ignore_errors=True)
            fitted.save(new)
            (new / _TRIAL).write_text(json.dumps({"n_labels": n_labels, "question": question}), encoding="utf-8")
            size = sum(path.stat().st_size for path in new.rglob("*") if path.is_file())
            if size > self._most_bytes:
                most = f"the {self._most_bytes / 1e6:.0f} MB that a study keeps of one arm"
                self._left_out[plan.arm] = _note(planned, f"it takes {size / 1e6:.0f} MB, more than {most}")
                return self._left_out[plan.arm]
            _swap(new, place)
        except (TuningforkError, OSError) as error:  # the trial's answers are there, and worth more than its model
            return _note(planned, str(error))
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return None

    def _clear_up(self) -> None:
        """What a run that was killed left half done: an old model without its name gets it back."""
        for old in self._folder.glob(f".*{_OLD}"):
            place = old.with_name(old.name.removeprefix(".").removesuffix(_OLD))
            if not place.exists():
                with suppress(OSError):
                    old.rename(place)
            shutil.rmtree(old, ignore_errors=True)
        for new in self._folder.glob(f".*{_NEW}"):
            shutil.rmtree(new, ignore_errors=True)


def folder_name(arm: str) -> str:
    """The name of the folder of an arm's model: the spec as far as a file system takes it, and where that could be
    another's too, a part of its digest."""
    plain = re.sub(r"[^\w.-]+", "-", arm, flags=re.ASCII).strip("-.")[:_LONGEST_NAME]
    return plain if plain.replace("-", ":", 1) == arm or plain == arm else f"{plain}-{hash_of(arm)[:8]}"


def _labels_of(place: Path, question: str) -> int:
    """How many labels the model there was fitted to; -1 where none is, or one that answers another question."""
    try:
        kept = json.loads((place / _TRIAL).read_text(encoding="utf-8"))
        return int(kept["n_labels"]) if kept["question"] == question else -1
    except (OSError, ValueError, KeyError, TypeError):
        return -1


def _swap(new: Path, place: Path) -> None:
    """Give a folder its name; one that has it is moved aside first, and deleted when the new one is there."""
    old = _beside(place, _OLD)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _beside(place: Path, suffix: str) -> Path:
    return place.with_name(f".{place.name}{suffix}")


def _note(planned: PlannedTrial, why: str) -> Note:
    return Note(MODEL_NOT_KEPT, f"{planned.plan.arm}: its fitted model was not kept: {why}")
