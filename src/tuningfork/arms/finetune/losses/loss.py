"""The contract of a loss, and the registry of losses.

A new kind of answer that can be fine-tuned has one module here with a module-level `LOSS`, or an entry point in the
group `tuningfork.arms.finetune.losses` of another package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.registry import Registry
from tuningfork.task.rows import Gold

LossOfBatch = Callable[[Any, Sequence[int]], Any]
"""Called with what the head says of a batch, shape (batch, …), and the rows that it is of; a tensor of one number."""


class Loss(ABC):
    """What training makes smaller for answers of one kind.

    Attributes:
        kind: of the answers, as in `tuningfork.answers`.
    """

    kind: ClassVar[str]

    @abstractmethod
    def of(self, classes: NDArray[np.int32], gold: Gold, device: str) -> LossOfBatch:
        """The loss on batches of these rows.

        Args:
            classes: what the head scores, ascending.
            gold: of all rows, shape (n,).
        """


LOSSES: Registry[Loss] = Registry(
    kind="loss", package="tuningfork.arms.finetune.losses", attribute="LOSS", helpers=frozenset({"loss"})
)
