"""The tiles under the verdict: the difference, break-even labels, money and speed."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.arms.results import Side
from tuningfork.report import numbers
from tuningfork.report.plots.break_even import break_even_line
from tuningfork.report.plots.difference import difference_line
from tuningfork.report.sections.cells import Cell, dollars, known_or, why_no_dollars
from tuningfork.report.svg import SIDE_CLASSES, Svg
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.label_counts import Kind, place_of
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.numbers import UNKNOWN, amount, count, gap, p_value
from tuningfork.verdict.verdict_json import ArmRow, BreakEven, VerdictRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """Money and speed of one side's arm."""

    side: str
    side_class: str
    usd_per_1k: Cell
    milliseconds: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLine:
    """One kind of break-even: 'above' or 'at or below' where only that is known, the count, and its interval."""

    side: str
    value: Cell
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiles:
    """What the tiles say; a part is None where nothing was compared, or nothing is known of the break-even."""

    difference: str
    difference_interval: str
    difference_note: str
    difference_line: Svg | None
    mean: PlaceLine
    reliable: PlaceLine
    break_even_note: str
    break_even_line: Svg | None
    prices: tuple[PriceLine, ...]
    price_note: str


def make_tiles(record: VerdictRecord, records: StudyRecords) -> Tiles:
    """The three tiles of a verdict."""
    compared, found = record.comparison, record.break_even_labels
    told = UNKNOWN if compared is None else gap(compared.difference, compared.ci95, record.unit)
    difference, bracket, interval = told.partition("[")
    return Tiles(
        difference=difference,
        difference_interval=bracket + interval,
        difference_note=_difference_note(record),
        difference_line=None if compared is None else difference_line(compared, record.margin, record.unit),
        mean=_place_line(found, "mean"),
        reliable=_place_line(found, "reliable"),
        break_even_note=_break_even_note(record),
        break_even_line=break_even_line(found, pool=len(records.task.pool)),
        prices=tuple(_price_line(row) for row in _compared_rows(record)),
        price_note=_price_note(record),
    )


def _difference_note(record: VerdictRecord) -> str:
    compared = record.comparison
    if compared is None:
        return "Nothing could be compared."
    parts = [p_value(compared.p_value), f"{count(compared.n_shared)} shared rows"]
    shaded = f"Shaded: within your margin of {amount(record.margin, record.unit)}."
    return f"{', '.join(part for part in parts if part)}. {shaded}"


def _place_line(found: BreakEven, kind: Kind) -> PlaceLine:
    place = place_of(found, kind)
    side, _, value = place.value.rpartition(" ")
    return PlaceLine(side=side, value=known_or(value, place.reason or "not known"), interval=place.interval)


def _break_even_note(record: VerdictRecord) -> str:
    """Why a break-even is missing or has no interval, what a bound means, and whether the crossing is settled."""
    found = record.break_even_labels
    mean, reliable = place_of(found, "mean"), place_of(found, "reliable")
    told = ["Beyond the measured counts: extrapolated."] if found.extrapolated else []
    if mean.known and not mean.is_settled(record.call):
        told.append("In the mean it is not settled.")
    if any(place.bound == "above" for place in (mean, reliable)):
        told.append("Above: not reached by the most labels tried, and perhaps never.")
    lacking = [place for place in (mean, reliable) if place.ci95 is None]
    if len(lacking) == 2 and mean.reason == reliable.reason:
        lacking = lacking[:1]
        names = {"mean": ""}
    else:
        names = {"mean": "In the mean: ", "reliable": "Reliably: "}
    told += [_capitalised(f"{names[place.kind]}{place.reason}.") for place in lacking if place.reason]
    return " ".join(told)


def _compared_rows(record: VerdictRecord) -> list[ArmRow]:
    """The two compared arms, or all that finished where nothing was compared (at most one a side)."""
    by_name = {row.arm: row for row in record.arms}
    if record.comparison is not None:
        return [by_name[record.comparison.llm_arm], by_name[record.comparison.fine_tuned_arm]]
    first: dict[Side, ArmRow] = {}
    for row in record.arms:
        if row.score is not None:
            first.setdefault(row.side, row)
    return list(first.values())


def _price_line(row: ArmRow) -> PriceLine:
    return PriceLine(
        side=f"{_capitalised(SIDE_NAMES[row.side])}: {name_of(row.arm, row.side).short}",
        side_class=SIDE_CLASSES[row.side],
        usd_per_1k=dollars(row),
        milliseconds=known_or(numbers.milliseconds(row.ms_per_row), "not measured here"),
    )


def _price_note(record: VerdictRecord) -> str:
    """Why dollars are missing, side by side."""
    if not _compared_rows(record):
        return "No arm has finished."
    lacking = [row for row in _compared_rows(record) if row.usd_per_1k is None]
    return " ".join(f"{_capitalised(SIDE_NAMES[row.side])}: {why_no_dollars(row)}." for row in lacking)


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
