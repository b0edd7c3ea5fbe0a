"""Rows that are none: headers of other files, and sums and remarks below the last row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tuningfork.errors import InputError
from tuningfork.task.columns import LABEL_NAMES, TEXT_NAMES
from tuningfork.task.steps import Step, only
from tuningfork.task.table import Table
from tuningfork.task.wording import quoted
from tuningfork.task.written_alike import folded

_SUMMARY = re.compile(
    r"\W*((grand |sub)?totals?|sums?|summe|gesamt|counts?|number of rows|rows|average|mean|end( of (file|table|data))?)"
    r"\b[\W\d]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*\s*%?")
_LAST = 3


def without_odd_rows(table: Table, text: str, label: str | None, *, header: str) -> Step:
    """The table without headers that stand among its rows.

    Args:
        header: what a row says in its text that is the header once more.

    Raises:
        InputError: a row that is perhaps the header of other rows, or a sum below them.
    """
    if label is None:
        return Step(table)
    texts = table.columns[text]
    names = {header.lower(), label.lower()} | TEXT_NAMES
    likely = [place for place, value in enumerate(texts) if value.strip().lower() in names]
    headers = [place for place in likely if _is_header(table, place, text, label, header)]
    _refuse_sums(table, text, label)
    if not headers:
        return Step(table)
    gone = set(headers)
    kept = [place for place in range(len(texts)) if place not in gone]
    rows = ", ".join(str(table.rows[place]) for place in headers[:_LAST])
    return Step(only(table, kept), {f"header repeated among the rows (row {rows})": len(headers)})


def _is_header(table: Table, place: int, text: str, label: str, header: str) -> bool:
    """Whether the row is the header once more; one with other names may belong to other columns."""
    here = folded(table.columns[text][place]), folded(table.columns[label][place])
    if here == (folded(header), folded(label)):
        return True
    if here[1] in LABEL_NAMES or here == (folded(label), folded(header)):
        raise InputError(
            f"looks like the header of other rows: {quoted(here[0])}, {quoted(here[1])}",
            file=table.source,
            row=table.rows[place],
            remedy="Do the rows below it have the same columns? Then delete this line; else make two files of it.",
        )
    return False


def _refuse_sums(table: Table, text: str, label: str) -> None:
    """Refuse a last row such as 'Total', 150: its number would be a label of its own."""
    texts, labels = table.columns[text], table.columns[label]
    for place in range(max(0, len(texts) - _LAST), len(texts)):
        if _SUMMARY.fullmatch(texts[place].strip()) and _is_sum(texts[place], labels, labels[place]):
            raise InputError(
                f"looks like a sum or remark below the rows: {quoted(texts[place])}, {quoted(labels[place])}",
                file=table.source,
                row=table.rows[place],
                remedy="Delete that line, so that it is no row.",
            )


def _is_sum(text: str, labels: Sequence[str], label: str) -> bool:
    """Whether a row of that text can hardly be one: it has a number and no label, or the only label of number."""
    if not label.strip():
        return any(character.isdigit() for character in text)
    return bool(_NUMBER.fullmatch(label.strip())) and sum(map(_is_number, labels)) == 1


def _is_number(label: str) -> bool:
    return bool(_NUMBER.fullmatch(label.strip()))
