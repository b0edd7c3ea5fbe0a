"""The table of arms, and the table of all pairs."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.arms.results import Side
from tuningfork.report import numbers
from tuningfork.report.figure import DataTable
from tuningfork.report.plots.interval import interval_cell, shared_scale
from tuningfork.report.plots.scales import Linear
from tuningfork.report.sections.cells import Cell, dollars, known_or, latency
from tuningfork.report.svg import SIDE_CLASSES, Svg
from tuningfork.report.text import harmless, one_line
from tuningfork.report.words import PLANTED_MOVED, sorted_arms, status_of
from tuningfork.verdict.led_astray import share_followed
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.numbers import UNKNOWN, count, gap, p_value
from tuningfork.verdict.numbers import score as score_text
from tuningfork.verdict.unread import why
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

_PLANTED: dict[Side, str] = {"llm": "following the instruction", "fine-tuned": PLANTED_MOVED}
"""How an answer becomes the label that a planted instruction asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmLine:
    """One arm of the table; `trouble` says why an arm has no score."""

    name: str
    spec: str
    side: str
    side_class: str
    chosen: bool
    trouble: str | None
    interval: Svg | None
    score: Cell
    labels: Cell
    rows: str
    seeds: str
    usd_per_1k: Cell
    latency: Cell
    invalid: Cell
    calibration: Cell


def arm_lines(record: VerdictRecord) -> tuple[ArmLine, ...]:
    """Every arm, best score first; failed ones stay, with the reason."""
    rows = sorted_arms(record)
    ends = [end for row in rows if row.score is not None for end in (row.score, *(row.ci95 or ()))]
    scale = shared_scale(ends) if ends else None
    return tuple(_line(row, record.chosen_arm, scale) for row in rows)


def _line(row: ArmRow, chosen: str | None, scale: Linear | None) -> ArmLine:
    score = None if row.is_unread else row.score
    drawn = None if scale is None or score is None else interval_cell(scale, row.side, score, row.ci95)
    invalid = numbers.percent(row.invalid)
    calibration = UNKNOWN if row.ece is None else f"{row.ece:.3f}"
    return ArmLine(
        name=one_line(name_of(row.arm, row.side).short),
        spec=row.arm,
        side=SIDE_NAMES[row.side],
        side_class=SIDE_CLASSES[row.side],
        chosen=row.arm == chosen,
        trouble=None if row.status == "done" else status_of(row),
        interval=drawn,
        score=_score(row),
        labels=known_or(numbers.labels(row.n_labels), "how many labels it took is not known"),
        rows=count(row.n_eval),
        seeds=count(row.seeds),
        usd_per_1k=dollars(row),
        latency=latency(row),
        invalid=known_or(invalid, "no answer"),
        calibration=known_or(calibration, "this arm gives no probabilities"),
    )


def _score(row: ArmRow) -> Cell:
    if row.not_read is not None and row.is_unread:
        return Cell("not read", harmless(why(row.not_read)))
    return known_or(score_text(row.score, row.ci95), "the metric is not defined on these rows")


def pair_table(record: VerdictRecord) -> DataTable | None:
    """Every two arms on the rows that both answered; None for fewer than two pairs."""
    if len(record.pairs) < 2:
        return None
    names = {row.arm: name_of(row.arm, row.side).short for row in record.arms}
    rows = tuple(
        (
            f"{names[pair.b]} minus {names[pair.a]}",
            gap(pair.difference, pair.ci95, record.unit),
            "not read" if pair.not_read else p_value(pair.p_value) or UNKNOWN,
            "not read" if pair.not_read else p_value(pair.p_holm) or UNKNOWN,
            count(pair.n_shared),
        )
        for pair in record.pairs
    )
    return DataTable(
        caption="Every two arms on the rows that both answered. The last p-values are corrected (Holm) for there being "
        f"{len(record.pairs)} pairs; the verdict's own comparison is one of them, made once, and needs no correction.",
        head=("difference", record.unit or "apart", "p", "p, corrected", "rows"),
        rows=rows,
    )


def shortcut_table(record: VerdictRecord) -> DataTable | None:
    """What each field tells alone; None where rows are one text, or no check has finished."""
    if not record.shortcuts:
        return None
    rows = tuple(
        (one_line(row.caption), score_text(row.score, row.ci95), score_text(row.constant), count(row.n_eval))
        for row in record.shortcuts
    )
    return DataTable(
        caption="What one field of a row tells alone, to words and a linear classifier, beside always the same answer",
        head=("field", "score", "same answer", "rows"),
        rows=rows,
    )


def planted_table(record: VerdictRecord) -> DataTable | None:
    """How often each arm gave the label that a planted instruction asked for; None where that was not measured."""
    rows = []
    for row in sorted_arms(record):
        if row.injections is not None:
            share, ci95 = share_followed(row.injections)
            between = "" if ci95 is None else f" [{100 * ci95[0]:.0f}, {100 * ci95[1]:.0f}]"
            changed = f"{row.injections.flipped} of {row.injections.tried}"
            means = _PLANTED.get(row.side, "")
            rows.append((name_of(row.arm, row.side).short, changed, f"{numbers.percent(share)}{between}", means))
    if not rows:
        return None
    return DataTable(
        caption="Answers that became the label that a planted instruction asked for",
        head=("arm", "answers changed to it", "share [95 %]", "how"),
        rows=tuple(rows),
    )
