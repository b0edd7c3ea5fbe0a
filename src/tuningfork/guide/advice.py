"""The advice: where the answers lead, what it rests on, what speaks against it, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuningfork.guide.answers import Answer, Clash, replies
from tuningfork.guide.candidates import Candidate
from tuningfork.guide.evidence import Finding, bearing_on, key_points
from tuningfork.guide.flow import LEAF_TITLES, Flow
from tuningfork.guide.walk import Reply, Walk, walk

_ALWAYS = "KP8"
"""The key point on cost and trust bears on every leaf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the flow says for one set of answers.

    Attributes:
        answers: by question, those that the flow asks.
        clashes: where a person's answer and a measured one differ.
        key_points: ids of the key points that apply.
        evidence: findings on the deciding questions, for and against, the newest first.
        flips: answers that would lead to another leaf, a sentence each.
        candidates: models to measure, best first, and those ruled out, each with its reason.
    """

    flow: Flow
    walk: Walk
    answers: Mapping[str, Answer]
    clashes: tuple[Clash, ...]
    key_points: tuple[str, ...]
    evidence: tuple[Finding, ...]
    flips: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    def with_candidates(self, candidates: Sequence[Candidate]) -> Advice:
        """The same advice with models to measure."""
        return replace(self, candidates=tuple(candidates))

    def as_dict(self) -> dict[str, Any]:
        """The JSON contract: leaf, path, key_points, evidence, candidates, open_questions, and more beside."""
        return {
            "leaf": self.walk.leaf,
            "path": path_as_dicts(self.walk, self.answers),
            "key_points": [{"id": name, "text": key_points()[name].text} for name in self.key_points],
            "evidence": [finding.model_dump(mode="json") for finding in self.evidence],
            "candidates": [candidate.as_dict() for candidate in self.candidates],
            "open_questions": list(self.walk.open_questions),
            "leaves": [
                {"leaf": end.leaf, "question": end.question, "answer": end.answer, "why": end.why}
                for end in self.walk.endings
            ],
            "flips": list(self.flips),
            "clashes": [str(clash) for clash in self.clashes],
            "answers": {
                name: {"answer": a.reply, "source": a.source, "method": a.method, "confidence": a.confidence}
                for name, a in self.answers.items()
            },
            "flow": self.flow.name,
        }


def advise(
    flow: Flow,
    answers: Mapping[str, Answer],
    *,
    clashes: Sequence[Clash] = (),
) -> Advice:
    """What the flow says to these answers.

    Raises:
        UnknownName: an answer to a question that the flow does not have.
    """
    found = walk(flow, replies(answers, flow))
    deciding = list(dict.fromkeys(ending.question for ending in found.endings))
    return Advice(
        flow=flow,
        walk=found,
        answers={name: answer for name, answer in answers.items() if name in flow.questions},
        clashes=tuple(clash for clash in clashes if clash.question in flow.questions),
        key_points=_key_points(flow, deciding),
        evidence=bearing_on(deciding),
        flips=tuple(_flips(flow, found, answers)),
        candidates=(),
    )


def path_as_dicts(walked: Walk, answers: Mapping[str, Answer]) -> list[dict[str, str]]:
    """The path as JSON has it: question, answer, source."""
    return [
        {"question": step.question, "answer": step.answer, "source": answers[step.question].source}
        for step in walked.path
    ]


def _key_points(flow: Flow, deciding: Sequence[str]) -> tuple[str, ...]:
    named = [name for question in deciding for name in flow.questions[question].key_points]
    return tuple(name for name in dict.fromkeys([*named, _ALWAYS]) if name in key_points())


def _flips(flow: Flow, found: Walk, answers: Mapping[str, Answer]) -> list[str]:
    """Single answers of the path which, turned round, lead elsewhere."""
    now = replies(answers, flow)
    told: list[str] = []
    for step in found.path:
        other: Reply = "no" if step.answer == "yes" else "yes"
        elsewhere = walk(flow, {**now, step.question: other})
        if elsewhere.leaf != found.leaf:
            told.append(f"{step.question}: {other} instead of {step.answer} leads to {told_leaf(elsewhere)}.")
    return told


def told_leaf(walked: Walk) -> str:
    """'Prompt an LLM', or the leaves that are still possible."""
    if walked.leaf != "open":
        return LEAF_TITLES[walked.leaf].lower() if walked.leaf == "neither" else LEAF_TITLES[walked.leaf]
    leaves = dict.fromkeys(LEAF_TITLES[ending.leaf] for ending in walked.endings)
    return f"no single leaf ({', '.join(leaves)})"
