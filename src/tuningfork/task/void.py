"""Columns that void a row or qualify its label: what a labelling tool rejected is no label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.steps import Step, only
from tuningfork.task.table import Table
from tuningfork.task.wording import counted, near_names, quoted
from tuningfork.task.written_alike import folded


@dataclass(frozen=True, slots=True)
class _Known:
    """A tool's column whose meaning is certain.

    Attributes:
        values: all that the tool writes there, folded; a column with another value is not the tool's.
        telling: at least one of them has to be there.
        void: value -> what it says of the row.
    """

    column: str
    tool: str
    values: frozenset[str]
    telling: frozenset[str]
    void: Mapping[str, str]


_ANSWERS = frozenset(("accept", "reject", "ignore"))
_TRUE = frozenset(("true", "1", "1.0", "yes", "y", "t", "x"))
_FALSE = frozenset(("false", "0", "0.0", "no", "n", "f", ""))
_KNOWN = (
    _Known("answer", "Prodigy", _ANSWERS, frozenset(("accept",)), {"reject": "rejected", "ignore": "ignored"}),
    _Known("was_cancelled", "Label Studio", _TRUE | _FALSE, _TRUE, dict.fromkeys(_TRUE, "skipped")),
    _Known(
        "status",
        "Argilla",
        frozenset(("submitted", "discarded", "draft", "pending", "completed", "validated", "default", "edited")),
        frozenset(("discarded", "draft")),
        {"discarded": "discarded", "draft": "drafts", "pending": "pending"},
    ),
)
_TRUE_VOIDS = (
    *("is_deleted", "deleted", "exclude", "excluded", "is_excluded", "skip", "skipped", "is_skipped", "ignored"),
    *("flagged", "is_flagged", "discard", "discarded", "rejected", "is_rejected", "invalid", "is_invalid", "void"),
    *("cancelled", "was_cancelled", "is_duplicate", "duplicate", "unsure", "is_spam"),
)
_FALSE_VOIDS = (
    *("gold_valid", "valid", "is_valid", "approved", "is_approved", "confirmed", "is_confirmed", "verified"),
    *("is_verified", "reviewed", "is_reviewed", "accepted", "is_accepted", "include", "included", "is_gold", "keep"),
    *("use", "usable", "is_usable", "validated", "is_validated", "checked"),
)
_BLANK_VOIDS = ("annotation_approver", "approver", "approved_by", "reviewed_by", "verified_by")
"""Columns that name who approved a row, and are empty where nobody did."""
_STATES = (
    "assignmentstatus",
    "status",
    "state",
    "annotation_status",
    "review_status",
    "label_status",
    "review",
    "verdict",
    "decision",
)
_VOID_STATES = frozenset(
    (
        *("rejected", "reject", "invalid", "skipped", "discarded", "draft", "unconfirmed", "unreviewed", "deleted"),
        *("pending", "void", "duplicate", "flagged", "ignored", "ignore", "needs review", "needs_review", "unsure"),
        *("in progress", "in_progress", "todo", "excluded", "cancelled"),
    )
)
_SPLIT_NAMES = ("split", "subset", "partition", "set", "data_split", "dataset_split", "fold_type")
_SPLITS = frozenset(("train", "training", "test", "testing", "dev", "val", "valid", "validation", "eval", "holdout"))
_MOST_STATES = 10

QUALIFYING = frozenset(
    (*(known.column for known in _KNOWN), *_TRUE_VOIDS, *_FALSE_VOIDS, *_BLANK_VOIDS, *_STATES, *_SPLIT_NAMES)
)
"""Names, folded, of columns that may say that a row does not count."""


def without_void(table: Table, taken: Sequence[str], spec: TaskSpec, *, is_data: bool) -> Step:
    """The rows that the task keeps and that no tool has voided; notes name columns that may say more.

    Args:
        taken: columns that have a part in the row (text, label, …): what they hold is no remark on the row.
        is_data: whether it is the labelled file, which has to have every column that the task names.

    Raises:
        InputError: `spec.keep` names a column or value that is not there, or leaves no row.
    """
    kept = list(range(len(table)))
    left_out: dict[str, int] = {}
    notes: list[Note] = []
    said_by: dict[str, str] = {}
    for column, values in (spec.keep or {}).items():
        there = _column(table, column, is_data=is_data)
        if there is not None:
            kept, reason = _kept(table, there, values, kept, is_data=is_data)
            _count(left_out, reason, len(table) - sum(left_out.values()) - len(kept))
    asked = {folded(column) for column in spec.keep or ()}
    looked_at = [name for name in table.names if name not in taken and folded(name) not in asked]
    for name in looked_at:
        known = _known(table, name)
        if known is not None:
            kept, reasons = _voided(table, name, known, kept)
            left_out |= reasons
            said_by["what is void"] = name
            notes += _void_note(table, name, known, reasons)
        else:
            notes += _doubts(table, name, spec)
    if not kept:
        told = ", ".join(f"{rows} {reason}" for reason, rows in left_out.items())
        raise InputError(f"no row is left: {told}", file=table.source, remedy="Keep others with --keep COLUMN=VALUE.")
    return Step(only(table, kept) if left_out else table, left_out, tuple(notes), said_by)


def _column(table: Table, column: str, *, is_data: bool) -> str | None:
    if column in table.names:
        return column
    if is_data:
        hint = near_names(column, filter(None, table.names))
        raise InputError(f"no such column; {hint}", file=table.source, column=column, remedy="--keep names one.")
    return None


def _kept(table: Table, column: str, values: Sequence[str], kept: list[int], *, is_data: bool) -> tuple[list[int], str]:
    wanted = {folded(value) for value in values}
    fields = [folded(field) for field in table.columns[column]]
    missing = next((value for value in values if folded(value) not in set(fields)), None)
    if missing is not None and is_data:
        hint = near_names(missing, sorted(set(table.columns[column])))
        raise InputError(f"no row has {quoted(missing)} there; {hint}", file=table.source, column=column)
    shown = " or ".join(map(quoted, values))
    return [place for place in kept if fields[place] in wanted], f"whose {quoted(column)} is not {shown}"


def _count(left_out: dict[str, int], reason: str, rows: int) -> None:
    if rows:
        left_out[reason] = rows


def _known(table: Table, name: str) -> _Known | None:
    """The tool whose column it is, by its name and by all of its values."""
    for known in _KNOWN:
        if folded(name) == known.column:
            values = {folded(value) for value in set(table.columns[name])}
            if values - {""} <= known.values and values & known.telling:
                return known
    return None


def _voided(table: Table, name: str, known: _Known, kept: list[int]) -> tuple[list[int], dict[str, int]]:
    said = {value: known.void.get(folded(value)) for value in set(table.columns[name])}
    fields = table.columns[name]
    reasons = Counter(f"{said[fields[place]]} ({quoted(name)})" for place in kept if said[fields[place]])
    return [place for place in kept if not said[fields[place]]], dict(reasons)


def _void_note(table: Table, name: str, known: _Known, reasons: Mapping[str, int]) -> Iterator[Note]:
    if reasons:
        told = ", ".join(f"{counted(rows, 'row')} {reason}" for reason, rows in reasons.items())
        message = f"Left out of {Path(table.source).name}: {told}. By {known.tool}'s column {quoted(name)} they have no"
        yield Note("void_rows", f"{message} label.")


def _doubts(table: Table, name: str, spec: TaskSpec) -> Iterator[Note]:
    """A column that may void rows, with the command that leaves them out."""
    plain = folded(name)
    if plain not in QUALIFYING:
        return
    counts = Counter(table.columns[name])
    values = {value: folded(value) for value in counts}
    if plain in _SPLIT_NAMES and set(values.values()) <= _SPLITS and len(counts) > 1:
        told = ", ".join(f"{quoted(value)} {rows}" for value, rows in counts.most_common())
        largest = counts.most_common(1)[0][0]
        yield Note(
            "split_column",
            f"Column {quoted(name)} says which split a row is of ({told}), and all rows are taken alike. To take those "
            f"of one: {_keep(spec, name, [largest])}; write the others to a file for --test.",
        )
        return
    void = _values_that_void(plain, set(values.values()))
    doubtful = sum(rows for value, rows in counts.items() if values[value] in void)
    good = [value for value in counts if values[value] not in void]
    if doubtful and good:
        shown = " or ".join(quoted(value) for value in counts if values[value] in void)
        yield Note(
            "qualified_rows",
            f"Column {quoted(name)} is {shown} in {doubtful} of {counted(len(table), 'row')}, which are taken like all "
            f"others. To leave them out: {_keep(spec, name, good)}.",
        )


def _values_that_void(plain: str, values: set[str]) -> frozenset[str]:
    if plain in _BLANK_VOIDS:
        return frozenset(("",)) if len(values) <= _MOST_STATES else frozenset()
    if values <= _TRUE | _FALSE:
        return _TRUE if plain in _TRUE_VOIDS else _FALSE if plain in _FALSE_VOIDS else frozenset()
    return _VOID_STATES if plain in _STATES and len(values) <= _MOST_STATES else frozenset()


def _keep(spec: TaskSpec, column: str, values: Sequence[str]) -> str:
    kept = f"{column}={','.join(values)}"
    return command_with(spec, f"--keep {quote(kept)}")
