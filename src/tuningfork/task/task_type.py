"""The contract of a task type, and the registry of types.

A new type is one new module of `tuningfork.task.types` with a module-level `TYPE`, and its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import UnknownName
from tuningfork.foundation.registry import Registry

LabelCounts = NDArray[np.int64]
"""Shape (labels,): how many pool rows have each label."""


@dataclass(frozen=True, slots=True)
class TaskType:
    """What kind of answer a task asks for.

    Attributes:
        name: as in the registry and in task.yaml.
        output_kind: the kind of one answer ('category'). It is also the folder of `tuningfork.metrics` whose
            modules score such answers: this room reads their names, and never a metric.
        default_metric: which of them decides when the user names none, from the pool's label counts.
    """

    name: str
    output_kind: str
    default_metric: Callable[[LabelCounts], str]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that score this type."""
        folder = f"tuningfork.metrics.{self.output_kind}"
        return Registry[object](kind="metric", package=folder, attribute="METRIC").names()

    def metric_named(self, name: str) -> str:
        """The metric that a user means; case and hyphens do not matter.

        Raises:
            UnknownName: no metric of this type is called so.
        """
        plain = name.strip().lower().replace("-", "_")
        if plain not in self.metrics:
            raise UnknownName(f"metric for {self.name}", name, known=self.metrics)
        return plain


TASK_TYPES: Registry[TaskType] = Registry(kind="task type", package="tuningfork.task.types", attribute="TYPE")
