"""Single-label classification: each row has exactly one of a fixed set of labels."""

from __future__ import annotations

from tuningfork.task.task_type import TaskType, accuracy_or_macro_f1

TYPE = TaskType(name="classification", kind="category", default_metric=accuracy_or_macro_f1)
