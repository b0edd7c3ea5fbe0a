"""A study's state, kept in its ledger and read back without running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from tuningfork.arms.records import TrialPlan
from tuningfork.errors import InputError
from tuningfork.study.ledger import Ledger
from tuningfork.study.question import names_of
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note, TaskData


def keep_state(ledger: Ledger, records: StudyRecords) -> None:
    """Keep all of the records that neither trials nor rows hold.

    What reading the rows had to say is among it: task.yaml holds the guesses, so that nothing is guessed from it again.
    """
    state = {
        "arms": records.arms,
        "remaining": [asdict(plan) for plan in records.remaining],
        "usd_per_hour": records.usd_per_hour,
        "notes": [asdict(note) for note in records.notes],
        "task_notes": [asdict(note) for note in records.task.notes],
        "environment": records.environment,
        "questions": dict(records.questions),
        "labels_shown": names_of(records.task.labels),
    }
    ledger.remember("study", "state", json.dumps(state, ensure_ascii=False))


def records_of(ledger: Ledger, task: TaskData) -> StudyRecords:
    """The records as the last run left them.

    Raises:
        InputError: labels have other names now than when they were shown to the arms.
    """
    state = json.loads(ledger.fact("study", "state") or "{}")
    shown = state.get("labels_shown")  # not kept by version 1
    if shown is not None and shown != names_of(task.labels):
        raise InputError(
            "the names of the labels have changed since the study",
            file=task.spec.label_names or task.spec.data,
            remedy="Put the old names back, or run the study again: what was asked with other names is asked anew.",
        )
    arms, questions = tuple(state.get("arms", ())), state.get("questions", {})
    return StudyRecords(
        task=replace(task, notes=_notes(state, "task_notes")),
        arms=arms,
        trials=tuple(
            result
            for result in ledger.trials().values()
            if result.plan.arm in arms and result.question == questions.get(result.plan.arm)
        ),
        remaining=tuple(TrialPlan(**plan) for plan in state.get("remaining", ())),
        usage=ledger.usage(),
        seconds=ledger.seconds_spent(),
        usd_per_hour=state.get("usd_per_hour"),
        notes=_notes(state, "notes"),
        environment=tuple((name, value) for name, value in state.get("environment", ())),
        looks=ledger.looks(),
        questions=questions,
    )


def _notes(state: Mapping[str, Any], name: str) -> tuple[Note, ...]:
    return tuple(Note(**note) for note in state.get(name, ()))
