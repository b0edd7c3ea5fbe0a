"""What a person should know before rows leave the machine."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.profile.personal import personal_data_in
from tuningfork.task.schema import Note, TaskData

_ROWS_LOOKED_AT = 20_000


def privacy_notes(task: TaskData, hosts: Sequence[str]) -> tuple[Note, ...]:
    """A warning where rows that hosts would receive seem to hold personal data: its kinds and how many rows have it,
    never a value.

    Args:
        hosts: machines that would receive rows; without one there is nothing to warn of.
    """
    texts = (*task.evaluation.texts, *task.validation.texts, *task.pool.texts)[:_ROWS_LOOKED_AT]
    found = personal_data_in(texts) if hosts else ()
    if not found:
        return ()
    seen = ", ".join(f"{finding.kind} ({finding.rows:,})" for finding in found)
    message = f"Rows that would go to {', '.join(hosts)} look as if they held personal data: {seen}"
    return (Note("personal_data", f"{message}, counted in {len(texts):,} rows."),)
