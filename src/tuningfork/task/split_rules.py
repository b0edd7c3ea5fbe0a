"""By which rules rows were split: a study keeps those that it began with, whatever later versions do."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.task.splits import VALIDATION_ROWS, VALIDATION_ROWS_OF_SCHEMA_1


@dataclass(frozen=True, slots=True)
class SplitRules:
    """What has changed from version to version in how rows are split.

    Attributes:
        most_validation: validation rows at most, where no file gives them.
        drops_near_repeats: few pool rows that nearly repeat scored rows leave the pool, unless the task says otherwise.
    """

    most_validation: int = VALIDATION_ROWS
    drops_near_repeats: bool = True


RULES = SplitRules()
"""Those of new studies."""
RULES_OF_SCHEMA_1 = SplitRules(VALIDATION_ROWS_OF_SCHEMA_1, drops_near_repeats=False)
"""Those of studies whose ledger has schema version 1."""
