"""What a profile of the rows answers to the flow's questions."""

from __future__ import annotations

from collections.abc import Iterable

from tuningfork.guide.facts import Facts, ShiftFacts, answers_from
from tuningfork.guide.offers import offers
from tuningfork.models.starters import starters
from tuningfork.profile.document import FlowAnswer, ProfileDocument
from tuningfork.profile.figures import Profile, Shift
from tuningfork.profile.languages import unknown_languages
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_type import TASK_TYPES

_NEAREST_TO_USE = ("shifted", "test")
"""Rows from deployment say more of what is to come than a test file, which may be the pool's own twin."""


def shift_facts(shifts: Iterable[Shift]) -> ShiftFacts | None:
    """The shift that counts for a flow: of the shifted rows where there are any, else of the test rows."""
    by_role = {shift.role: shift for shift in shifts}
    for role in _NEAREST_TO_USE:
        if role in by_role:
            found = by_role[role]
            return ShiftFacts(
                rows=role,
                detected=found.detected,
                method=found.method,
                p_value=found.p_value,
                power=found.power,
                separation=found.separation,
                repeats_only=found.repeats_only,
            )
    return None


def facts_of_rows(task_type: str, *, labelled: int, labels: int, shifts: Iterable[Shift]) -> Facts:
    """Facts of rows that need not make a task: without a label, nothing is said of what is to be predicted.

    Args:
        task_type: a name in the task-type registry.
        labelled: rows with a label.
        labels: different labels.
    """
    kind = TASK_TYPES.get(task_type)
    return Facts(
        output_kind=kind.kind if labels else None,
        labelled_rows=labelled,
        labels=labels if labels and kind.options is None else None,
        shift=shift_facts(shifts),
    )


def documented(profile: Profile, spec: TaskSpec) -> ProfileDocument:
    """The profile of a task's rows with its answers to the flow's questions, ready to be printed and kept."""
    scored = [file for file in profile.files if file.role != "shifted"]
    facts = facts_of_rows(
        spec.type,
        labelled=sum(file.rows - file.unlabelled for file in scored),
        labels=len({label for file in scored for label, _ in file.labels}),
        shifts=profile.shifts,
    )
    known = known_languages()
    return ProfileDocument.of(
        profile,
        name=spec.name or spec.data.stem,
        answers=_answers(facts),
        notes=unknown_languages(
            profile.data.languages, {one.name: known[one.name] for one in starters() if one.name in known}
        ),
    )


def known_languages() -> dict[str, tuple[str, ...]]:
    """Model as an arm names it ('minilm', 'hf:OWNER/NAME') -> the languages that it knows, where that is stated."""
    named = ((offer.arm.partition(":")[2].partition("?")[0], offer) for offer in offers() if offer.arm is not None)
    return {model: offer.languages for model, offer in named if model and offer.languages}


def _answers(facts: Facts) -> dict[str, FlowAnswer]:
    return {
        name: FlowAnswer(answer=found.reply, confidence=found.confidence, method=found.method, source=found.source)
        for name, found in answers_from(facts).items()
    }
