"""Which sides of a study failed as a whole: what was asked for and cannot be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tuningfork.arms.results import Side
from tuningfork.verdict.names import SIDE_NAMES
from tuningfork.verdict.verdict_json import ArmRow


def failed_sides(rows: Sequence[ArmRow], asked_for: Mapping[str, Side]) -> dict[Side, tuple[str, ...]]:
    """The sides of which every arm that was asked for failed, each with those arms.

    An arm whose answers were mostly not read is as good as failed: nothing can be said of its side. One whose answers
    were errors, few of them no labels, has finished; one that the budget ended or never began has not failed.

    Args:
        asked_for: the arms of this run, as given, with their sides; earlier runs of the folder may have had others.
    """
    lost = {row.arm for row in rows if row.status == "failed" or row.is_unread}
    by_side = {side: tuple(arm for arm, of in asked_for.items() if of == side) for side in SIDE_NAMES}
    return {side: arms for side, arms in by_side.items() if arms and lost.issuperset(arms)}
