"""The best arm of each side, chosen on validation rows and on nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tuningfork.arms.records import Side, TrialResult
from tuningfork.stats.ranking import Ranking, ValidationRuns
from tuningfork.task.rows import Validation, for_choosing
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.numbers import count
from tuningfork.verdict.records import Caution
from tuningfork.verdict.scores import ScoredArm, Scorer, validation_answers

_RUNS_OF_A_RECIPE = 3
"""Fewer runs rank fits, not recipes: with three the regret of a choice is about halved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideChoice:
    """Who stands for a side, and why.

    Attributes:
        arm: the chosen one.
        scores: mean validation score of every ranked arm, best first; empty where nothing was ranked.
        rows: validation rows that ranked the chosen arm; 0 where nothing was ranked.
        alike: ranked arms within one paired standard error of the chosen one.
        recipes: of ranked arms that ran once, on the whole pool: scores at the largest smaller count with several runs.
        recipes_at: that label count; None where there is none or nothing to tell.
    """

    arm: ScoredArm
    scores: Mapping[str, float] = field(default_factory=dict)
    rows: int = 0
    alike: tuple[str, ...] = ()
    recipes: Mapping[str, float] = field(default_factory=dict)
    recipes_at: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who stands for each side that has a finished arm, and which arms could not be ranked."""

    sides: Mapping[Side, SideChoice]
    cautions: tuple[Caution, ...]

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


def choose(arms: Sequence[ScoredArm], validation: Validation, *, metric: str, n_labels: int) -> Choice:
    """Choose the best arm of each side; a side with one finished arm needs no ranking.

    Arms are ranked by the mean over seeds at their compared level, on the validation rows that they answered: an arm
    with fewer is placed by its distance from one that answered more, on its own rows. Accuracy stands in where the
    metric is undefined on those rows. A tie goes to the arm named first.

    Raises:
        RoleError: `validation` holds rows of another role.
    """
    for_choosing(validation)
    sides: dict[Side, SideChoice] = {}
    cautions: list[Caution] = []
    for side in SIDE_NAMES:
        candidates = [arm for arm in arms if arm.side == side]
        if candidates:
            sides[side] = _choose_one(candidates, validation, metric, n_labels)
            cautions += _about(side, candidates, sides[side])
    return Choice(sides, tuple(cautions))


def missing_sides(best: Mapping[Side, ScoredArm]) -> tuple[Side, ...]:
    """The sides of the comparison that have no finished arm."""
    compared: tuple[Side, ...] = ("llm", "fine-tuned")
    return tuple(side for side in compared if side not in best)


def _choose_one(candidates: Sequence[ScoredArm], validation: Validation, metric: str, n_labels: int) -> SideChoice:
    ranked = {arm.arm: runs for arm in candidates if (runs := _runs(arm.trials)) is not None}
    if len(ranked) < 2:
        return SideChoice(arm=candidates[0])
    for name in dict.fromkeys((metric, "accuracy")):
        scorer = Scorer.on(validation, name, n_labels)
        ranking = scorer.rank(ranked)
        scores = {one.arm: one.score for one in ranking.standings if one.score is not None}
        if len(scores) == len(ranked):
            return _chosen(scorer, candidates, ranking, scores)
    return SideChoice(arm=candidates[0])


def _chosen(
    scorer: Scorer, candidates: Sequence[ScoredArm], ranking: Ranking, scores: Mapping[str, float]
) -> SideChoice:
    first = ranking.standings[0]
    recipes_at, recipes = _recipes(scorer, [arm for arm in candidates if arm.arm in scores])
    return SideChoice(
        arm=next(arm for arm in candidates if arm.arm == first.arm),
        scores=scores,
        rows=first.rows,
        alike=ranking.not_told_apart,
        recipes=recipes,
        recipes_at=recipes_at,
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
        scores = {one.arm: one.score for one in scorer.rank(runs).standings if one.score is not None}
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


def _about(side: Side, candidates: Sequence[ScoredArm], choice: SideChoice) -> Iterator[Caution]:
    unranked = [arm.arm for arm in candidates if arm.arm not in choice.scores]
    if len(candidates) > 1 and unranked:
        yield _unranked(side, unranked, choice.arm.arm, any_ranked=bool(choice.scores))
    if choice.recipes_at is not None:
        yield from _ranked_otherwise(side, choice, choice.recipes_at)


def _ranked_otherwise(side: Side, choice: SideChoice, level: int) -> Iterator[Caution]:
    first = max(choice.recipes, key=lambda arm: choice.recipes[arm])
    if choice.arm.arm in choice.recipes and choice.recipes[first] > choice.recipes[choice.arm.arm]:
        yield Caution(
            code="recipes_rank_otherwise",
            message=f"{name_of(choice.arm.arm, side).short} was ranked first by one training run on the whole pool. "
            f"Over several runs with {count(level)} labels {name_of(first, side).short} was first "
            f"({choice.recipes[first]:.3f} against {choice.recipes[choice.arm.arm]:.3f} on the same rows).",
        )


def _unranked(side: Side, arms: Sequence[str], chosen: str, *, any_ranked: bool) -> Caution:
    who, verb = ", ".join(arms), "has" if len(arms) == 1 else "have"
    consequence = "could not be chosen" if any_ranked else f"could not be ranked; {chosen}, named first, was taken"
    return Caution(
        code="not_ranked",
        message=f"{who} {verb} no answers to validation rows that could be compared with the other arms of the "
        f"{SIDE_NAMES[side]} side, so {'it' if len(arms) == 1 else 'they'} {consequence}.",
    )
