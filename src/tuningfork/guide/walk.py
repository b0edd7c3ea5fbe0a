"""The walk: from a flow and answers to the leaf, or to the leaves that are still possible. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tuningfork.guide.flow import Flow, Leaf, YesNo

Reply = Literal["yes", "no", "unknown"]
Outcome = Literal["llm", "fine-tuned", "neither", "open"]

_NOTHING_TOLD = 1e-9
"""Bits below which an answer tells nothing of the leaf: what is left is rounding."""


@dataclass(frozen=True, slots=True)
class Step:
    """One answered question on the way."""

    question: str
    answer: YesNo


@dataclass(frozen=True, slots=True)
class Ending:
    """One place where a walk can end: the answer to a question that leads to a leaf."""

    leaf: Leaf
    question: str
    answer: YesNo
    why: str | None


@dataclass(frozen=True, slots=True)
class Walk:
    """Where answers lead.

    Attributes:
        leaf: the leaf; 'open' where unknown answers leave several leaves possible.
        path: the answered questions from the start on. Up to the leaf where there is one, past questions whose answer
            is not known and would not change it; else up to the first unknown one.
        endings: every ending still possible, in the flow's order; one where the path reaches the leaf.
        open_questions: unanswered questions on which the leaf still depends, the most telling one first.
        reached: questions that may still be asked or were, in the flow's order.
    """

    leaf: Outcome
    path: tuple[Step, ...]
    endings: tuple[Ending, ...]
    open_questions: tuple[str, ...]
    reached: tuple[str, ...]


def walk(flow: Flow, answers: Mapping[str, Reply]) -> Walk:
    """Follow the answers; questions without one are unknown.

    Open questions are ordered by what they tell of the leaf: the entropy of the leaf now, minus its mean after either
    answer, where answers that are not known are as likely yes as no. Ties go in the flow's order.

    Raises:
        UnknownName: an answer to a question that the flow does not have.
    """
    for name in answers:
        flow.question(name)
    known: dict[str, YesNo] = {name: reply for name, reply in answers.items() if reply != "unknown"}
    reached, endings = _in_reach(flow, known)
    leaves = {ending.leaf for ending in endings}
    settled = len(leaves) == 1
    return Walk(
        leaf=leaves.pop() if settled else "open",
        path=tuple(Step(name, known[name]) for name in reached if name in known) if settled else _path(flow, known),
        endings=endings,
        open_questions=tuple(_open_questions(flow, known, reached)),
        reached=reached,
    )


def _path(flow: Flow, known: Mapping[str, YesNo]) -> tuple[Step, ...]:
    """The answered questions up to the first unknown one."""
    path: list[Step] = []
    name: str | None = flow.start
    while name is not None and name in known:
        branch = flow.questions[name].branch(known[name])
        path.append(Step(name, known[name]))
        name = branch.to if branch.leaf is None else None
    return tuple(path)


def _in_reach(flow: Flow, known: Mapping[str, YesNo]) -> tuple[tuple[str, ...], tuple[Ending, ...]]:
    """Questions and endings in reach, each once, in the order of the questions."""
    reached = {flow.start}
    endings: list[Ending] = []
    for name in flow.order:
        if name not in reached:
            continue
        for choice, branch in flow.questions[name].branches:
            if known.get(name, choice) != choice:
                continue
            if branch.leaf is None:
                reached.add(branch.to)
            else:
                endings.append(Ending(branch.leaf, name, choice, branch.why))
    return tuple(name for name in flow.order if name in reached), tuple(endings)


def _chances(flow: Flow, known: Mapping[str, YesNo]) -> dict[str, float]:
    """Probability of each leaf, and of each question being asked, where unknown answers are even chances."""
    chances: dict[str, float] = {flow.start: 1.0}
    for name in flow.order:
        here = chances.get(name, 0.0)
        for choice, branch in flow.questions[name].branches:
            share = 0.5 if name not in known else float(known[name] == choice)
            chances[branch.to] = chances.get(branch.to, 0.0) + here * share
    return chances


def _open_questions(flow: Flow, known: Mapping[str, YesNo], reached: Sequence[str]) -> list[str]:
    now = _entropy(flow, known)
    told = {
        name: now - (_entropy(flow, {**known, name: "yes"}) + _entropy(flow, {**known, name: "no"})) / 2
        for name in reached
        if name not in known
    }
    telling = [name for name, bits in told.items() if bits > _NOTHING_TOLD]
    return sorted(telling, key=lambda name: -round(told[name], 9))


def _entropy(flow: Flow, known: Mapping[str, YesNo]) -> float:
    """Uncertainty of the leaf, in bits."""
    chances = _chances(flow, known)
    shares = [chances.get(leaf, 0.0) for leaf in ("llm", "fine-tuned", "neither")]
    return -sum(share * math.log2(share) for share in shares if share > 0)
