"""A fine-tuned model that was kept, ready to answer again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from tuningfork.arms._trained import fields_of
from tuningfork.arms.bodies import require_body
from tuningfork.arms.family import Services
from tuningfork.arms.finetune.fitted import PLAIN, WEIGHTS, FittedFinetune
from tuningfork.arms.finetune.fitting import opened
from tuningfork.arms.finetune.isolation import own_threads
from tuningfork.arms.finetune.trainee import Trainee
from tuningfork.arms.kept import KeptAs, pairs_of, read_plain
from tuningfork.arms.targets.target import TARGETS
from tuningfork.errors import ArmFailed
from tuningfork.task.schema import Note


def load_finetuned(folder: Path, about: KeptAs, services: Services) -> FittedFinetune:
    """What `FittedFinetune.save` wrote, on the encoder that it was trained from.

    Raises:
        ArmFailed: that encoder's layers cannot be run apart here, which they could.
        InputError, ModelUnavailable: there is no such encoder, or it is another by now.
        ValueError, KeyError, TypeError: the files are of something else.
    """
    plain, type_ = read_plain(folder / PLAIN), about.task.type
    reference = require_body(plain["encoder"], services, trained=True)
    cut = plain["cut"]
    with services.stopwatch.not_counted(), own_threads():
        lower = opened(services.model_folder(reference))
        if cut is not None and not lower.body.can_be_cut:
            raise ArmFailed(f"the layers of {reference} cannot be run apart here, and this model needs that")
        trainee = Trainee(lower.body, cut)
        try:
            weights = load_file(folder / WEIGHTS)
        except SafetensorError as error:
            raise ValueError(f"{WEIGHTS} cannot be read: {error}") from error
        trainee.take_weights(np.array(plain["classes"], np.int32), weights)
    return FittedFinetune(
        about,
        trainee,
        lower,
        cut=cut,
        max_tokens=plain["max_tokens"],
        fields=fields_of(type_),
        read=TARGETS.get(type_.kind).read_again(plain["read"]),
        details=pairs_of(plain["details"]),
        notes=tuple(Note(code, message) for code, message in pairs_of(plain["notes"])),
        stopwatch=services.stopwatch,
    )
