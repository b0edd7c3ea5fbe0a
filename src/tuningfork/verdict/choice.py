"""The best arm of each side, chosen on validation rows and on nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuningfork.arms.records import Side
from tuningfork.metrics.metric import METRICS
from tuningfork.task.rows import Validation, for_choosing
from tuningfork.verdict.names import SIDE_NAMES
from tuningfork.verdict.records import Caution
from tuningfork.verdict.scores import ScoredArm, mean_or_none


@dataclass(frozen=True, slots=True)
class Choice:
    """Who stands for each side.

    Attributes:
        best: the chosen arm of each side that has a finished one.
        validation_scores: what ranked an arm, for arms that were ranked.
        rows: validation rows that a side's ranking took; a side without a ranking is not in it.
        cautions: arms that could not be ranked.
    """

    best: Mapping[Side, ScoredArm]
    validation_scores: Mapping[str, float]
    rows: Mapping[Side, int]
    cautions: tuple[Caution, ...]

    @property
    def rows_used(self) -> int:
        """The most validation rows that a ranking took; 0 where nothing was ranked."""
        return max(self.rows.values(), default=0)


def choose(arms: Sequence[ScoredArm], validation: Validation, *, metric: str, n_labels: int) -> Choice:
    """Choose the best arm of each side; a side with one finished arm needs no ranking.

    Arms are ranked on the validation rows that all of a side's ranked arms answered, by the mean over seeds at
    their compared level. Accuracy stands in where the metric is undefined on those rows. A tie goes to the arm
    named first.

    Raises:
        RoleError: `validation` holds rows of another role.
    """
    for_choosing(validation)
    best: dict[Side, ScoredArm] = {}
    scores: dict[str, float] = {}
    rows_of: dict[Side, int] = {}
    cautions = []
    for side in SIDE_NAMES:
        candidates = [arm for arm in arms if arm.side == side]
        if not candidates:
            continue
        ranked, rows = _rank(candidates, validation, metric, n_labels) if len(candidates) > 1 else ({}, 0)
        in_order = [arm for arm in candidates if arm.arm in ranked]
        best[side] = max(in_order, key=lambda arm: ranked[arm.arm]) if in_order else candidates[0]
        scores |= ranked
        if ranked:
            rows_of[side] = rows
        unranked = [arm.arm for arm in candidates if arm.arm not in ranked]
        if len(candidates) > 1 and unranked:
            cautions.append(_unranked(side, unranked, best[side].arm, any_ranked=bool(ranked)))
    return Choice(best, scores, rows_of, tuple(cautions))


def missing_sides(best: Mapping[Side, ScoredArm]) -> tuple[Side, ...]:
    """The sides of the comparison that have no finished arm."""
    compared: tuple[Side, ...] = ("llm", "fine-tuned")
    return tuple(side for side in compared if side not in best)


def _rank(
    candidates: Sequence[ScoredArm], validation: Validation, metric: str, n_labels: int
) -> tuple[dict[str, float], int]:
    answered = {arm.arm: [trial.validation for trial in arm.trials if trial.validation] for arm in candidates}
    answered = {arm: predictions for arm, predictions in answered.items() if predictions}
    n = min((len(p) for predictions in answered.values() for p in predictions), default=0)
    n = min(n, len(validation))
    if n == 0 or len(answered) < 2:
        return {}, 0
    gold = validation.gold[:n]
    for name in (metric, "accuracy"):
        scorer = METRICS.get(name)
        scores = {
            arm: mean_or_none([scorer.score(gold, prediction.labels[:n], n_labels) for prediction in predictions])
            for arm, predictions in answered.items()
        }
        known = {arm: score for arm, score in scores.items() if score is not None}
        if len(known) == len(scores):
            return known, n
    return {}, 0


def _unranked(side: Side, arms: Sequence[str], chosen: str, *, any_ranked: bool) -> Caution:
    who, verb = ", ".join(arms), "has" if len(arms) == 1 else "have"
    consequence = "could not be chosen" if any_ranked else f"could not be ranked; {chosen}, named first, was taken"
    return Caution(
        code="not_ranked",
        message=f"{who} {verb} no answers to validation rows that could be compared with the other arms of the "
        f"{SIDE_NAMES[side]} side, so {'it' if len(arms) == 1 else 'they'} {consequence}.",
    )
