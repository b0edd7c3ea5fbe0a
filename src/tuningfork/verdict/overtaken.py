"""Chosen arms that another arm of their side overtook on the evaluation rows, where nothing may be chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tuningfork.arms.records import Side
from tuningfork.verdict import numbers
from tuningfork.verdict.choice import Choice
from tuningfork.verdict.names import name_of
from tuningfork.verdict.records import Caution, PairRow


def overtaken(choice: Choice, pairs: Sequence[PairRow], sides: Mapping[str, Side]) -> Iterator[Caution]:
    """One caution for each chosen arm that is surely behind another of its side; the one furthest ahead is named.

    Args:
        sides: of each arm.
        pairs: all pairs of finished arms; 'surely' is the 95 % interval of such a pair, uncorrected.
    """
    for side, best in choice.best.items():
        ahead = {
            rival: (lead, ci95)
            for rival, lead, ci95 in _leads_over(best.arm, pairs)
            if ci95[0] > 0 and sides[rival] == side and rival in choice.validation_scores
        }
        if best.arm not in choice.validation_scores or not ahead:
            continue
        rival = max(ahead, key=lambda arm: ahead[arm][0])
        chosen_name, rival_name = name_of(best.arm, side).short, name_of(rival, side).short
        on_validation = [numbers.score(choice.validation_scores[arm], digits=3) for arm in (best.arm, rival)]
        yield Caution(
            code="choice_overtaken",
            message=f"{rival_name} is {numbers.gap(*ahead[rival])} ahead of {chosen_name} on the evaluation rows. "
            f"{chosen_name} stands for its side because {choice.rows[side]} validation rows ranked it first "
            f"({on_validation[0]} against {on_validation[1]}), and nothing is chosen on evaluation rows. More "
            "validation rows (--validation FILE) rank them better.",
        )


def _leads_over(arm: str, pairs: Sequence[PairRow]) -> Iterator[tuple[str, float, tuple[float, float]]]:
    """Every other arm's lead over this one."""
    for pair in pairs:
        low, high = pair.ci95
        if pair.a == arm:
            yield pair.b, pair.difference, (low, high)
        elif pair.b == arm:
            yield pair.a, -pair.difference, (-high, -low)
