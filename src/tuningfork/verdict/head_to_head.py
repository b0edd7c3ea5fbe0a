"""The one comparison that the verdict is made of: the best fine-tuned arm against the best LLM arm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuningfork.answers.category import NO_LABEL, Categories
from tuningfork.stats.best_of import for_the_best_of, score_of_the_best_of
from tuningfork.stats.calls import MustChoose, make_call, must_choose, rows_needed, seeds_needed
from tuningfork.stats.crossed import PairedDifference, ScoreInterval
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.verdict import numbers
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.money import Cheaper, bill_of, cheaper
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import Call, ComparisonRow, Confusion, Disagreement

_MOST_CONFUSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadToHead:
    """Both arms on their shared rows. In the statistics `a` is the LLM and `b` the fine-tuned arm.

    Attributes:
        difference: fine-tuned minus LLM.
        scores: of the LLM and of the fine-tuned arm, with intervals, on the shared rows.
        cheaper: which of them is cheaper to run.
        best_of: arms that the LLM arm, and the fine-tuned arm, is the best seen of; 1 where it was chosen beforehand.
            `difference` and `scores` are corrected for it.
        margin: the smallest difference that matters.
        unit: in which it and all differences are told.
    """

    llm: ScoredArm
    fine_tuned: ScoredArm
    n_shared: int
    difference: PairedDifference
    scores: tuple[ScoreInterval, ScoreInterval]
    cheaper: Cheaper
    margin: float
    unit: str
    call: Call
    must_choose: MustChoose
    best_of: tuple[int, int] = (1, 1)

    @property
    def too_few_rows(self) -> bool:
        """Whether there are too few shared rows to call anything."""
        return self.n_shared < FEWEST_ROWS

    @property
    def ahead(self) -> ScoredArm:
        """The arm with the higher score, the fine-tuned one at a tie."""
        return self.llm if self.difference.difference < 0 else self.fine_tuned

    @property
    def cheaper_arm(self) -> ScoredArm | None:
        """The cheaper arm, None where it cannot be said."""
        return None if self.cheaper.which is None else self.arm(self.cheaper.which)

    @property
    def chosen(self) -> ScoredArm | None:
        """The arm that the call is for; None where it is undecided."""
        if self.call == "undecided":
            return None
        return self.ahead if self.call == "better" else self.cheaper_arm or self.ahead

    @property
    def seeds(self) -> tuple[int, int]:
        """Finished seeds of the LLM and of the fine-tuned arm."""
        return len(self.llm.trials), len(self.fine_tuned.trials)

    def arm(self, which: str) -> ScoredArm:
        """The arm that the statistics call 'a' or 'b'."""
        return self.llm if which == "a" else self.fine_tuned

    def other(self, arm: ScoredArm) -> ScoredArm:
        """The opponent of one of the two."""
        return self.fine_tuned if arm is self.llm else self.llm

    def score_of(self, arm: ScoredArm) -> ScoreInterval:
        """One of the two arms' scores on the shared rows."""
        return self.scores[0 if arm is self.llm else 1]

    def told(self, value: float) -> str:
        """A difference or a margin with the metric's unit: '3.5 points'."""
        return numbers.amount(value, self.unit)

    @property
    def rows_needed(self) -> int | None:
        """Shared rows in all that would settle it at the margin; None where none would, or where it is settled."""
        return None if self.call != "undecided" else rows_needed(self.difference, self.margin)

    @property
    def seeds_needed(self) -> int | None:
        """Seeds in all that a random arm would need; None where none would, or where it is settled."""
        return None if self.call != "undecided" else seeds_needed(self.difference, self.margin, seeds=self.seeds)


def head_to_head(scored: Scored, choice: ChosenArms) -> HeadToHead | None:
    """Compare the arms that stand for the two sides; None where one has none, or their shared rows allow no number."""
    sides = choice.sides.get("llm"), choice.sides.get("fine-tuned")
    if sides[0] is None or sides[1] is None:
        return None
    llm, fine_tuned = sides[0].arm, sides[1].arm
    best_of = sides[0].best_of, sides[1].best_of
    compared = scored.compare(llm, fine_tuned)
    n_shared = min(llm.n_eval, fine_tuned.n_eval)
    scores = scored.interval(llm, n_shared), scored.interval(fine_tuned, n_shared)
    if compared is None or scores[0] is None or scores[1] is None:
        return None
    difference = for_the_best_of(compared, best_of[0] * best_of[1])
    margin = scored.margin
    which = cheaper(*(bill_of(arm, usd_per_hour=scored.records.usd_per_hour) for arm in (llm, fine_tuned)))
    settled = n_shared >= FEWEST_ROWS
    return HeadToHead(
        llm=llm,
        fine_tuned=fine_tuned,
        n_shared=n_shared,
        difference=difference,
        scores=(score_of_the_best_of(scores[0], best_of[0]), score_of_the_best_of(scores[1], best_of[1])),
        best_of=best_of,
        cheaper=which,
        margin=margin,
        unit=scored.metric.unit,
        call=make_call(difference, margin=margin, cheaper=which.which) if settled else "undecided",
        must_choose=must_choose(difference, which.which),
    )


def comparison_row(duel: HeadToHead) -> ComparisonRow:
    """The comparison as `verdict.json` holds it."""
    difference = duel.difference
    return ComparisonRow(
        llm_arm=duel.llm.arm,
        fine_tuned_arm=duel.fine_tuned.arm,
        n_shared=duel.n_shared,
        score_llm=duel.scores[0].score,
        score_fine_tuned=duel.scores[1].score,
        difference=difference.difference,
        ci95=difference.ci95,
        p_value=difference.p_value,
        test=difference.test,
        same_within=difference.same_within,
        discordant=round(difference.discordant),
        rows_needed=duel.rows_needed,
        labels_needed=None,
        seeds_needed=duel.seeds_needed,
        best_of=difference.alternatives,
    )


def disagreement(scored: Scored, duel: HeadToHead) -> Disagreement | None:
    """The 2 x 2 of right and wrong on the shared rows, each arm's first seed; None where answers are more or less
    near."""
    if not scored.right_or_wrong:
        return None
    llm, tuned = (scored.right(arm, duel.n_shared)[:, 0] for arm in (duel.llm, duel.fine_tuned))
    return Disagreement(
        both_right=int((llm & tuned).sum()),
        only_llm=int((llm & ~tuned).sum()),
        only_fine_tuned=int((~llm & tuned).sum()),
        both_wrong=int((~llm & ~tuned).sum()),
    )


def confusions(scored: Scored, duel: HeadToHead) -> tuple[Confusion, ...]:
    """The most frequent wrong answers of both arms (first seed, the arm's own rows), most frequent first."""
    return tuple(row for arm in (duel.llm, duel.fine_tuned) for row in _confusions_of(scored, arm))


def _confusions_of(scored: Scored, arm: ScoredArm) -> list[Confusion]:
    right, said = scored.evaluation.gold, arm.answers(arm.n_eval).columns[0]
    if not (isinstance(right, Categories) and isinstance(said, Categories)):
        return []
    gold, answers = right.indices[: arm.n_eval], said.indices
    wrong = ~scored.right(arm, arm.n_eval)[:, 0]
    pairs, counts = np.unique(np.column_stack([gold[wrong], answers[wrong]]), axis=0, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:_MOST_CONFUSIONS]
    values = scored.task.labels.values
    return [
        Confusion(
            arm=arm.arm,
            gold=values[pairs[i, 0]],
            predicted=None if pairs[i, 1] == NO_LABEL else values[pairs[i, 1]],
            rows=int(counts[i]),
            of=int((gold == pairs[i, 0]).sum()),
        )
        for i in most
    ]
