"""Answers to a flow's questions, each with where it comes from; a person's answer wins over a measured one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tuningfork.errors import InputError
from tuningfork.guide.flow import Flow
from tuningfork.guide.walk import Reply

Confidence = Literal["high", "medium", "low"]
REPLIES: tuple[Reply, ...] = get_args(Reply)
PERSON = "you"
"""The source of an answer that a person gave."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        reply: yes, no or unknown.
        source: where it comes from: 'you', 'task type', 'label count', 'learning curve', 'shift test', …
        method: how it was found, in one sentence; None for a person's.
        confidence: how far it can be trusted; None for a person's.
    """

    reply: Reply
    source: str = PERSON
    method: str | None = None
    confidence: Confidence | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A person's answer that the rows contradict; the person's counts."""

    question: str
    given: Answer
    measured: Answer

    def __str__(self) -> str:
        measured = self.measured
        return (
            f"{self.question}: you say {self.given.reply}, the {measured.source} says {measured.reply} "
            f"({measured.method}). Your answer counts."
        )


def parse_answers(flow: Flow, given: Iterable[str]) -> dict[str, Answer]:
    """Answers as typed, NAME=yes|no|unknown.

    Raises:
        InputError: no such form, or a question answered twice.
        UnknownName: the flow has no such question.
    """
    answers: dict[str, Answer] = {}
    for text in given:
        name, equals, reply = (part.strip().lower() for part in text.partition("="))
        if not name or not equals or reply not in REPLIES:
            raise InputError(f"--answer {text!r} is no answer", remedy=f"Write NAME={'|'.join(REPLIES)}.")
        flow.question(name)
        if name in answers:
            raise InputError(f"--answer {name} is given twice", remedy="Keep one of the two.")
        answers[name] = Answer(next(known for known in REPLIES if known == reply))
    return answers


def merge(given: Mapping[str, Answer], measured: Mapping[str, Answer]) -> tuple[dict[str, Answer], tuple[Clash, ...]]:
    """All answers, a person's before a measured one, and where the two clash.

    A person's 'unknown' leaves the question to the measurement.
    """
    known = {name: answer for name, answer in given.items() if answer.reply != "unknown"}
    clashes = tuple(
        Clash(name, answer, measured[name])
        for name, answer in known.items()
        if name in measured and measured[name].reply not in (answer.reply, "unknown")
    )
    return {**given, **measured, **known}, clashes


def replies(answers: Mapping[str, Answer], flow: Flow) -> dict[str, Reply]:
    """What the walker needs: replies by question, those of questions that the flow has."""
    return {name: answer.reply for name, answer in answers.items() if name in flow.questions}
