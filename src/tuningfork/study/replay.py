"""A study's state, kept in its ledger and read back without running anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tuningfork.arms.results import TrialPlan
from tuningfork.errors import InputError
from tuningfork.study.asked import asked_for
from tuningfork.study.ledger import Ledger, has_begun
from tuningfork.study.models import TOPIC, sizes_in
from tuningfork.study.question import names_of
from tuningfork.study.records import StudyRecords
from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note, TaskData
from tuningfork.task.split_rules import RULES, RULES_OF_SCHEMA_1, SplitRules

_FINGERPRINT = "fingerprint"
_MOST_VALIDATION = "most_validation"
_DROPS_NEAR_REPEATS = "drops_near_repeats"


def split_rules_in(folder: Path) -> SplitRules:
    """How the rows of this folder's study are split: as when it began.

    Raises:
        LedgerError: the folder holds a study that cannot be read.
    """
    if not has_begun(folder):
        return RULES
    with Ledger(folder, writable=False) as ledger:
        return split_rules_of(ledger)


def split_rules_of(ledger: Ledger) -> SplitRules:
    """The same of a ledger that is open. What an earlier version did not keep it did not do yet."""
    if ledger.fact("study", _FINGERPRINT) is None:
        return RULES
    kept = ledger.fact("study", _MOST_VALIDATION)
    drops = ledger.fact("study", _DROPS_NEAR_REPEATS)
    return SplitRules(
        most_validation=RULES_OF_SCHEMA_1.most_validation if kept is None else int(kept),
        drops_near_repeats=drops == str(True),
    )


def claim(ledger: Ledger, task: TaskData, rules: SplitRules) -> None:
    """Write down which rows, in which split, the study is of.

    Raises:
        InputError: it is one of other rows already.
    """
    _require_same_rows(ledger, task)
    ledger.remember("study", _MOST_VALIDATION, str(rules.most_validation))
    ledger.remember("study", _DROPS_NEAR_REPEATS, str(rules.drops_near_repeats))
    ledger.remember("study", _FINGERPRINT, task.fingerprint)


def require_same_rows_in(folder: Path, task: TaskData) -> None:
    """A folder belongs to one set of rows: more arms may join, other rows may not.

    Raises:
        InputError: the folder's study was made of other rows, or of another split.
        LedgerError: it cannot be read.
    """
    if has_begun(folder):
        with Ledger(folder, writable=False) as ledger:
            _require_same_rows(ledger, task)


def is_of_other_rows(ledger: Ledger, task: TaskData) -> bool:
    """Whether the ledger's study was made of other rows, or of another split."""
    return ledger.fact("study", _FINGERPRINT) not in (None, task.fingerprint)


def _require_same_rows(ledger: Ledger, task: TaskData) -> None:
    if is_of_other_rows(ledger, task):
        raise InputError(
            "this folder holds a study of other rows (or of another split)",
            file=ledger.path.parent,
            remedy="Give another --out folder, or delete this one.",
        )


def keep_state(ledger: Ledger, records: StudyRecords) -> None:
    """Keep all of the records that neither trials nor rows hold.

    What reading the rows had to say is among it: task.yaml holds the guesses, so that nothing is guessed from it again.
    """
    state = {
        "arms": records.arms,
        "remaining": [asdict(plan) for plan in records.remaining],
        "ended": [asdict(result.plan) for result in records.trials],
        "usd_per_hour": records.usd_per_hour,
        "notes": [asdict(note) for note in records.notes],
        "task_notes": [asdict(note) for note in records.task.notes],
        "environment": records.environment,
        "task_read": [read.as_dict() for read in records.task.read],
        "read": [read.as_dict() for read in records.read],
        "questions": dict(records.questions),
        "labels_shown": names_of(records.task.labels),
    }
    ledger.remember("study", "state", json.dumps(state))


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
    trials = tuple(
        result
        for result in ledger.trials().values()
        if result.plan.arm in arms and result.question == questions.get(result.plan.arm)
    )
    remaining = _plans(state, "remaining")
    if "ended" in state:  # not kept by version 1
        trials = asked_for(trials, (*_plans(state, "ended"), *remaining))
    return StudyRecords(
        task=replace(task, notes=_notes(state, "task_notes"), read=_read(state, "task_read") or task.read),
        arms=arms,
        trials=trials,
        remaining=remaining,
        usage=ledger.usage(),
        seconds=ledger.seconds_spent(),
        usd_per_hour=state.get("usd_per_hour"),
        notes=_notes(state, "notes"),
        environment=tuple((name, value) for name, value in state.get("environment", ())),
        looks=ledger.looks(),
        questions=questions,
        read=_read(state, "read"),
        model_sizes=sizes_in(ledger.facts(TOPIC)),
    )


def _plans(state: Mapping[str, Any], name: str) -> tuple[TrialPlan, ...]:
    return tuple(TrialPlan(**plan) for plan in state.get(name, ()))


def _read(state: Mapping[str, Any], name: str) -> tuple[FileRead, ...]:
    return tuple(FileRead(**{**read, "not_read": tuple(read["not_read"])}) for read in state.get(name, ()))


def _notes(state: Mapping[str, Any], name: str) -> tuple[Note, ...]:
    return tuple(Note(**note) for note in state.get(name, ()))
