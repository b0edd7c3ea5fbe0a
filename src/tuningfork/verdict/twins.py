"""The scores on evaluation rows that no pool row nearly repeats, beside those on all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tuningfork.stats.best_of import for_the_best_of
from tuningfork.stats.calls import make_call
from tuningfork.stats.crossed import PairedDifference
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.task.twins import FEW
from tuningfork.verdict import numbers
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm, share_samples
from tuningfork.verdict.verdict_json import Call, TwinsRow


def twins_row(scored: Scored, duel: HeadToHead | None) -> TwinsRow | None:
    """What near repeats there were, and how the arms did without; None where there were none.

    Args:
        duel: the comparison that the verdict is made of.
    """
    task = scored.task
    if task.twins is None and not task.twins_dropped:
        return None
    near = np.zeros(len(task.evaluation), np.bool_) if task.twins is None else task.twins
    n_shared = len(near) if duel is None else duel.n_shared
    fresh = ~near[:n_shared]
    difference = None if duel is None or not near.any() else _difference(scored, duel, fresh)
    scores = {arm.arm: _score(scored, arm, ~near[: arm.n_eval]) for arm in scored.arms} if near.any() else {}
    return TwinsRow(
        rows=int((~fresh).sum()),
        of=n_shared,
        dropped=task.twins_dropped,
        n=int(fresh.sum()),
        scores={arm: score for arm, score in scores.items() if score is not None},
        score_llm=None if duel is None or difference is None else _score(scored, duel.llm, fresh),
        score_fine_tuned=None if duel is None or difference is None else _score(scored, duel.fine_tuned, fresh),
        difference=None if difference is None else difference.difference,
        ci95=None if difference is None else difference.ci95,
        call=None if duel is None or difference is None else _call(duel, difference),
    )


def beside_twins(reason: str, row: TwinsRow | None, duel: HeadToHead | None, best: ScoredArm | None = None) -> str:
    """The reason with the near repeats in its first sentence, where they are more than a few.

    Args:
        best: the arm that is named where nothing was compared.
    """
    if row is None or row.rows <= FEW * row.of:
        return reason
    first, stop, rest = reason.partition(". ")
    told = f"{first.removesuffix('.')}; {row.rows} of {row.of} evaluation rows nearly repeat a training row"
    parts = [f"{told}{_on_the_others(row, duel, best)}.", _other_call(row, duel), rest if stop else ""]
    return " ".join(part for part in parts if part)


def _on_the_others(row: TwinsRow, duel: HeadToHead | None, best: ScoredArm | None) -> str:
    """': 0.71 (MiniLM) against 0.78 (SmolLM2) on the 49 without, 0.99 against 0.89 on all'."""
    if not row.n:
        return ", and none is without such a repeat"
    others = "on the one without" if row.n == 1 else f"on the {numbers.count(row.n)} without"
    if duel is not None and row.score_llm is not None and row.score_fine_tuned is not None:
        pair = [duel.chosen or duel.ahead]
        pair.append(duel.other(pair[0]))
        there = {duel.llm.arm: row.score_llm, duel.fine_tuned.arm: row.score_fine_tuned}
        told = " against ".join(f"{numbers.score(there[arm.arm])} ({arm.name.short})" for arm in pair)
        on_all = " against ".join(numbers.score(duel.score_of(arm).score) for arm in pair)
        return f": {told} {others}, {on_all} on all"
    if duel is None and best is not None and best.arm in row.scores:
        return f": {numbers.score(row.scores[best.arm])} ({best.name.short}) {others}"
    return f", and there is no score {others}"


def _other_call(row: TwinsRow, duel: HeadToHead | None) -> str:
    """What the rows without a near repeat say where they say something else."""
    if duel is None or row.call is None or row.difference is None:
        return ""
    chosen = _chosen(row, duel)
    if chosen is duel.chosen:
        return ""
    if chosen is None:
        few = f", which are fewer than {FEWEST_ROWS}," if row.n < FEWEST_ROWS else ""
        return f"On those {numbers.count(row.n)} rows alone{few} nothing is decided."
    return f"On those {numbers.count(row.n)} rows alone the call is for {chosen.name.short}."


def _chosen(row: TwinsRow, duel: HeadToHead) -> ScoredArm | None:
    if row.call == "undecided" or row.difference is None:
        return None
    ahead = duel.llm if row.difference < 0 else duel.fine_tuned
    return ahead if row.call == "better" else duel.cheaper_arm or ahead


def _call(duel: HeadToHead, difference: PairedDifference) -> Call:
    if difference.n < FEWEST_ROWS:
        return "undecided"
    return make_call(difference, margin=duel.margin, cheaper=duel.cheaper.which)


def _difference(scored: Scored, duel: HeadToHead, fresh: NDArray[np.bool_]) -> PairedDifference | None:
    """Fine-tuned minus LLM on the rows without a near repeat; None where they allow no number."""
    there = scored.on_rows(fresh)
    llm, tuned = (arm.answers(len(fresh)).take(np.flatnonzero(fresh)) for arm in (duel.llm, duel.fine_tuned))
    if len(llm) < 2 or there.score(llm) is None:
        return None
    found = there.difference(
        llm,
        tuned,
        same_samples=share_samples(duel.llm, duel.fine_tuned),
        random_a=duel.llm.random,
        random_b=duel.fine_tuned.random,
        redrawn_a=duel.llm.redrawn,
        redrawn_b=duel.fine_tuned.redrawn,
    )
    return for_the_best_of(found, duel.difference.alternatives)


def _score(scored: Scored, arm: ScoredArm, fresh: NDArray[np.bool_]) -> float | None:
    answers = arm.answers(len(fresh)).take(np.flatnonzero(fresh))
    return scored.on_rows(fresh).score(answers) if len(answers) else None
