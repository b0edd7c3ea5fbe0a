"""Words and orders that terminal and report share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from tuningfork.report.text import one_line
from tuningfork.study.decided_by import metric_of
from tuningfork.task.read import FileRead
from tuningfork.verdict.verdict_json import ArmRow, ReadRow, VerdictRecord

PLANTED_MOVED = "words moved it; it reads no instructions"
"""Why a trained arm's answer can change to the label that an instruction planted in a row asks for."""


def sorted_arms(record: VerdictRecord) -> list[ArmRow]:
    """Best score first; arms without a score, or whose score says nothing, stay at the end."""
    sign = 1.0 if higher_is_better(record) else -1.0

    def goodness(row: ArmRow) -> float:
        return -math.inf if row.score is None or row.is_unread else sign * row.score

    return sorted(record.arms, key=goodness, reverse=True)


def higher_is_better(record: VerdictRecord) -> bool:
    """Of the metric that decides."""
    return metric_of(record.task_type, record.metric).higher_is_better


def status_of(row: ArmRow) -> str:
    """'failed: no memory', 'was stopped before it had an answer'."""
    if row.status == "failed":
        return f"failed: {one_line(row.failure or 'no reason was kept')}"
    return "was stopped before it had an answer"


def lines_read(read: Sequence[ReadRow], *, all_files: bool) -> Iterator[str]:
    """What was read of each file, a line each.

    Args:
        all_files: also of files that were taken as they are; else only where rows were matched or left out, or
            something was not looked at.
    """
    for row in read:
        if all_files or row.matched or row.left_out or row.not_read or row.used != row.rows:
            yield one_line(FileRead(**row.model_dump()).line())


def is_in(sentence: str, reason: str) -> bool:
    """Whether the reason says it already, be it in the midst of a sentence."""
    return sentence.rstrip(".").lower() in reason.lower()


def metric_name(record: VerdictRecord) -> str:
    """Of the metric that decides: 'accuracy', 'macro-F1'."""
    return metric_of(record.task_type, record.metric).display_name
