"""From a study's records to its verdict: one step after the other, each on the results of those before it."""

from __future__ import annotations

from tuningfork.study.records import StudyRecords
from tuningfork.verdict.arm_rows import arm_rows, curve_points
from tuningfork.verdict.best_seen import with_the_best_seen
from tuningfork.verdict.calls import make_calls
from tuningfork.verdict.choice import choose
from tuningfork.verdict.explain import must_choose, reason
from tuningfork.verdict.guidance import guide_row, study_advice
from tuningfork.verdict.head_to_head import comparison_row, confusions, disagreement
from tuningfork.verdict.looks import beside_earlier_looks
from tuningfork.verdict.outlook import look_ahead
from tuningfork.verdict.scored import Scored, score_study
from tuningfork.verdict.shortcuts import shortcut_rows
from tuningfork.verdict.sides import side_rows
from tuningfork.verdict.verdict_json import Cost, ReadRow, VerdictRecord
from tuningfork.verdict.warnings import warnings


def decide(records: StudyRecords) -> VerdictRecord:
    """The verdict on the trials so far; see `verdict_on`."""
    return verdict_on(score_study(records))


def verdict_on(scored: Scored) -> VerdictRecord:
    """The verdict on a study's scored table; provisional while there are trials to run.

    Each arm stands at its own largest level with runs enough, averaged over its seeds. The best arm of each side is
    chosen on validation rows, and the two are compared once, on the evaluation rows that both answered.
    """
    task, records = scored.task, scored.records
    choice = with_the_best_seen(choose(scored), scored)
    calls = make_calls(scored, choice)
    rows = arm_rows(scored, choice)
    outlook = look_ahead(scored, choice, calls, rows)
    duel = calls.duel
    comparison = None if duel is None else comparison_row(duel)
    record = VerdictRecord(
        task=task.spec.name or task.spec.data.stem,
        task_type=task.spec.type,
        recommendation=calls.recommendation,
        chosen_arm=None if calls.chosen is None else calls.chosen.arm,
        reason=reason(scored, choice, calls, outlook),
        metric=scored.metric.name,
        unit=scored.metric.unit,
        margin=scored.margin,
        call=calls.call,
        same_within=None if duel is None else duel.difference.same_within,
        labels_for_choice=choice.rows_used,
        if_you_must_choose=must_choose(scored, choice, calls),
        arms=rows,
        sides=side_rows(choice),
        comparison=comparison,
        comparisons=calls.comparisons,
        pairs=calls.pairs,
        break_even_labels=outlook.break_even,
        curve=curve_points(scored),
        guide=guide_row(study_advice(records, outlook.break_even, comparison), calls.recommendation),
        cost=_cost(records),
        provisional=bool(records.remaining),
        flips=outlook.flips,
        next_step=outlook.next_step,
        disagreement=None if duel is None else disagreement(scored, duel),
        confusions=() if duel is None else confusions(scored, duel),
        twins=calls.twins,
        shortcuts=shortcut_rows(scored),
        read=tuple(ReadRow.model_validate(one.as_dict()) for one in (*task.read, *records.read)),
        warnings=warnings(scored, choice, calls, rows, outlook.weak),
    )
    return beside_earlier_looks(record, records.looks)


def _cost(records: StudyRecords) -> Cost:
    usage = records.usage
    return Cost(
        usd=usage.usd,
        llm_requests=usage.requests,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        seconds=records.seconds,
    )
