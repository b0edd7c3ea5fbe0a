"""What the HTML report shows, worked out before any markup: plain strings, tables and pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.cost import cost_plots
from tuningfork.report.plots.curve_data import curve_data
from tuningfork.report.plots.learning_curve import learning_curve
from tuningfork.report.profile.parts import ProfileParts, profile_parts
from tuningfork.report.sections.answers import (
    Disagreements,
    calibration_figures,
    confusion_tables,
    disagreements,
)
from tuningfork.report.sections.arms import ArmLine, arm_lines, pair_table, planted_table, shortcut_table
from tuningfork.report.sections.guide import GuideSection, guide_section
from tuningfork.report.sections.measured import Measured, measured
from tuningfork.report.sections.tiles import Tiles, make_tiles
from tuningfork.report.svg import SIDE_CLASSES
from tuningfork.report.text import harmless, one_line
from tuningfork.report.thrift import thrift_sentences
from tuningfork.report.words import is_in, metric_name
from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.sides import ranking_sentences
from tuningfork.verdict.verdict_json import VerdictRecord

_END_OF_CLAUSE = re.compile("[;:] ")
_SHORTEST_HEADING, _LONGEST_HEADING = 24, 110
"""Characters: a heading says more than 'Undecided', and is no paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The report's sections, top to bottom; a section is None or empty where its data is not there."""

    task: str
    metric: str
    opening: str
    evidence: str
    side_class: str
    provisional: bool
    next_step: str | None
    warnings: tuple[str, ...]
    tiles: Tiles
    curve: Figure | None
    flips: tuple[str, ...]
    break_even: str
    arms: tuple[ArmLine, ...]
    ranking: tuple[str, ...]
    pairs: DataTable | None
    planted: DataTable | None
    shortcuts: DataTable | None
    disagreements: Disagreements | None
    guide: GuideSection | None
    profile: ProfileParts | None
    cost: tuple[Figure, ...]
    confusions: tuple[DataTable, ...]
    calibration: tuple[Figure, ...]
    measured: Measured


def make_page(record: VerdictRecord, scored: Scored, *, examples: bool = True) -> Page:
    """Everything the template prints; without `examples`, no row on which the compared arms disagree."""
    records = scored.records
    opening, evidence = split_reason(record.reason)
    data = curve_data(record, records)
    metric = metric_name(record)
    side = next((row.side for row in record.arms if row.arm == record.chosen_arm), None)
    told = record.next_step is not None and is_in(record.next_step, record.reason)
    return Page(
        task=one_line(record.task),
        metric=metric,
        opening=opening,
        evidence=evidence,
        side_class="undecided" if side is None else SIDE_CLASSES[side],
        provisional=record.provisional,
        next_step=None if told or record.next_step is None else one_line(record.next_step),
        warnings=tuple(harmless(warning.message) for warning in record.warnings),
        tiles=make_tiles(record, records),
        curve=None if data is None else learning_curve(data, metric=metric),
        flips=record.flips,
        break_even=break_even_sentence(record.break_even_labels, record.call),
        arms=arm_lines(record),
        ranking=tuple(map(one_line, (*ranking_sentences(record.sides), *thrift_sentences(record)))),
        pairs=pair_table(record),
        planted=planted_table(record),
        shortcuts=shortcut_table(record),
        disagreements=disagreements(record, scored, examples=examples),
        guide=guide_section(record, records),
        profile=None if records.profile is None else profile_parts(records.profile, with_answers=False),
        cost=cost_plots(record),
        confusions=confusion_tables(record, records.task.labels),
        calibration=calibration_figures(record, scored),
        measured=measured(record, records),
    )


def split_reason(reason: str) -> tuple[str, str]:
    """The recommendation, and the evidence for it. A long first sentence gives its first clauses as the heading."""
    opening, stop, evidence = one_line(reason).partition(". ")
    ends = [end.start() for end in _END_OF_CLAUSE.finditer(opening)]
    fitting = [end for end in ends if _SHORTEST_HEADING <= end <= _LONGEST_HEADING]
    if len(opening) <= _LONGEST_HEADING or not fitting:
        return opening + stop.rstrip(), evidence
    rest = opening[fitting[-1] + 1 :].lstrip() + stop + evidence
    return f"{opening[: fitting[-1]]}.", rest[:1].upper() + rest[1:]
