"""Sides whose arms no validation rows ranked: the best seen on the evaluation rows stands for them, and pays for it.

Choosing on evaluation rows is what a verdict must not do unsaid. Here nothing else is left, so the arm is picked there
and every p and interval of it is corrected for the number of arms that it was picked from.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.verdict.choice import ChosenArms, SideChoice
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm


def with_the_best_seen(choice: ChosenArms, scored: Scored) -> ChosenArms:
    """The same choice, with the best of each side's contenders on the rows that all of them answered.

    Contenders with fewer rows than a verdict needs are left out where others have more: how many an arm answered
    does not hang on how well.
    """
    sides = {side: _picked(chosen, scored) if chosen.contenders else chosen for side, chosen in choice.sides.items()}
    return replace(choice, sides=sides)


def _picked(choice: SideChoice, scored: Scored) -> SideChoice:
    enough = [arm for arm in choice.contenders if arm.n_eval >= FEWEST_ROWS]
    contenders = tuple(enough or choice.contenders)
    n = min(arm.n_eval for arm in contenders)

    def seen(arm: ScoredArm) -> float:
        score = scored.score(arm, n)
        return -math.inf if score is None else scored.oriented(score)

    arm = max(contenders, key=seen)
    return replace(
        choice,
        arm=arm,
        contenders=contenders if len(contenders) > 1 else (),
        alike=choice.alike if arm.arm in choice.scores else (),
    )
