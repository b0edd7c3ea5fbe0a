"""`finetune:ENCODER`: the upper layers of an encoder and a linear head, trained on the trial's labels."""

from tuningfork.arms.finetune.family import FAMILY

__all__ = ["FAMILY"]
