"""Encoders that a kept model rests on: named by reference and digest, and never copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tuningfork.arms.family import Services
from tuningfork.errors import ModelUnavailable
from tuningfork.models.encoders.opening import encoder_identity
from tuningfork.models.store import ModelStore


def body_named(reference: str, *, trained: bool = False) -> dict[str, Any]:
    """An encoder for a kept model's files.

    Args:
        trained: its layers are trained further, which only the weights in full precision can be.
    """
    return {"reference": reference, "digest": _digest(reference, trained=trained)}


def require_body(plain: Mapping[str, Any], services: Services, *, trained: bool = False) -> str:
    """The reference of an encoder that is what it was when the model was kept; fetched if need be.

    Raises:
        InputError: there is no such encoder.
        ModelUnavailable: it cannot be had, or it is another by now.
    """
    reference = str(plain["reference"])
    if ModelStore().fingerprint_at_hand(reference, "encoder") is None:
        services.model_folder(reference)
    if _digest(reference, trained=trained) != plain["digest"]:
        raise ModelUnavailable(
            f"{reference} is not the encoder that this model was fitted on: its files are others now. Put the old ones "
            "back (of a model of the Hub, name its commit: hf:OWNER/NAME@COMMIT), or run the study again."
        )
    return reference


def _digest(reference: str, *, trained: bool) -> str | None:
    store = ModelStore()
    return store.fingerprint_at_hand(reference, "encoder") if trained else encoder_identity(reference, store)
