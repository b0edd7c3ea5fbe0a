"""Chosen arms that evaluation rows contradict: the verdict stands on them, for nothing is chosen there, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tuningfork.stats.ranking import ValidationGap, beaten_by, validation_gap
from tuningfork.verdict import numbers
from tuningfork.verdict.choice import ChosenArms, SideChoice
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import Caution

_SURE = 0.05


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Another arm of the same side that is ahead on the evaluation rows.

    Attributes:
        lead: of `rival` over `chosen`, on the rows that both answered.
        told: the same with its 95 % interval: '4 points [2, 6]'.
        sure: the lead is shown, with Holm's correction over the other arms of the side.
    """

    chosen: ScoredArm
    rival: ScoredArm
    lead: float
    told: str
    sure: bool


def contradictions(scored: Scored, choice: ChosenArms) -> list[Contradiction]:
    """One for each chosen arm that another of its side leads, surely or by more than the margin; the furthest ahead.

    Arms that the chosen one is the best seen of are no rivals of it: evaluation rows had their say.
    """
    found: list[Contradiction] = []
    for side, chosen in choice.sides.items():
        seen = {arm.arm for arm in chosen.contenders}
        rivals = [arm for arm in scored.read if arm.side == side and arm is not chosen.arm and arm.arm not in seen]
        leads = {rival.arm: lead for rival in rivals if (lead := scored.compare(chosen.arm, rival)) is not None}
        surely = beaten_by(leads)
        ahead = [arm for arm, lead in leads.items() if lead.p_value is not None and lead.difference > scored.margin]
        rival = next(iter(surely), max(ahead, key=lambda arm: leads[arm].difference, default=None))
        if rival is not None:
            lead, by = leads[rival], next(arm for arm in rivals if arm.arm == rival)
            found.append(
                Contradiction(
                    chosen=chosen.arm,
                    rival=by,
                    lead=lead.difference,
                    told=numbers.gap(lead.difference, lead.ci95, scored.metric.unit),
                    sure=bool(surely),
                )
            )
    return found


def cautions_of(found: Sequence[Contradiction], choice: ChosenArms) -> Iterator[Caution]:
    """A warning for each, with what validation rows had said."""
    for one in found:
        side = choice.sides[one.chosen.side]
        chosen, rival = (arm.name.short for arm in (one.chosen, one.rival))
        yield Caution(
            code="choice_contradicted",
            message=f"{rival} is {one.told} ahead of {chosen} on the evaluation rows"
            f"{'' if one.sure else ', which may be chance'}. {_why_chosen(chosen, one, side)} Nothing is chosen on "
            "evaluation rows, so the verdict stands on it. More validation rows (--validation FILE) rank them better.",
        )


def _why_chosen(chosen: str, one: Contradiction, side: SideChoice) -> str:
    if one.rival.arm not in side.scores or one.chosen.arm not in side.scores:
        return f"{chosen} stands for its side though the two were not ranked on the same rows."
    first, second = (numbers.score(side.scores[arm.arm], digits=3) for arm in (one.chosen, one.rival))
    alike = ", a difference within its standard error" if one.rival.arm in side.alike else ""
    return (
        f"{chosen} stands for its side because {numbers.count(side.rows)} validation rows ranked it first "
        f"({first} against {second}{alike})."
    )


def validation_cautions(scored: Scored, choice: ChosenArms) -> Iterator[Caution]:
    """A warning for each side whose validation rows are of another kind than the evaluation rows: an arm that was
    ranked on them scores otherwise there. The arm that is furthest apart is named, whichever was chosen."""
    for chosen in choice.sides.values():
        ranked = [arm for arm in scored.arms if arm.arm in chosen.scores]
        gaps = [(arm, gap) for arm in ranked if (gap := _gap(scored, arm)) is not None]
        apart = [(arm, gap) for arm, gap in gaps if gap.differs]
        if apart:
            yield _differs(scored, *max(apart, key=lambda one: abs(one[1].z)), chosen)


def _differs(scored: Scored, arm: ScoredArm, gap: ValidationGap, chosen: SideChoice) -> Caution:
    return Caution(
        code="validation_differs",
        message=f"{arm.name.short} scores {numbers.score(chosen.scores[arm.arm], digits=3)} on validation rows and "
        f"{numbers.score(scored.score(arm), digits=3)} on evaluation rows, {abs(gap.z):.1f} standard errors apart: the "
        "validation rows are of another kind, and more of them would not rank arms better.",
    )


def _gap(scored: Scored, arm: ScoredArm) -> ValidationGap | None:
    ranked, found = scored.validation_interval(arm), scored.interval(arm)
    return None if ranked is None or found is None else validation_gap(ranked, found)
