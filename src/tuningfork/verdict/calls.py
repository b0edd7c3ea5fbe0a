"""What the evaluation rows say of the chosen arms: the call between the sides, and every other comparison."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.arms.results import Side
from tuningfork.verdict.choice import ChosenArms, missing_sides
from tuningfork.verdict.contradicted import Contradiction, contradictions
from tuningfork.verdict.head_to_head import HeadToHead, head_to_head
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.sides import comparisons_of_sides, pair_rows
from tuningfork.verdict.twins import twins_row
from tuningfork.verdict.verdict_json import Call, NotRead, PairRow, Recommendation, SidesRow, TwinsRow

_RECOMMENDATIONS: dict[Side, Recommendation] = {"llm": "prompt", "fine-tuned": "fine-tune", "combined": "combine"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calls:
    """All comparisons of a verdict.

    Attributes:
        duel: the one that the verdict is made of; None where nothing could be compared.
        missing: the sides that have no finished arm.
        stopped: arms that stand for their sides and cannot be judged, because their answers were mostly not read.
        contradicted: chosen arms that another arm of their side leads.
        comparisons, pairs: every two sides, and every two arms.
        twins: the scores without near repeats of pool rows; None where there are none.
    """

    duel: HeadToHead | None
    missing: tuple[Side, ...]
    stopped: tuple[tuple[ScoredArm, NotRead], ...]
    contradicted: tuple[Contradiction, ...]
    comparisons: tuple[SidesRow, ...]
    pairs: tuple[PairRow, ...]
    twins: TwinsRow | None

    @property
    def chosen(self) -> ScoredArm | None:
        """The arm to use; None where the call is undecided."""
        return None if self.duel is None else self.duel.chosen

    @property
    def call(self) -> Call:
        """How sure that is."""
        return "undecided" if self.duel is None else self.duel.call

    @property
    def recommendation(self) -> Recommendation:
        """The chosen arm's side, as what to do."""
        return "undecided" if self.chosen is None else _RECOMMENDATIONS[self.chosen.side]


def make_calls(scored: Scored, choice: ChosenArms) -> Calls:
    """Compare who stands for the sides once, on the evaluation rows that both answered, and all others beside it."""
    standing = [arm for side, arm in choice.best.items() if side != "combined"]
    stopped = tuple((arm, scored.unread[arm.arm]) for arm in standing if arm.arm in scored.unread)
    duel = None if stopped else head_to_head(scored, choice)
    return Calls(
        duel=duel,
        missing=missing_sides(choice.best),
        stopped=stopped,
        contradicted=tuple(contradictions(scored, choice)),
        comparisons=comparisons_of_sides(scored, choice),
        pairs=pair_rows(scored),
        twins=twins_row(scored, duel),
    )
