"""The best arm of each side, chosen on validation rows and on nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tuningfork.arms.results import Side, TrialResult
from tuningfork.stats.ranking import Ranking
from tuningfork.task.rows import for_choosing
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.numbers import count
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm, validation_answers
from tuningfork.verdict.scores import Scorer, ValidationRuns
from tuningfork.verdict.verdict_json import Caution

_RUNS_OF_A_RECIPE = 3
"""Fewer runs rank fits, not recipes: with three the regret of a choice is about halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideChoice:
    """Who stands for a side, and why.

    Attributes:
        arm: the chosen one.
        scores: mean validation score of every ranked arm, as it is told, best first; empty where nothing was ranked.
        rows: validation rows that ranked the chosen arm; 0 where nothing was ranked.
        alike: ranked arms within one paired standard error of the chosen one.
        recipes: of ranked arms that ran once, on the whole pool: scores at the largest smaller count with several runs.
        recipes_at: that label count; None where there is none or nothing to tell.
        contenders: arms of which validation rows could not say which is best (the best of those that were ranked, and
            all that were not), in the order of the study; empty where `arm` was ranked first or stands alone.
    """

    arm: ScoredArm
    scores: Mapping[str, float] = field(default_factory=dict)
    rows: int = 0
    alike: tuple[str, ...] = ()
    recipes: Mapping[str, float] = field(default_factory=dict)
    recipes_at: int | None = None
    contenders: tuple[ScoredArm, ...] = ()

    @property
    def best_of(self) -> int:
        """Arms that `arm` is the best seen of; 1 where nothing was picked on evaluation rows."""
        return max(1, len(self.contenders))


@dataclass(frozen=True, slots=True)
class ChosenArms:
    """Who stands for each side that has a finished arm."""

    sides: Mapping[Side, SideChoice]

    @property
    def best(self) -> Mapping[Side, ScoredArm]:
        """The chosen arm of each side."""
        return {side: choice.arm for side, choice in self.sides.items()}

    @property
    def validation_scores(self) -> Mapping[str, float]:
        """What ranked an arm, for arms that were ranked."""
        return {arm: score for choice in self.sides.values() for arm, score in choice.scores.items()}

    @property
    def rows_used(self) -> int:
        """The most validation rows that a ranking took; 0 where nothing was ranked."""
        return max((choice.rows for choice in self.sides.values()), default=0)


def choose(scored: Scored) -> ChosenArms:
    """Choose the best arm of each side; a side with one finished arm needs no ranking.

    Arms are ranked by the mean over seeds at their compared level, on the validation rows that they answered: an arm
    with fewer is placed by its distance from one that answered more, on its own rows. Accuracy stands in where the
    metric is undefined on those rows. A tie goes to the arm named first. Arms that cannot be ranked, and the best of
    those that can, are `contenders`: the first of them stands for the side until evaluation rows were seen. An arm
    whose answers were mostly not read is out where another arm of its side was read.

    Raises:
        RoleError: the study's validation rows have another role.
    """
    for_choosing(scored.task.validation)
    sides: dict[Side, SideChoice] = {}
    for side in SIDE_NAMES:
        candidates = [arm for arm in scored.read if arm.side == side] or [a for a in scored.arms if a.side == side]
        if candidates:
            sides[side] = _choose_one(candidates, scored)
    return ChosenArms(sides)


def missing_sides(best: Mapping[Side, ScoredArm]) -> tuple[Side, ...]:
    """The sides of the comparison that have no finished arm."""
    compared: tuple[Side, ...] = ("llm", "fine-tuned")
    return tuple(side for side in compared if side not in best)


def _choose_one(candidates: Sequence[ScoredArm], scored: Scored) -> SideChoice:
    if len(candidates) == 1:
        return SideChoice(arm=candidates[0])
    ranked = {arm.arm: runs for arm in candidates if (runs := _runs(arm.trials)) is not None}
    for scorer in scored.validation_scorers if len(ranked) > 1 else ():
        ranking = scorer.rank(ranked)
        scores = {one.arm: scorer.told(one.score) for one in ranking.standings if one.score is not None}
        if len(scores) == len(ranked):
            return _chosen(scorer, candidates, ranking, scores)
    return SideChoice(arm=candidates[0], contenders=tuple(candidates))


def _chosen(
    scorer: Scorer, candidates: Sequence[ScoredArm], ranking: Ranking, scores: Mapping[str, float]
) -> SideChoice:
    first = ranking.standings[0]
    recipes_at, recipes = _recipes(scorer, [arm for arm in candidates if arm.arm in scores])
    unsettled = [arm for arm in candidates if arm.arm == first.arm or arm.arm not in scores]
    return SideChoice(
        arm=next(arm for arm in candidates if arm.arm == first.arm),
        scores=scores,
        rows=first.rows,
        alike=ranking.not_told_apart,
        recipes=recipes,
        recipes_at=recipes_at,
        contenders=tuple(unsettled) if len(unsettled) > 1 else (),
    )


def _recipes(scorer: Scorer, arms: Sequence[ScoredArm]) -> tuple[int | None, dict[str, float]]:
    """Where the whole pool left nothing to redraw, one fit of a recipe was ranked. Scores of several fits at the
    largest smaller count that all such arms have: what recipes do, beside what these fits did."""
    once = [arm for arm in arms if arm.whole_pool and not arm.random]
    if len(once) < 2:
        return None, {}
    shared = set.intersection(*({count for count in arm.levels if count < arm.level} for arm in once))
    for level in sorted(shared, reverse=True):
        runs = {arm.arm: runs for arm in once if (runs := _runs(arm.levels[level], fewest=_RUNS_OF_A_RECIPE))}
        if len(runs) < len(once):
            continue
        scores = {one.arm: scorer.told(one.score) for one in scorer.rank(runs).standings if one.score is not None}
        if len(scores) == len(once):
            return level, scores
    return None, {}


def _runs(trials: Sequence[TrialResult], *, fewest: int = 1) -> ValidationRuns | None:
    """What trials answered of the validation rows; None where fewer of them did."""
    answered = [trial for trial in trials if trial.validation is not None]
    answers = validation_answers(answered)
    if answers is None or len(answered) < fewest:
        return None
    draws = [trial.draw for trial in answered]
    known = tuple(draw for draw in draws if draw is not None)
    return ValidationRuns(values=answers, samples=known if len(known) == len(draws) else None)


def choice_cautions(choice: ChosenArms) -> Iterator[Caution]:
    """What limits the choice of each side's arm: none beforehand, or one of single fits."""
    for side, chosen in choice.sides.items():
        if chosen.contenders:
            yield _not_ranked(side, chosen)
        if chosen.recipes_at is not None:
            yield from _ranked_otherwise(side, chosen, chosen.recipes_at)


def _ranked_otherwise(side: Side, choice: SideChoice, level: int) -> Iterator[Caution]:
    first = next(iter(choice.recipes))  # the best one
    if choice.arm.arm in choice.recipes and choice.recipes[first] != choice.recipes[choice.arm.arm]:
        yield Caution(
            code="recipes_rank_otherwise",
            message=f"{name_of(choice.arm.arm, side).short} was ranked first by one training run on the whole pool. "
            f"Over several runs with {count(level)} labels {name_of(first, side).short} was first "
            f"({choice.recipes[first]:.3f} against {choice.recipes[choice.arm.arm]:.3f} on the same rows).",
        )


def _not_ranked(side: Side, choice: SideChoice) -> Caution:
    unranked = [arm.arm for arm in choice.contenders if arm.arm not in choice.scores]
    verb = "has" if len(unranked) == 1 else "have"
    return Caution(
        code="not_ranked",
        message=f"{', '.join(unranked)} {verb} no answers to validation rows, so {choice.best_of} "
        f"{SIDE_NAMES[side]} arms could not be ranked beforehand. {name_of(choice.arm.arm, side).short}, the best seen "
        "of them on the evaluation rows, stands for the side; p and intervals are corrected for that, break-even "
        "labels are not. Validation rows that all of them answer would rank them: --validation FILE.",
    )
