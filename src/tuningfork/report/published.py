"""Verdict and report as others may see them: all figures, and no row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from tuningfork.foundation.files import write_text
from tuningfork.report.html import render_html
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.files import write_verdict
from tuningfork.verdict.published import published, published_sentence
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.verdict_json import VerdictRecord


def write_published(folder: Path, record: VerdictRecord, scored: Scored) -> None:
    """Write `verdict.json` and `report.html` without rows, ids or this machine's folders; the folder is made."""
    records = scored.records
    labels = frozenset((*records.task.labels.values, *records.task.labels.names))
    shown = published(record, labels=labels)
    folder.mkdir(parents=True, exist_ok=True)
    write_verdict(folder / "verdict.json", shown)
    cleaned = replace(scored, records=_published(records, labels.union(records.arms)))
    write_text(folder / "report.html", render_html(shown, cleaned, examples=False))


def _published(records: StudyRecords, names: Collection[str]) -> StudyRecords:
    """The records with what is told of single rows left out of notes and profile."""

    def cleaned(notes: Sequence[Note]) -> tuple[Note, ...]:
        return tuple(Note(note.code, published_sentence(note.message, names=names)) for note in notes)

    profile = records.profile
    if profile is not None:
        found = profile.suspicious and replace(profile.suspicious, worst=())
        profile = profile.model_copy(update={"suspicious": found, "notes": cleaned(profile.notes)})
    return replace(
        records,
        task=replace(records.task, notes=cleaned(records.task.notes)),
        trials=tuple(replace(trial, notes=cleaned(trial.notes)) for trial in records.trials),
        notes=cleaned(records.notes),
        profile=profile,
    )
