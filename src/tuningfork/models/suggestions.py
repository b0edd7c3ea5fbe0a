"""Encoders that are suggested as the next arm, as data, and which of them fits a task."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as package_files
from importlib.util import find_spec
from typing import Any, Literal

from tuningfork.models.starters import starters

BASE_SIZE = 100_000_000
"""Parameters from which an encoder has the size that published results rest on: BERT-base has 110 million, ModernBERT
149. The starters, 23 million and fewer, are distilled from such models, and lose some of what they know."""

_LABELS_WORTH_TRAINING = 1000
"""From so many labels fine-tuning a masked-token encoder is suggested before a head on frozen vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One encoder of the Hub that is worth measuring.

    Attributes:
        repository: OWNER/NAME.
        arm: the arm family that suits it: 'head' for one that was trained to give vectors, else 'finetune'.
        parameters: number of weights.
        licence: of the weights.
        languages: 'en', or 'mul' for many.
        context: tokens; longer texts are cut.
        release: 'YYYY-MM'.
        source: where the figures are from.
    """

    repository: str
    arm: Literal["head", "finetune"]
    parameters: int
    licence: str
    languages: Literal["en", "mul"]
    context: int
    release: str
    source: str

    @property
    def name(self) -> str:
        """The repository's name without its owner."""
        return self.repository.rpartition("/")[2]

    @property
    def spec(self) -> str:
        """The arm as a user writes it."""
        return f"{self.arm}:hf:{self.repository}"

    @property
    def size(self) -> str:
        """'109 M', '1.0 B'."""
        return size_in_words(self.parameters)


def suggestions() -> tuple[Suggestion, ...]:
    """All of them, in the order of the table."""
    return tuple(_table().values())


def next_encoder(
    measured: Collection[str], *, english: bool = True, tokens: float | None = None, n_labels: int | None = None
) -> Suggestion | None:
    """The encoder to measure next: of base size or more, one that can read the rows and was not measured.

    Args:
        measured: model references of the study's arms.
        english: whether most rows are English, as far as is known.
        tokens: of a text of middling length; a context that is shorter is passed over.
        n_labels: labels there are for training.

    Returns:
        None where all that fit were measured.
    """
    there = {_repository(reference) for reference in measured}
    fitting = [
        one
        for one in suggestions()
        if one.parameters >= BASE_SIZE
        and one.repository not in there
        and (one.languages == "mul" or english)
        and (tokens is None or tokens <= one.context)
        and (one.arm == "head" or find_spec("torch") is not None)
    ]
    trains = n_labels is not None and n_labels >= _LABELS_WORTH_TRAINING
    # Of equally suited ones the smallest, which costs the least to learn from.
    ranked = sorted(fitting, key=lambda one: ((one.arm == "finetune") != trains, one.parameters))
    return ranked[0] if ranked else None


def parameters_of(reference: str) -> int | None:
    """Parameters of a starter, by its name or its repository, or of a suggested encoder; None for any other model."""
    repository = _repository(reference)
    for one in starters():
        if one.name == reference or (one.hub is not None and one.hub.repository == repository):
            return one.parameters
    found = _table().get(repository)
    return None if found is None else found.parameters


def times_minilm(reference: str) -> float:
    """How many times MiniLM's time a text is likely to take, by the sizes of both; 1 where that is not known."""
    size, small = parameters_of(reference), parameters_of("minilm")
    return size / small if size and small and size > small else 1.0


def size_in_words(parameters: float) -> str:
    """'34,000', '8.2 M', '23 M', '1.5 B'."""
    if parameters < 1e5:
        return f"{parameters:,.0f}"
    if parameters < 1e9:
        return f"{parameters / 1e6:.{0 if parameters >= 1e7 else 1}f} M"
    return f"{parameters / 1e9:.1f} B"


def _repository(reference: str) -> str:
    """'hf:OWNER/NAME/FILE@REVISION' -> 'OWNER/NAME'; whatever else it is stays as it is."""
    return "/".join(reference.removeprefix("hf:").partition("@")[0].split("/")[:2])


@cache
def _table() -> dict[str, Suggestion]:
    from tuningfork.foundation.strict_yaml import parse_yaml

    text = package_files("tuningfork.models").joinpath("suggested_encoders.yaml").read_text(encoding="utf-8")
    raw: dict[str, dict[str, Any]] = parse_yaml(text).content
    return {
        name: Suggestion(repository=name, **{**entry, "release": str(entry["release"])}) for name, entry in raw.items()
    }
