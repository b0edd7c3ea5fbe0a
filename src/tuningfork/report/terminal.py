"""The verdict and the plan on a terminal: the sentence first, one screen of 80 columns."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tuningfork.report import numbers
from tuningfork.report.plan import plan_text
from tuningfork.report.text import one_line
from tuningfork.report.words import sorted_arms, status_of
from tuningfork.verdict import numbers as verdict_numbers
from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.names import name_of
from tuningfork.verdict.records import ArmRow, VerdictRecord

__all__ = ["plain_text", "plan_text", "verdict_text"]

_MOST_WARNINGS = 6


def plain_text(record: VerdictRecord) -> str:
    """The verdict in 80 columns without any styling."""
    out = io.StringIO()
    Console(file=out, width=80, color_system=None, force_terminal=False, highlight=False).print(verdict_text(record))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def verdict_text(record: VerdictRecord, *, width: int = 80, paths: Mapping[str, str] | None = None) -> RenderableType:
    """The verdict in one screen.

    Args:
        width: columns it may take.
        paths: files to point to, by what they are.

    Returns:
        A renderable for rich; its Console respects NO_COLOR and pipes.
    """
    return Constrain(Group(*_parts(record, paths or {})), width)


def _parts(record: VerdictRecord, paths: Mapping[str, str]) -> Iterator[RenderableType]:
    if record.provisional:
        yield Text("Provisional: trials are still to run.", style="italic")
    yield _verdict(record)
    yield Text()
    yield _arms_table(record)
    yield Text()
    yield _paragraph("Break-even", break_even_sentence(record.break_even_labels))
    for sentence in record.flips:
        yield _paragraph("Would change", sentence)
    yield from _warnings(record)
    if record.next_step and record.next_step not in record.reason:
        yield _paragraph("Next", record.next_step)
    for name, path in paths.items():
        yield _paragraph(name.capitalize(), path)


def _verdict(record: VerdictRecord) -> Text:
    """The reason, its first sentence in bold."""
    reason = one_line(record.reason)
    first, stop, rest = reason.partition(". ")
    return Text.assemble((first + stop.rstrip(), "bold"), f" {rest}" if rest else "")


def _paragraph(name: str, text: str) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=12, style="dim", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(Text(name), Text(one_line(text)))
    return table


def _warnings(record: VerdictRecord) -> Iterable[RenderableType]:
    for place, warning in enumerate(record.warnings[:_MOST_WARNINGS]):
        yield _paragraph("" if place else "Warnings", f"- {warning.message}")
    more = len(record.warnings) - _MOST_WARNINGS
    if more > 0:
        yield _paragraph("", f"- and {more} more in the report")


def _arms_table(record: VerdictRecord) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    table.add_column("", width=1)
    table.add_column("arm", overflow="fold", min_width=14)
    table.add_column(record.metric.replace("_", "-"), no_wrap=True)
    for heading in ("labels", "rows", "$ / 1,000", "ms", "invalid"):
        table.add_column(heading, justify="right", no_wrap=True)
    arms = sorted_arms(record)
    for row in arms:
        table.add_row(*_cells(row, record.chosen_arm))
    troubled = [row for row in arms if row.status != "done"]
    reasons = [Padding(Text(f"{one_line(row.arm)} {status_of(row)}"), (0, 0, 0, 3)) for row in troubled]
    return Group(table, *reasons)


def _cells(row: ArmRow, chosen: str | None) -> list[Text]:
    is_chosen = row.arm == chosen
    style = "bold" if is_chosen else "" if row.status == "done" else "dim"
    latency = row.latency_ms_p50 if row.latency_ms_p50 is not None else row.ms_per_row
    texts = (
        ">" if is_chosen else " ",
        one_line(name_of(row.arm, row.side).short),
        row.status if row.status != "done" else verdict_numbers.score(row.score, row.ci95),
        numbers.labels(row.n_labels),
        verdict_numbers.count(row.n_eval),
        numbers.usd(row.usd_per_1k),
        numbers.milliseconds(latency),
        numbers.percent(row.invalid),
    )
    return [Text(text, style=style) for text in texts]
