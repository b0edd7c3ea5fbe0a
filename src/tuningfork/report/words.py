"""Words and orders that terminal and report share."""

from __future__ import annotations

from tuningfork.metrics.metric import METRICS
from tuningfork.report.text import one_line
from tuningfork.verdict.records import ArmRow, VerdictRecord

PLANTED_MOVED = "words moved it; it reads no instructions"
"""Why a trained arm's answer can change to the label that an instruction planted in a row asks for."""


def sorted_arms(record: VerdictRecord) -> list[ArmRow]:
    """Best score first; arms without a score stay, at the end."""
    return sorted(record.arms, key=lambda row: -1.0 if row.score is None else row.score, reverse=True)


def status_of(row: ArmRow) -> str:
    """'failed: no memory', 'was stopped before it had an answer'."""
    if row.status == "failed":
        return f"failed: {one_line(row.failure or 'no reason was kept')}"
    return "was stopped before it had an answer"


def metric_name(metric: str) -> str:
    """'accuracy', 'macro-F1'."""
    return METRICS.get(metric).display_name
