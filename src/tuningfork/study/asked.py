"""Which of a folder's trials a call asks about: the counts and seeds of its own plan, not those of an earlier call."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tuningfork.arms.results import TrialPlan, TrialResult
from tuningfork.task.schema import Note


def asked_for(results: Sequence[TrialResult], plans: Collection[TrialPlan]) -> tuple[TrialResult, ...]:
    """The trials of these plans, in the order given."""
    wanted = frozenset(plans)
    return tuple(result for result in results if result.plan in wanted)


def beyond(results: Sequence[TrialResult], plans: Collection[TrialPlan]) -> Iterator[Note]:
    """One note for each arm of which the folder has larger counts, or more seeds at the largest, than are asked for."""
    for arm in dict.fromkeys(plan.arm for plan in plans):
        done = [result.plan for result in results if result.plan.arm == arm and result.status == "done"]
        asked = [plan for plan in plans if plan.arm == arm]
        top = max(plan.level for plan in asked)
        larger = sorted({plan.n_labels or 0 for plan in done if plan.level > top})
        seeds = sum(plan.level == top for plan in done) - sum(plan.level == top for plan in asked)
        if larger:
            there, spoken = f"trials with up to {larger[-1]:,} labels", "the counts that were asked for now"
        elif seeds > 0:
            there, spoken = f"{seeds} more seed{'s' if seeds > 1 else ''}", "the seeds that were asked for now"
        else:
            continue
        yield Note(
            "larger_were_there",
            f"An earlier run of this folder left {there} of {arm}; this verdict speaks of {spoken}.",
        )
