"""The verdict and the plan on a terminal: the sentence first, one screen of 80 columns."""

from __future__ import annotations

import io
import itertools
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tuningfork.guide.flow import LEAF_TITLES
from tuningfork.report import numbers
from tuningfork.report.paragraphs import listed, paragraph
from tuningfork.report.plan import plan_text
from tuningfork.report.text import one_line
from tuningfork.report.thrift import thrift_sentences
from tuningfork.report.words import is_in, lines_read, metric_name, sorted_arms, status_of
from tuningfork.verdict import numbers as verdict_numbers
from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.sides import ranking_sentences
from tuningfork.verdict.verdict_json import ArmRow, Caution, GuideRow, VerdictRecord

__all__ = ["plain_text", "plan_text", "verdict_text"]

_MOST_WARNINGS = 6
_MOST_LINES_OF_WARNINGS = 16
_WARNING_COLUMNS = 65
_TOLD_UNDER_TABLE = frozenset({"arm_failed", "arm_stopped"})
_CAUSES_OF_UNREAD = frozenset({"no_room", "prompt_cut", "lost_constraint", "invalid_answers"})
_LAST_LEFT_COLUMN = 3
_FEW_COLUMNS = 7


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
    yield from _ranking(record)
    yield paragraph("Break-even", break_even_sentence(record.break_even_labels, record.call))
    yield from listed("Would change", record.flips)
    if record.guide is not None:
        yield paragraph("Guide", _flow(record.guide))
    yield from _warnings(record)
    yield from listed("Read", tuple(lines_read(record.read, all_files=False)))
    if record.next_step and not is_in(record.next_step, record.reason):
        yield paragraph("Next", record.next_step)
    for name, path in paths.items():
        yield paragraph(name.capitalize(), path)


def _verdict(record: VerdictRecord) -> Text:
    """The reason, its first sentence in bold."""
    reason = one_line(record.reason)
    first, stop, rest = reason.partition(". ")
    return Text.assemble((first + stop.rstrip(), "bold"), f" {rest}" if rest else "")


def _ranking(record: VerdictRecord) -> Iterator[RenderableType]:
    """Where a side's arm was chosen among some that validation rows do not tell apart."""
    unsure = [row for row in record.sides if row.not_told_apart]
    if unsure:
        yield from listed("Chosen", (*ranking_sentences(unsure), *thrift_sentences(record)))


def _flow(guide: GuideRow) -> str:
    """What the published decision flow says to this task, beside what was measured."""
    if guide.leaf == "open":
        return "The published decision flow leaves it open: `tuningfork advise` asks what only you know."
    title = LEAF_TITLES[guide.leaf][0].lower() + LEAF_TITLES[guide.leaf][1:]
    judged = {True: ", and so does the measurement", False: "; the measurement disagrees", None: ""}[guide.agrees]
    return f"The published decision flow says: {title}{judged}."


def _warnings(record: VerdictRecord) -> Iterable[RenderableType]:
    told = [
        warning.message
        for warning in record.warnings
        if warning.code not in _TOLD_UNDER_TABLE and not _is_told_above(warning, record)
    ]
    shown = _fitting(told)
    for place, message in enumerate(told[:shown]):
        yield paragraph("" if place else "Warnings", f"- {message}")
    if len(told) > shown:
        yield paragraph("", f"- and {len(told) - shown} more in the report")


def _is_told_above(warning: Caution, record: VerdictRecord) -> bool:
    """Whether the reason says it, or what it says of an arm is told as the cause for which that was not read."""
    unread = tuple(row.arm for row in record.arms if row.is_unread)
    is_cause = warning.code in _CAUSES_OF_UNREAD and warning.message.startswith(unread)
    return is_cause or is_in(warning.message, record.reason)


def _fitting(messages: Sequence[str]) -> int:
    """How many of the messages, first ones first, leave room for the verdict on one screen; one at least."""
    lines = itertools.accumulate(len(textwrap.wrap(message, _WARNING_COLUMNS)) for message in messages[:_MOST_WARNINGS])
    return max(1, sum(so_far <= _MOST_LINES_OF_WARNINGS for so_far in lines))


def _arms_table(record: VerdictRecord) -> RenderableType:
    arms = sorted_arms(record)
    columns = _columns(record, arms)
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2 if len(columns) <= _FEW_COLUMNS else 1, 0, 0),
        header_style="dim",
        expand=False,
    )
    for place, (heading, _) in enumerate(columns):
        is_name = heading == "arm"
        table.add_column(
            heading,
            overflow="fold",
            no_wrap=not is_name,
            justify="right" if place > _LAST_LEFT_COLUMN else "left",
            min_width=10 if is_name else None,
        )
    for row in arms:
        style = "bold" if row.arm == record.chosen_arm else "" if row.status == "done" else "dim"
        table.add_row(*(Text(cell(row), style=style) for _, cell in columns))
    troubled = [row for row in arms if row.status != "done"]
    reasons = [Padding(Text(f"{one_line(row.arm)} {status_of(row)}"), (0, 0, 0, 3)) for row in troubled]
    return Group(table, *reasons)


def _columns(record: VerdictRecord, arms: Sequence[ArmRow]) -> list[tuple[str, Callable[[ArmRow], str]]]:
    """Headings and how to fill them; rows, dollars and invalid answers only where there is something to tell."""
    columns: list[tuple[str, Callable[[ArmRow], str]]] = [
        ("", lambda row: ">" if row.arm == record.chosen_arm else ""),
        ("arm", lambda row: one_line(name_of(row.arm, row.side).short)),
        ("side", lambda row: SIDE_NAMES[row.side]),
        (metric_name(record), _score),
        ("labels", lambda row: numbers.labels(row.n_labels)),
    ]
    if len({row.n_eval for row in arms if row.status == "done"}) > 1:
        columns.append(("rows", lambda row: verdict_numbers.count(row.n_eval)))
    if any(row.usd_per_1k is not None for row in arms):
        columns.append(("$/1,000", lambda row: numbers.usd(row.usd_per_1k)))
    columns.append(("ms", _latency))
    if any(row.invalid for row in arms):
        columns.append(("invalid", lambda row: numbers.percent(row.invalid)))
    return columns


def _score(row: ArmRow) -> str:
    if row.is_unread:
        return "not read"
    return verdict_numbers.score(row.score, row.ci95) if row.status == "done" else row.status


def _latency(row: ArmRow) -> str:
    """One row alone where that was timed, else the time of a batch over its rows."""
    return numbers.milliseconds(row.latency_ms_p50 if row.latency_ms_p50 is not None else row.ms_per_row)
