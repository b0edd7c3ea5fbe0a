"""Break-even labels of the chosen fine-tuned arm against the chosen LLM arm, from their trials."""

from __future__ import annotations

from collections.abc import Mapping

from tuningfork.answers.runs import RunAnswers
from tuningfork.stats.break_even import LEAST_SEEDS_RELIABLE, BreakEvenResult
from tuningfork.verdict.calls import Calls
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm, answers_of, common_prefix, were_redrawn
from tuningfork.verdict.unread import whose_answers
from tuningfork.verdict.verdict_json import BreakEven


def break_even_labels(scored: Scored, choice: ChosenArms, calls: Calls) -> BreakEven:
    """The label count from which the chosen fine-tuned arm matches the chosen LLM arm, on the rows that both answered.

    Counts whose trials answered fewer rows than the compared pair shares are left out, not the rows; and so are those
    above the count that the arm is compared at, of which there are too few runs.
    """
    llm, fine_tuned = choice.best.get("llm"), choice.best.get("fine-tuned")
    if llm is None or fine_tuned is None:
        return _unknown(llm, fine_tuned, "one side has no finished arm")
    if calls.stopped:
        whose = " and ".join(whose_answers(arm) for arm, _ in calls.stopped)
        return _unknown(llm, fine_tuned, f"{whose} could not be read")
    n = min(llm.n_eval, fine_tuned.n_eval)
    curve = _curve(fine_tuned, n)
    if not curve:
        return _unknown(llm, fine_tuned, "it is not known how many labels the fine-tuned arm was given")
    if n < 2 or scored.score(llm, n) is None:
        return _unknown(llm, fine_tuned, "the shared evaluation rows allow no score")
    n_pool = max(len(scored.task.pool), *curve)
    redrawn = [trials[0].plan.n_labels or 0 for trials in fine_tuned.levels.values() if were_redrawn(trials)]
    found = scored.evaluation.break_even(llm, curve, n_pool=n_pool, redrawn=redrawn)
    return _record(llm, fine_tuned, found, curve, n_pool)


def _curve(arm: ScoredArm, n: int) -> dict[int, RunAnswers]:
    """Answers to the first n evaluation rows by label count; counts up to the one that the arm is compared at."""
    curve: dict[int, RunAnswers] = {}
    for level, trials in arm.levels.items():
        if level > arm.level:  # too few runs to decide
            continue
        count = trials[0].plan.n_labels
        if count and common_prefix(trials) >= n:
            curve[count] = answers_of(trials, n)
    return curve


def _unknown(llm: ScoredArm | None, fine_tuned: ScoredArm | None, reason: str) -> BreakEven:
    nothing = BreakEvenResult(mean=None, mean_ci95=None, reliable=None, reliable_ci95=None, reason=reason)
    return _record(llm, fine_tuned, nothing, {}, 0)


def _record(
    llm: ScoredArm | None,
    fine_tuned: ScoredArm | None,
    result: BreakEvenResult,
    curve: Mapping[int, RunAnswers],
    n_pool: int,
) -> BreakEven:
    seeds_enough = [n for n, answers in curve.items() if n < n_pool and answers.runs >= LEAST_SEEDS_RELIABLE]
    return BreakEven(
        arm=None if fine_tuned is None else fine_tuned.arm,
        llm_arm=None if llm is None else llm.arm,
        mean=result.mean,
        mean_ci95=result.mean_ci95,
        reliable=result.reliable,
        reliable_ci95=result.reliable_ci95,
        extrapolated=result.extrapolated,
        reason=result.reason,
        mean_bound=result.mean_bound,
        mean_bound_at=result.mean_bound_at,
        reliable_bound=result.reliable_bound,
        reliable_bound_at=result.reliable_bound_at,
        mean_tried=_ends(list(curve)),
        reliable_tried=_ends(seeds_enough),
    )


def _ends(counts: list[int]) -> tuple[int, int] | None:
    return (min(counts), max(counts)) if counts else None
