"""The guide's advice on a terminal: the leaf first, then why, what would change it, and what speaks for and against."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from tuningfork.guide.advice import Advice
from tuningfork.guide.candidates import Candidate
from tuningfork.guide.evidence import Finding, Stance, key_points
from tuningfork.guide.flow import LEAF_TITLES
from tuningfork.report.flow_tree import flow_tree
from tuningfork.report.paragraphs import listed, paragraph
from tuningfork.report.text import one_line

_MOST_FINDINGS = 3
"""Findings shown on either side; all of them are in the JSON and in the guide."""
_MOST_RULED_OUT = 4


def advice_text(advice: Advice, *, width: int = 80) -> RenderableType:
    """The advice for a terminal of `width` columns."""
    return Constrain(Group(*_parts(advice)), width)


def _parts(advice: Advice) -> Iterator[RenderableType]:
    yield _opening(advice)
    yield Text()
    yield flow_tree(advice.flow, advice.answers)
    yield Text()
    for clash in advice.clashes:
        yield paragraph("Clash", str(clash))
    if advice.walk.open_questions:
        yield from listed("Still open", [_asked(advice, name) for name in advice.walk.open_questions[:3]])
    yield from listed("Would change", advice.flips)
    yield from listed("Key points", [f"{name}: {key_points()[name].text}" for name in advice.key_points])
    yield from listed("For it", _findings(advice.evidence, ("for",)))
    yield from listed("Against it", _findings(advice.evidence, ("against", "mixed")))
    yield from listed("Measure", _candidates(advice.candidates, "in"))
    yield from listed("Ruled out", _candidates(advice.candidates, "ruled out")[:_MOST_RULED_OUT])
    yield paragraph("Next", _next(advice))


def _opening(advice: Advice) -> Text:
    walked = advice.walk
    if walked.leaf == "open":
        leaves = list(dict.fromkeys(LEAF_TITLES[ending.leaf] for ending in walked.endings))
        told = "; ".join(leaf[0].lower() + leaf[1:] for leaf in leaves)
        return Text.assemble(("Open. ", "bold"), f"The answers so far leave these possible: {told}.")
    reasons = [ending.why for ending in walked.endings if ending.why]
    why = reasons[0] if len(reasons) == 1 else "Every answer still possible leads there." if reasons else ""
    return Text.assemble((f"{LEAF_TITLES[walked.leaf]}. ", "bold"), one_line(why))


def _asked(advice: Advice, name: str) -> str:
    return f"{name}: {advice.flow.questions[name].ask}"


def _findings(findings: Sequence[Finding], stances: tuple[Stance, ...]) -> list[str]:
    found = [finding for finding in findings if finding.stance in stances]
    told = [f"{finding.cited}: {finding.found} {finding.link}" for finding in found[:_MOST_FINDINGS]]
    if len(found) > _MOST_FINDINGS:
        told.append(f"and {len(found) - _MOST_FINDINGS} more: tuningfork guide, or --json")
    return told


def _candidates(candidates: Sequence[Candidate], status: str) -> list[str]:
    """'--arm head:minilm (MiniLM embeddings and logistic regression): …', or the model's name where it is ruled out."""
    return [
        f"{_named(candidate)}: {'; '.join(candidate.reasons)}" for candidate in candidates if candidate.status == status
    ]


def _named(candidate: Candidate) -> str:
    return candidate.model if candidate.arm is None else f"--arm {shlex.quote(candidate.arm)} ({candidate.model})"


def _next(advice: Advice) -> str:
    if advice.walk.leaf == "open":
        return "Answer the first open question (--answer NAME=yes or no), or measure both sides: tuningfork run DATA"
    return "This is what was published, not what was measured on your rows. To measure: tuningfork run DATA"
