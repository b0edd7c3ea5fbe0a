"""The sides as `verdict.json` has them, and in words: who stands for each, and every two of them compared."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tuningfork.stats.best_of import for_the_best_of
from tuningfork.stats.crossed import PairedDifference
from tuningfork.stats.multiplicity import holm
from tuningfork.verdict import numbers
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import PairRow, SideRow, SidesRow


def side_rows(choice: ChosenArms) -> tuple[SideRow, ...]:
    """One row for each side that has a finished arm."""
    return tuple(
        SideRow(
            side=side,
            arm=chosen.arm.arm,
            ranked_on=chosen.rows if chosen.best_of == 1 else 0,
            not_told_apart=chosen.alike,
            ranked_at=chosen.recipes_at,
            scores_at=dict(chosen.recipes),
            best_of=chosen.best_of,
        )
        for side, chosen in choice.sides.items()
    )


def ranking_sentences(sides: Iterable[SideRow]) -> Iterator[str]:
    """How each side's arm was chosen, and which others could as well have been; nothing where nothing was ranked."""
    for row in sides:
        if row.best_of > 1:
            yield (
                f"{_short(row, row.arm)} is the best seen of {row.best_of} {SIDE_NAMES[row.side]} arms that could not "
                "be ranked beforehand."
            )
        if not row.ranked_on:
            continue
        told = f"{_short(row, row.arm)} was first of the {SIDE_NAMES[row.side]} arms on "
        told += f"{numbers.count(row.ranked_on)} validation rows"
        if row.not_told_apart:
            others = ", ".join(_short(row, arm) for arm in row.not_told_apart)
            told += f"; not told apart from it (within one standard error): {others}"
        yield f"{told}.{_of_recipes(row)}"


def _of_recipes(row: SideRow) -> str:
    if row.ranked_at is None:
        return ""
    ranked = list(row.scores_at.items())  # the best one first
    scores = ", ".join(f"{_short(row, arm)} {numbers.score(score, digits=3)}" for arm, score in ranked)
    return (
        " Arms that ran once, on the whole pool, were ranked as single fits; the mean of several runs with "
        f"{numbers.count(row.ranked_at)} labels on the same rows: {scores}."
    )


def _short(row: SideRow, arm: str) -> str:
    return name_of(arm, row.side).short


def comparisons_of_sides(scored: Scored, choice: ChosenArms) -> tuple[SidesRow, ...]:
    """Every two sides' arms, with Holm's correction over them."""
    best_of = {chosen.arm.arm: chosen.best_of for chosen in choice.sides.values()}
    return tuple(
        SidesRow(
            a=a.arm,
            b=b.arm,
            side_a=a.side,
            side_b=b.side,
            n_shared=difference.n,
            difference=difference.difference,
            ci95=difference.ci95,
            p_value=difference.p_value,
            p_holm=corrected,
            same_within=difference.same_within,
            best_of=difference.alternatives,
            not_read=_not_read(scored, a, b),
        )
        for a, b, difference, corrected in _corrected(scored, list(choice.best.values()), best_of)
    )


def pair_rows(scored: Scored) -> tuple[PairRow, ...]:
    """All pairs of finished arms in the order of the study, with Holm's correction over them."""
    return tuple(
        PairRow(
            a=a.arm,
            b=b.arm,
            n_shared=difference.n,
            difference=difference.difference,
            ci95=difference.ci95,
            p_value=difference.p_value,
            p_holm=corrected,
            not_read=_not_read(scored, a, b),
        )
        for a, b, difference, corrected in _corrected(scored, scored.arms, {})
    )


def _not_read(scored: Scored, a: ScoredArm, b: ScoredArm) -> tuple[str, ...]:
    """Those of the two whose answers were mostly not read."""
    return tuple(arm.arm for arm in (a, b) if arm.arm in scored.unread)


def _corrected(
    scored: Scored, arms: Sequence[ScoredArm], best_of: Mapping[str, int]
) -> list[tuple[ScoredArm, ScoredArm, PairedDifference, float | None]]:
    """Every two of these arms that can be compared; Holm over the pairs that have a p-value.

    Args:
        best_of: how many arms one is the best seen of; 1 where it is not there.
    """
    pairs = [(a, b, scored.compare(a, b)) for a, b in itertools.combinations(arms, 2)]
    known = [
        (a, b, for_the_best_of(difference, best_of.get(a.arm, 1) * best_of.get(b.arm, 1)))
        for a, b, difference in pairs
        if difference is not None
    ]
    adjusted = iter(holm([d.p_value for _, _, d in known if d.p_value is not None]))
    return [(a, b, d, None if d.p_value is None else next(adjusted)) for a, b, d in known]
