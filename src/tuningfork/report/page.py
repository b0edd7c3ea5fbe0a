"""What the HTML report shows, worked out before any markup: plain strings, rows and pictures."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.report.text import harmless
from tuningfork.report.words import metric_name, sorted_arms
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.records import VerdictRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The report's sections, top to bottom."""

    title: str
    reason: str
    metric: str
    warnings: tuple[str, ...]
    flips: tuple[str, ...]
    break_even: str
    arms: tuple[object, ...]


def make_page(record: VerdictRecord, records: StudyRecords) -> Page:
    """Everything the template prints."""
    return Page(
        title=harmless(record.task),
        reason=harmless(record.reason),
        metric=metric_name(record.metric),
        warnings=tuple(harmless(w.message) for w in record.warnings),
        flips=record.flips,
        break_even=break_even_sentence(record.break_even_labels),
        arms=tuple(sorted_arms(record)),
    )
