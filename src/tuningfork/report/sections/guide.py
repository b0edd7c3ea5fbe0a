"""The decision flow's advice beside the measurement: the walked path, what speaks for it and against it."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.guide.advice import Advice
from tuningfork.guide.candidates import Limits, candidates
from tuningfork.guide.evidence import Finding, key_points
from tuningfork.guide.flow import LEAF_TITLES
from tuningfork.guide.traits import RowTraits, traits_of
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.flow import flow_figure
from tuningfork.report.text import one_line
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.guidance import study_advice
from tuningfork.verdict.verdict_json import VerdictRecord

_MOST_FINDINGS = 4
_MEASURED = {"prompt": "prompt an LLM", "fine-tune": "fine-tune a model", "combine": "combine the two"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideSection:
    """What the section shows.

    Attributes:
        says: what the flow says, and whether the measurement agrees.
        figure: the flow with the walked path lit.
        cautions: clashes, and where the agreement is of the study's own making.
        open_questions: what only the reader can answer.
        candidates: models that were not measured here and could be, the leaf's side first.
        sources: each answer with where it comes from and how far it can be trusted.
    """

    says: str
    figure: Figure
    cautions: tuple[str, ...]
    open_questions: tuple[str, ...]
    sources: DataTable
    key_points: tuple[tuple[str, str], ...]
    supports: tuple[str, ...]
    contradicts: tuple[str, ...]
    candidates: DataTable


def guide_section(record: VerdictRecord, records: StudyRecords) -> GuideSection | None:
    """The section; None where the verdict has no advice beside it."""
    if record.guide is None:
        return None
    advice = study_advice(records, record.break_even_labels, record.comparison)
    findings = advice.evidence
    return GuideSection(
        says=_says(record, advice),
        figure=flow_figure(advice.flow, advice.answers),
        cautions=tuple(one_line(caution) for caution in _cautions(advice)),
        open_questions=tuple(f"{advice.flow.questions[name].ask} ({name})" for name in advice.walk.open_questions),
        sources=_sources(advice),
        key_points=tuple((name, key_points()[name].text) for name in advice.key_points),
        supports=tuple(_told(finding) for finding in findings if finding.stance == "for")[:_MOST_FINDINGS],
        contradicts=tuple(_told(finding) for finding in findings if finding.stance != "for")[:_MOST_FINDINGS],
        candidates=_candidates(record, records, advice),
    )


def _says(record: VerdictRecord, advice: Advice) -> str:
    walked = advice.walk
    measured = _MEASURED.get(record.recommendation)
    found = "What was measured here is undecided" if measured is None else f"What was measured here says: {measured}"
    if walked.leaf == "open":
        leaves = "; ".join(dict.fromkeys(_in_a_sentence(ending.leaf) for ending in walked.endings))
        return f"The flow leaves it open ({leaves}), for some of its questions only you can answer. {found}."
    said = _in_a_sentence(walked.leaf)
    if record.guide is None or record.guide.agrees is None:
        return f"The flow says: {said}. {found}."
    judged = "The two agree" if record.guide.agrees else "The two disagree, and the measurement is of your own rows"
    return f"The flow says: {said}. {found}. {judged}."


def _in_a_sentence(leaf: str) -> str:
    """'prompt an LLM'."""
    return LEAF_TITLES[leaf][0].lower() + LEAF_TITLES[leaf][1:]


def _cautions(advice: Advice) -> list[str]:
    told = [str(clash) for clash in advice.clashes]
    curve = [step for step in advice.walk.path if advice.answers[step.question].source == "learning curve"]
    if curve:
        told.append(
            f"The answer to {curve[0].question} comes from this study's own learning curve, so agreement there is of "
            "its own making."
        )
    return told


def _sources(advice: Advice) -> DataTable:
    known = [(name, advice.answers[name]) for name in advice.flow.order if name in advice.answers]
    return DataTable(
        caption="Where the answers come from",
        head=("question", "answer", "says", "how", "confidence"),
        rows=tuple(
            (name, answer.reply, answer.source, one_line(answer.method or ""), answer.confidence or "")
            for name, answer in known
        ),
    )


def _candidates(record: VerdictRecord, records: StudyRecords, advice: Advice) -> DataTable:
    measured = {row.arm for row in record.arms}
    found = candidates(Limits(), advice.walk.leaf, rows=_traits(records))
    listed = [one for one in found if one.status == "in" and one.arm not in measured]
    return DataTable(
        caption="Models that were not measured here and could be (the advise command takes limits on them)",
        head=("arm", "model", "side", "why"),
        rows=tuple((one.arm or "", one.model, one.side, "; ".join(one.reasons)) for one in listed),
    )


def _traits(records: StudyRecords) -> RowTraits:
    profile = records.profile
    return RowTraits() if profile is None else traits_of(profile.domains, profile.data.languages.as_record())


def _told(finding: Finding) -> str:
    return f"{finding.cited}: {finding.found} {finding.link}"
