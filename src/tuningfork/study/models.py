"""What a study's models were when it first used them: commit and digests, kept in its ledger."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import ModelUnavailable
from tuningfork.models.encoders.weights import read_weights
from tuningfork.models.hub_models import Contents
from tuningfork.models.store import ModelStore
from tuningfork.study.events import Observer
from tuningfork.study.ledger import Ledger
from tuningfork.task.schema import Note
from tuningfork.task.wording import listed

TOPIC = "model"
"""Under which the ledger's facts of models stand, by reference."""

WEIGHTS_CHANGED = "weights_changed"
_COMMIT_SHOWN = 12


def make_ready(arms: Sequence[tuple[ArmSpec, str]], observer: Observer) -> None:
    """Fetch the models that the person named and look at them, before any trial. One that cannot be had now is left to
    the trials, which say why.

    Raises:
        InputError: one that does not exist, is not for this token or cannot work, with the remedy.
    """
    store = ModelStore(announce=observer.announce)
    for spec, _ in arms:
        try:
            FAMILIES.get(spec.family).make_ready(spec, store)
        except ModelUnavailable as error:
            observer.announce(f"{spec.text} may have to be left out: {error}")


def keep_models(ledger: Ledger, arms: Sequence[tuple[ArmSpec, str]]) -> None:
    """Write down what each model is, the first time that the study has it."""
    known, store = ledger.facts(TOPIC), ModelStore()
    for reference, contents in _at_hand(arms, store):
        if reference not in known:
            fact = {
                "commit": contents.commit,
                "files": dict(contents.files),
                "parameters": _parameters(reference, store),
            }
            ledger.remember(TOPIC, reference, json.dumps(fact))


def changed_models(kept: Mapping[str, str], arms: Sequence[tuple[ArmSpec, str]]) -> tuple[Note, ...]:
    """A warning for each model whose files are others now than when the study first used it.

    Args:
        kept: the ledger's facts of models.
    """
    notes = []
    for reference, contents in _at_hand(arms, ModelStore()) if kept else ():
        first = json.loads(kept[reference]) if reference in kept else None
        if first is not None and first["files"] != dict(contents.files):
            notes.append(Note(WEIGHTS_CHANGED, _told(reference, first, contents)))
    return tuple(notes)


def sizes_in(kept: Mapping[str, str]) -> dict[str, int]:
    """Parameters by reference, as far as they were found when a model was first used."""
    sizes = {reference: json.loads(fact).get("parameters") for reference, fact in kept.items()}
    return {reference: size for reference, size in sizes.items() if size is not None}


def _at_hand(arms: Sequence[tuple[ArmSpec, str]], store: ModelStore) -> Iterator[tuple[str, Contents]]:
    references = (name for spec, _ in arms for name in FAMILIES.get(spec.family).models(spec))
    for reference in dict.fromkeys(references):
        if (contents := store.contents(reference, "encoder")) is not None:
            yield reference, contents


def _parameters(reference: str, store: ModelStore) -> int | None:
    """Of an encoder in safetensors; of an ONNX file, which may hold whole numbers, nobody counts them."""
    folder = store.locate(reference, "encoder")
    return read_weights(folder).parameters or None


def _told(reference: str, first: Mapping[str, Any], now: Contents) -> str:
    names = sorted({*first["files"], *now.files})
    other = [name for name in names if first["files"].get(name) != now.files.get(name)]
    told = f"{reference} is not what this study first used: {listed(other, most=3)} "
    told += "is another file now" if len(other) == 1 else "are other files now"
    if now.commit is None:
        return f"{told}. Its trials run again; put the old files back to keep to them."
    commits = f" (commit {first['commit'][:_COMMIT_SHOWN]} then, {now.commit[:_COMMIT_SHOWN]} now)"
    if now.commit == first["commit"]:
        return f"{told}, of the same commit{commits.partition(',')[0]}): the copy here is damaged or was changed. " + (
            "Its trials run again; delete its folder in the model cache to have it fetched anew."
        )
    stays = f"{reference.partition('@')[0]}@{first['commit']}"
    return f"{told}{commits}. Its trials run again; to keep to the first, name {stays}."
