"""One category a row: cross entropy, rare categories weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tuningfork.answers.category import Categories
from tuningfork.arms.finetune.losses.loss import Loss, LossOfBatch
from tuningfork.task.rows import Gold

_UNBALANCED = 3
"""A class is rare when it has less than this part of its even share."""


class CategoryLoss(Loss):
    """Cross entropy; classes weigh more the rarer they are where the rarest is far below its even share."""

    kind: ClassVar[str] = Categories.kind

    def of(self, classes: NDArray[np.int32], gold: Gold, device: str) -> LossOfBatch:
        targets = torch.from_numpy(np.searchsorted(classes, gold)).to(device)
        entropy = nn.CrossEntropyLoss(weight=_class_weights(targets, len(classes)))

        def loss(odds: Any, rows: Sequence[int]) -> Any:
            return entropy(odds, targets[list(rows)])

        return loss


def _class_weights(targets: Any, n_classes: int) -> Any:
    """None, or weights that fall with the root of a class's share, where the rarest is far below its even share.

    The root, because full inverse frequencies make a handful of rows steer the training.
    """
    counts = torch.bincount(targets, minlength=n_classes).float()
    if counts.min() * n_classes * _UNBALANCED >= len(targets):
        return None
    weights = counts.rsqrt()
    return weights * len(targets) / (weights * counts).sum()


LOSS = CategoryLoss()
