"""The metric and the margin that a task is decided by."""

from __future__ import annotations

import re

from tuningfork.errors import InputError
from tuningfork.metrics.metric import Metric, metrics_of
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_type import TASK_TYPES

POINTS = "points"
_WRITTEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>\D+)")
_AS_POINTS = frozenset({"pt", "point", POINTS})


def metric_of(task_type: str, name: str) -> Metric:
    """The metric of that name for the kind of answers that a type of task asks for.

    Raises:
        UnknownName: no such type, or no such metric of its kind.
    """
    return metrics_of(TASK_TYPES.get(task_type).kind).get(name)


def margin_of(spec: TaskSpec) -> float:
    """The smallest difference that matters, in the score's own numbers: as given, or the metric's own.

    Args:
        spec: the task, its metric filled in.

    Raises:
        InputError: the margin is given in another unit than the metric's, or is wider than the score can differ.
    """
    assert spec.metric is not None, "prepare() fills the metric in"
    metric = metric_of(spec.type, spec.metric)
    margin = metric.margin if spec.margin is None else spec.margin
    if isinstance(margin, str):
        margin = _read(margin, metric)
    if not 0 < margin < metric.range[1] - metric.range[0]:
        raise InputError(
            f"a margin of {margin:g} is none: {metric.display_name} lies between {metric.range[0]:g} and "
            f"{metric.range[1]:g}",
            remedy=f"The usual one is {metric.margin:g}.",
        )
    return margin


def _read(written: str, metric: Metric) -> float:
    """'0.5 cups' as a number of the metric's score."""
    found = _WRITTEN.fullmatch(written.strip())
    unit = "" if found is None else found["unit"].strip()
    if found is not None and metric.unit == POINTS and unit in _AS_POINTS:
        return float(found["number"]) / 100
    if found is not None and unit == metric.unit:
        return float(found["number"])
    raise InputError(
        f"a margin of {written!r}, and {metric.display_name} is told in {metric.unit or 'plain numbers'}",
        remedy=f"Write {metric.margin:g}{f' {metric.unit}' if metric.unit not in {'', POINTS} else ''}.",
    )
