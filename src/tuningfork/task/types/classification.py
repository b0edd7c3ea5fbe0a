"""Single-label classification: each row has exactly one of a fixed set of labels."""

from __future__ import annotations

from tuningfork.task.task_type import LabelCounts, TaskType

_MOST_LABELS_FOR_MACRO_F1 = 20
_RARE_SHARE = 1 / 3


def _default_metric(counts: LabelCounts) -> str:
    """Accuracy; macro-F1 where few labels are so uneven that accuracy would hide the rarest.

    Labels that the pool has not are left out: what only the evaluation rows know must not choose the metric.
    """
    present = counts[counts > 0]
    if not 2 <= len(present) <= _MOST_LABELS_FOR_MACRO_F1:
        return "accuracy"
    even_share = present.sum() / len(present)
    return "macro_f1" if present.min() < _RARE_SHARE * even_share else "accuracy"


TYPE = TaskType(name="classification", output_kind="category", default_metric=_default_metric)
