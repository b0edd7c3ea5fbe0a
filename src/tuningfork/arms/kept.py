"""A fitted model as a folder: `model.json` says what it is, and plain files beside it hold numbers and texts.

Nothing in such a folder can run anything. Every file stands in `model.json` with its digest, and so does `model.json`
itself: what was cut short or changed is refused, and never answers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.hashing import hash_of, hash_of_file
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.task_type import TASK_TYPES, TaskType

HEADER = "model.json"
_FORMAT, _DISTRIBUTION = 1, "tuningfork-nlp"
_AGAIN = "Take the folder from a copy, or run the study again with another --out"


@dataclass(frozen=True, slots=True, eq=False)
class KeptTask:
    """What a model has to know of its task to answer rows: no row is in it.

    Attributes:
        type: which fields a row has, and what an answer is one of.
        labels: what answers are indices into.
        captions: field -> what a reader of the row would call it, of rows that are more than one text.
        symmetric: the two texts of a pair may change places.
    """

    type: TaskType
    labels: LabelSpace
    captions: Mapping[str, str] = field(default_factory=dict)
    symmetric: bool = False

    def as_plain(self) -> dict[str, Any]:
        """Strings and lists, for `from_plain`."""
        return {
            "type": self.type.name,
            "kind": self.type.kind,
            "fields": list(self.captions) or [field.name for field in self.type.required],
            "captions": dict(self.captions),
            "symmetric": self.symmetric,
            "labels": [
                {"value": label.value, "name": label.name, "description": label.description}
                for label in self.labels.labels
            ],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """A task as it was kept.

        Raises:
            UnknownName: its type is not known here.
            KeyError, TypeError: it is no task.
        """
        labels = tuple(Label(one["value"], one["name"], one["description"]) for one in plain["labels"])
        return cls(TASK_TYPES.get(plain["type"]), LabelSpace(labels), plain["captions"], plain["symmetric"])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptAs:
    """What a model is, beside its numbers.

    Attributes:
        spec: its arm; the family is named in it.
        recipe_version: of the family when it was fitted.
        n_labels: labelled rows that it was fitted to, None where that is not known.
        seed: of the trial.
    """

    spec: ArmSpec
    recipe_version: int
    task: KeptTask
    n_labels: int | None
    seed: int

    def as_plain(self) -> dict[str, Any]:
        """Strings, numbers and lists, for `from_plain`."""
        return {
            "arm": self.spec.text,
            "family": self.spec.family,
            "recipe_version": self.recipe_version,
            "labels_seen": self.n_labels,
            "seed": self.seed,
            "task": self.task.as_plain(),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """A model as it was kept.

        Raises:
            UnknownName: its task type is not known here.
            KeyError, TypeError: it is none.
        """
        return cls(
            spec=ArmSpec.parse(plain["arm"]),
            recipe_version=plain["recipe_version"],
            task=KeptTask.from_plain(plain["task"]),
            n_labels=plain["labels_seen"],
            seed=plain["seed"],
        )


@contextmanager
def keeping(folder: Path, about: KeptAs) -> Iterator[None]:
    """Write a model: the block puts its files into `folder`, and the header with all their digests is written last."""
    folder.mkdir(parents=True, exist_ok=True)
    yield
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / HEADER)
    for path in files:
        _flush(path)
    header = {
        "format": _FORMAT,
        "tuningfork": version(_DISTRIBUTION),
        **about.as_plain(),
        "files": {path.relative_to(folder).as_posix(): hash_of_file(path) for path in files},
    }
    write_plain(folder / HEADER, {**header, "digest": hash_of(header)})
    _flush(folder / HEADER)


def read_kept(folder: Path) -> KeptAs:
    """What a folder holds, once all of it was found to be as it was written.

    Raises:
        InputError: no model, one of a newer tuningfork, or one that is damaged.
        UnknownName: of a type of task that is not known here.
    """
    place = folder / HEADER
    if not place.is_file():
        raise InputError(
            f"holds no kept model: it has no {HEADER}", file=folder, remedy="A study keeps its own under models/"
        )
    header = read_plain(place)
    if isinstance(written := header.get("format"), int) and written > _FORMAT:
        raise InputError(
            f"was kept by a newer tuningfork ({header.get('tuningfork')}): its format is {written}, and this one "
            f"({version(_DISTRIBUTION)}) reads {_FORMAT}",
            file=place,
            remedy="Update tuningfork",
        )
    digest = header.pop("digest", None)
    if digest != hash_of(header):
        raise InputError("is damaged: it is not what was written", file=place, remedy=_AGAIN)
    for name, expected in header.get("files", {}).items():
        file = folder / name
        if not file.is_file():
            raise InputError("is missing; a kept model cannot do without it", file=file, remedy=_AGAIN)
        if hash_of_file(file) != expected:
            raise InputError("is damaged: it is not what was written", file=file, remedy=_AGAIN)
    try:
        return KeptAs.from_plain(header)
    except UnknownName:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"is no header of a kept model ({error})", file=place, remedy=_AGAIN) from error


def write_plain(path: Path, plain: Mapping[str, Any]) -> None:
    """Strings, numbers and lists as JSON. Numbers keep all of their digits, and texts every character."""
    path.write_text(json.dumps(plain, indent=1 if path.name == HEADER else None), encoding="ascii", newline="")


def read_plain(path: Path) -> dict[str, Any]:
    """What `write_plain` wrote.

    Raises:
        InputError: there is no such file, or it is no JSON object.
    """
    try:
        found = json.loads(path.read_text(encoding="ascii"))
    except FileNotFoundError as error:
        raise InputError("is missing", file=path, remedy=_AGAIN) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"is damaged: it cannot be read ({error})", file=path, remedy=_AGAIN) from error
    if not isinstance(found, dict):
        raise InputError("is damaged: it is no JSON object", file=path, remedy=_AGAIN)
    return found


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Arrays of numbers as npz."""
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # no array is called as its options are


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """What `write_arrays` wrote.

    Raises:
        InputError: there is no such file, or it is none of numbers.
    """
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as found:
            return {name: found[name] for name in found.files}
    except FileNotFoundError as error:
        raise InputError("is missing", file=path, remedy=_AGAIN) from error
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"is damaged: it cannot be read ({error})", file=path, remedy=_AGAIN) from error


def pairs_of(plain: Sequence[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """Details of an arm, of lists that JSON made of them."""
    return tuple((name, told) for name, told in plain)


def _flush(path: Path) -> None:
    """Onto the disk, so that a power cut leaves no header of files that are not there."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())
