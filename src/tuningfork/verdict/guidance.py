"""The decision flow's advice beside what was measured: the same task, the published rule, and whether they agree."""

from __future__ import annotations

from tuningfork.guide.advice import Advice, advise, path_as_dicts
from tuningfork.guide.answers import Answer, merge
from tuningfork.guide.facts import BreakEvenFacts, Facts, answers_from, facts_of
from tuningfork.guide.flow import load_flow
from tuningfork.guide.from_rows import shift_facts
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import TaskSpec
from tuningfork.verdict.verdict_json import BreakEven, ComparisonRow, GuideRow, Recommendation, VerdictRecord

SIDE_OF_LEAF: dict[str, Recommendation] = {"llm": "prompt", "fine-tuned": "fine-tune"}


def study_advice(records: StudyRecords, break_even: BreakEven, comparison: ComparisonRow | None) -> Advice:
    """What the flow says to this study's task: a person's answers first, then what task, learning curve and rows tell.

    Raises:
        UnknownName: the task file answers a question that the flow does not have.
    """
    facts = facts_of(records.task)
    facts = Facts(
        output_kind=facts.output_kind,
        labelled_rows=len(records.task.pool),
        labels=facts.labels,
        break_even=_break_even_facts(break_even, comparison),
        shift=None if records.profile is None else shift_facts(records.profile.shift.values()),
    )
    answers, clashes = merge(given_answers(records.task.spec), answers_from(facts))
    return advise(load_flow(), answers, clashes=clashes)


def guide_row(advice: Advice, recommendation: Recommendation) -> GuideRow:
    """The advice as `verdict.json` has it; `agrees` is null where one of the two names no side."""
    named = SIDE_OF_LEAF.get(advice.walk.leaf)
    return GuideRow(
        leaf=advice.walk.leaf,
        path=tuple(path_as_dicts(advice.walk, advice.answers)),
        agrees=None if named is None or recommendation == "undecided" else named == recommendation,
        leaves=tuple(dict.fromkeys(ending.leaf for ending in advice.walk.endings)),
        open_questions=advice.walk.open_questions,
    )


def given_answers(spec: TaskSpec) -> dict[str, Answer]:
    """The answers that a person wrote into the task."""
    return {name: Answer(reply) for name, reply in (spec.answers or {}).items()}


def check_answers(spec: TaskSpec) -> None:
    """Refuse answers to questions that the flow does not have.

    Raises:
        UnknownName: such an answer.
    """
    for name in spec.answers or {}:
        load_flow().question(name)


def break_even_facts(record: VerdictRecord) -> BreakEvenFacts:
    """A finished study's break-even, as the guide takes it."""
    return _break_even_facts(record.break_even_labels, record.comparison)


def labels_at_hand(record: VerdictRecord) -> int | None:
    """The most labels that a trained arm of the study was given; None where that is not known."""
    return max((row.n_labels for row in record.arms if row.side == "fine-tuned" and row.n_labels), default=None)


def _break_even_facts(found: BreakEven, comparison: ComparisonRow | None) -> BreakEvenFacts:
    ahead = None
    if comparison is not None:
        low, high = comparison.ci95
        ahead = True if low > 0 else False if high < 0 else None
    return BreakEvenFacts(
        mean=found.mean,
        reliable=found.reliable,
        mean_ci95=found.mean_ci95,
        extrapolated=found.extrapolated,
        ahead=ahead,
    )
