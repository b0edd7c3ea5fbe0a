"""What the number of runs, and runs that came out equal, allow to be said: in words for the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from tuningfork.stats.identical_runs import failure_room, undoing_share
from tuningfork.stats.repetitions import enough_identical
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.remedies import five_runs
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import Caution

_CAUTIONS = {
    "one_seed": "{arms} ran with one seed: the interval is for these trained models and the choice of rows only, so "
    "no winner is named.",
    "few_seeds": "{arms} ran with two seeds, too few to tell a winner from luck; run at least three (--seeds 5).",
    "identical_seeds": "All seeds of {arms} gave the same answers although more pool rows were there, and it is not "
    "known whether the training sample was redrawn. No winner is named.",
}
_OF_EQUAL_RUNS = frozenset({"identical_runs", "few_identical_runs"})
CODES = frozenset(_CAUTIONS) | _OF_EQUAL_RUNS


def arms_with_equal_answers(duel: HeadToHead) -> list[ScoredArm]:
    """Random arms of which every run gave the same answers to the shared rows."""
    return [arm for arm in (duel.fine_tuned, duel.llm) if arm.random and _answer_alike(arm, duel)]


def seed_cautions(code: str, scored: Scored, duel: HeadToHead) -> Iterator[Caution]:
    """The caution behind a code about seeds; one for each arm where runs came out equal."""
    if code not in _OF_EQUAL_RUNS:
        yield Caution(code=code, message=_CAUTIONS[code].format(arms=_arms_with_seeds(code, duel)))
        return
    alike = arms_with_equal_answers(duel)
    equal = [arm for arm in alike if enough_identical(len(arm.trials))[1] == code]
    if not alike:
        yield Caution(
            code=code,
            message="Both arms' runs differ, and always alike: their difference is equal in every run. "
            f"{_room(scored, duel, None)}",
        )
    for arm in equal:
        yield Caution(code=code, message=f"{_equal_runs(arm)} {_room(scored, duel, arm)}")


def _equal_runs(arm: ScoredArm) -> str:
    return f"All {len(arm.trials)} runs of {arm.name.short}, on different samples, gave the same answers."


def _room(scored: Scored, duel: HeadToHead, arm: ScoredArm | None) -> str:
    """What equal runs leave open, and what it would take to undo the lead; or how many of them allow a winner."""
    runs = len((arm or duel.fine_tuned).trials)
    if not enough_identical(runs)[0]:
        return f"A winner may be named from 5 such runs on ({five_runs((arm or duel.fine_tuned).arm)})."
    told = f"{runs} equal runs leave room for a failure in up to {100 * failure_room(runs):.0f} % of runs"
    score = None if arm is None else duel.score_of(arm).score
    share = None
    if arm is not None and arm is duel.ahead and score is not None:
        constant = scored.oriented(scored.constant_score(duel.n_shared))
        share = undoing_share(duel.difference, scored.oriented(score), constant)
    undone = "" if share is None else f"; failures in {100 * share:.0f} % of runs would undo its lead"
    return f"{told}{undone}."


def _answer_alike(arm: ScoredArm, duel: HeadToHead) -> bool:
    """Several runs with the same answers: to be right on the same rows is not enough."""
    return len(arm.trials) > 1 and not arm.answers(duel.n_shared).vary


def _arms_with_seeds(code: str, duel: HeadToHead) -> str:
    """The random arms that a caution about seeds is about."""
    random = [arm for arm in (duel.llm, duel.fine_tuned) if arm.random]
    return " and ".join(arm.name.short for arm in random if _is_meant(arm, code, duel))


def _is_meant(arm: ScoredArm, code: str, duel: HeadToHead) -> bool:
    if code == "identical_seeds":
        return not arm.redrawn and _answer_alike(arm, duel)
    return len(arm.trials) == {"one_seed": 1, "few_seeds": 2}[code]
