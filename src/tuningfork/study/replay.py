"""A study's state, kept in its ledger and read back without running anything."""

from __future__ import annotations

import json
from dataclasses import asdict

from tuningfork.arms.records import TrialPlan
from tuningfork.study.ledger import Ledger
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note, TaskData


def keep_state(ledger: Ledger, records: StudyRecords) -> None:
    """Keep all of the records that neither trials nor rows hold."""
    state = {
        "arms": records.arms,
        "remaining": [asdict(plan) for plan in records.remaining],
        "usd_per_hour": records.usd_per_hour,
        "notes": [asdict(note) for note in records.notes],
        "environment": records.environment,
    }
    ledger.remember("study", "state", json.dumps(state, ensure_ascii=False))


def records_of(ledger: Ledger, task: TaskData) -> StudyRecords:
    """The records as the last run left them."""
    state = json.loads(ledger.fact("study", "state") or "{}")
    arms = tuple(state.get("arms", ()))
    return StudyRecords(
        task=task,
        arms=arms,
        trials=tuple(result for result in ledger.trials().values() if result.plan.arm in arms),
        remaining=tuple(TrialPlan(**plan) for plan in state.get("remaining", ())),
        usage=ledger.usage(),
        seconds=ledger.seconds_spent(),
        usd_per_hour=state.get("usd_per_hour"),
        notes=tuple(Note(**note) for note in state.get("notes", ())),
        environment=tuple((name, value) for name, value in state.get("environment", ())),
    )
