"""From a study's records to its verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tuningfork.arms.records import Side
from tuningfork.metrics.metric import METRICS
from tuningfork.study.records import StudyRecords
from tuningfork.verdict import explain, outlook
from tuningfork.verdict.arm_rows import arm_rows, curve_points
from tuningfork.verdict.best_seen import with_the_best_seen
from tuningfork.verdict.break_even import break_even_labels
from tuningfork.verdict.choice import Choice, choice_cautions, choose, missing_sides
from tuningfork.verdict.contradicted import Contradiction, cautions_of, contradictions, validation_cautions
from tuningfork.verdict.guidance import guide_row, study_advice
from tuningfork.verdict.head_to_head import HeadToHead, comparison_row, confusions, disagreement, head_to_head
from tuningfork.verdict.larger_count import larger_count_cautions
from tuningfork.verdict.looks import beside_earlier_looks
from tuningfork.verdict.records import Cost, MustChoose, NotRead, ReadRow, Recommendation, VerdictRecord
from tuningfork.verdict.scores import ScoredArm, Scorer, scored_arms
from tuningfork.verdict.sides import comparisons_of_sides, pair_rows, side_rows
from tuningfork.verdict.twins import beside_twins, twins_row
from tuningfork.verdict.unread import unread_arms
from tuningfork.verdict.warnings import warnings
from tuningfork.verdict.weak_sides import encoder_to_add, weak_sides

_RECOMMENDATIONS: dict[Side, Recommendation] = {"llm": "prompt", "fine-tuned": "fine-tune", "combined": "combine"}
_FIRST_NAMED: tuple[Side, ...] = ("fine-tuned", "llm", "combined")


def decide(records: StudyRecords) -> VerdictRecord:
    """The verdict on the trials so far; provisional while there are trials to run.

    Each arm stands at its own largest level with runs enough, averaged over its seeds. The best arm of each side is
    chosen on validation rows, and the two are compared once, on the evaluation rows that both answered.
    """
    task = records.task
    arms = scored_arms(records)
    scorer = Scorer.of(task)
    told = unread_arms(arms, task.labels.names)
    unread = {arm: found for arm, found in told.items() if found.mostly}
    choice = with_the_best_seen(
        choose(arms, task.validation, metric=task.metric, n_labels=len(task.labels), unread=unread), scorer
    )
    stopped = [(arm, unread[arm.arm]) for side, arm in choice.best.items() if side != "combined" and arm.arm in unread]
    duel = None if stopped else _head_to_head(records, scorer, choice)
    chosen = duel.chosen if duel else None
    missing = missing_sides(choice.best)
    read = [arm for arm in arms if arm.arm not in unread]
    weak = weak_sides(read, records.model_sizes)
    contradicted = contradictions(choice, read, scorer, margin=task.spec.margin)
    rows = arm_rows(records, arms, choice.validation_scores, told)
    break_even = break_even_labels(
        records, scorer, choice.best.get("llm"), choice.best.get("fine-tuned"), unread=[arm for arm, _ in stopped]
    )
    comparison = comparison_row(duel) if duel else None
    twins = twins_row(records, arms, scorer, duel)
    recommendation: Recommendation = _RECOMMENDATIONS[chosen.side] if chosen else "undecided"
    record = VerdictRecord(
        task=task.spec.name or task.spec.data.stem,
        task_type=task.spec.type,
        recommendation=recommendation,
        chosen_arm=chosen.arm if chosen else None,
        reason=beside_twins(
            _reason(records, arms, scorer, choice, duel, contradicted, stopped),
            None if stopped else twins,
            duel,
            _best_at_hand(choice, unread),
        ),
        metric=task.metric,
        unit=METRICS.get(task.metric).unit,
        margin=task.spec.margin,
        call=duel.call if duel else "undecided",
        same_within=duel.difference.same_within if duel else None,
        labels_for_choice=choice.rows_used,
        if_you_must_choose=None if chosen else _must_choose(choice, duel, unread),
        arms=rows,
        sides=side_rows(choice),
        comparison=comparison,
        comparisons=comparisons_of_sides(choice, scorer, unread),
        pairs=pair_rows(arms, scorer, unread),
        break_even_labels=break_even,
        curve=curve_points(arms, scorer),
        guide=guide_row(study_advice(records, break_even, comparison), recommendation),
        cost=_cost(records),
        provisional=bool(records.remaining),
        flips=outlook.flips(duel, break_even),
        next_step=outlook.next_step(
            records,
            rows,
            duel,
            missing=missing,
            unread=[found for _, found in stopped],
            weak=weak,
            encoder=encoder_to_add(records, read),
        ),
        disagreement=disagreement(duel, scorer) if duel else None,
        confusions=confusions(records, duel) if duel else (),
        twins=twins,
        read=tuple(ReadRow.model_validate(one.as_dict()) for one in (*task.read, *records.read)),
        warnings=warnings(
            records,
            arms,
            rows,
            duel,
            missing=missing,
            unread=unread,
            choice=(
                *cautions_of(contradicted, choice),
                *choice_cautions(choice),
                *validation_cautions(choice, arms, task),
                *larger_count_cautions(records, read, scorer, choice, ahead=chosen.side if chosen else None),
            ),
        ),
    )
    return beside_earlier_looks(record, records.looks)


def _head_to_head(records: StudyRecords, scorer: Scorer, choice: Choice) -> HeadToHead | None:
    llm, fine_tuned = choice.sides.get("llm"), choice.sides.get("fine-tuned")
    if llm is None or fine_tuned is None:
        return None
    return head_to_head(records, scorer, llm.arm, fine_tuned.arm, best_of=(llm.best_of, fine_tuned.best_of))


def _reason(
    records: StudyRecords,
    arms: Sequence[ScoredArm],
    scorer: Scorer,
    choice: Choice,
    duel: HeadToHead | None,
    contradicted: Sequence[Contradiction],
    unread: Sequence[tuple[ScoredArm, NotRead]],
) -> str:
    if duel is None:
        best = _best_at_hand(choice, {arm.arm for arm, _ in unread})
        score = scorer.interval(best, best.n_eval) if best else None
        if unread:
            return explain.reason_without_answers(unread, best, score)
        return explain.reason_without_comparison(best, score, missing=missing_sides(choice.best))
    loser = duel.other(duel.chosen) if duel.chosen else None
    return explain.reason(
        duel,
        metric=scorer.metric.name,
        rivals=sum(arm.side == loser.side for arm in arms) if loser else 1,
        larger_unmeasured=weak_sides(arms, records.model_sizes).sentence,
        settles=None if records.remaining else outlook.settles(duel, rows_at_hand=len(records.task.evaluation)),
        contradicted=contradicted,
    )


def _must_choose(choice: Choice, duel: HeadToHead | None, unread: Mapping[str, NotRead]) -> MustChoose | None:
    """What to take today; of an arm whose answers were not read nothing is known, so that it is no choice."""
    if duel is not None:
        return explain.must_choose(duel)
    best = _best_at_hand(choice, unread)
    if best is None:
        return None
    ranked = best.arm in choice.validation_scores
    why = "the best of its side on validation rows" if ranked else "the arm that has finished"
    if any(arm.arm in unread for arm in choice.best.values()):
        why = "the arm whose answers were read"
    return MustChoose(arm=best.arm, why=why, worst_loss=None, expected_loss=None)


def _best_at_hand(choice: Choice, unread: Collection[str]) -> ScoredArm | None:
    """The arm to name where nothing could be compared."""
    read = {side: arm for side, arm in choice.best.items() if arm.arm not in unread}
    return next((read[side] for side in _FIRST_NAMED if side in read), None)


def _cost(records: StudyRecords) -> Cost:
    usage = records.usage
    return Cost(
        usd=usage.usd,
        llm_requests=usage.requests,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        seconds=records.seconds,
    )
