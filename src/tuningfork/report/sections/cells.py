"""Table cells that may be unknown: an en dash never stands without its reason."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.arms.spec import ArmSpec
from tuningfork.report import numbers
from tuningfork.verdict.money import is_unsaid, runs_here
from tuningfork.verdict.numbers import UNKNOWN
from tuningfork.verdict.verdict_json import ArmRow


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell says, and why it says nothing where it does."""

    text: str
    reason: str | None = None


def known_or(text: str, reason: str) -> Cell:
    """The text, with the reason where it is an en dash."""
    return Cell(text, reason if text == UNKNOWN else None)


def dollars(row: ArmRow) -> Cell:
    """Dollars a thousand predictions."""
    here, spec = runs_here(row.arm), ArmSpec.parse(row.arm)
    if here is None:
        remedy = ""
    elif here:
        remedy = "; --usd-per-hour prices this machine"
    else:
        remedy = f"; --price '{spec.model}=IN,OUT' gives it"
        if is_unsaid(row.arm):
            remedy += f", or --arm '{spec.with_option('local', 'yes')}' if it is a model of your own"
    return known_or(numbers.usd(row.usd_per_1k), why_no_dollars(row) + remedy)


def why_no_dollars(row: ArmRow) -> str:
    """Why an arm has no dollars, where it has none."""
    here = runs_here(row.arm)
    if here is None:
        return "the answers were made elsewhere"
    if is_unsaid(row.arm):
        return "price not known, nor where its server on this machine sends rows"
    return "no bill for each call" if here else "price not known"


def latency(row: ArmRow) -> Cell:
    """Median and 95th percentile of one row alone, in ms."""
    if row.latency_ms_p50 is None or row.latency_ms_p95 is None:
        return Cell(UNKNOWN, "single rows were not timed")
    return Cell(f"{numbers.milliseconds(row.latency_ms_p50)} / {numbers.milliseconds(row.latency_ms_p95)}")
