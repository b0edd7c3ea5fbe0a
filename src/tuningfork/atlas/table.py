"""Selected models as a table for a terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tuningfork.atlas.selection import Listed

UNKNOWN = "–"
_NAME_WIDTH = 26
_SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_CSV_FIELDS = (
    *("name", "organisation", "date", "branch", "architecture", "objective", "use", "parameters", "context"),
    *("access", "offered", "licence", "commercial", "corpus", "domains", "languages", "modalities"),
    *("usd_per_m_prompt", "usd_per_m_completion", "capability", "parent", "relation", "in_survey", "weights", "link"),
)


def short_amount(value: float | None) -> str:
    """'8B', '1.5T', '340M', '131k'; an en dash for unknown. Three significant digits at most."""
    if value is None:
        return UNKNOWN
    for size, unit in _SCALES:
        if value >= size * 0.9995:
            return f"{float(f'{value / size:.3g}'):g}{unit}"
    return f"{value:g}"


def short_tokens(value: int | None) -> str:
    """A context window as people call it: 32768 is '32k', 131072 '128k', 1048576 '1M', 200000 '200k'."""
    if value is None or value % 1024 or value % 1000 == 0:
        return short_amount(value)
    return short_amount(value // 1024 * 1000) if value < 1024**2 else short_amount(value / 1024**2 * 1e6)


def price_text(listed: Listed) -> str:
    """'0.15/0.6': dollars a million prompt and completion tokens; an en dash for unknown."""
    price = listed.price
    return UNKNOWN if price is None else f"{price.prompt:g}/{price.completion:g}"


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    cell: Callable[[Listed], str]
    right: bool = False


_COLUMNS = (
    _Column("date", lambda listed: (listed.model.date or UNKNOWN)[:7]),
    _Column("organisation", lambda listed: _cut(listed.model.organisation, 13)),
    _Column("params", lambda listed: short_amount(listed.model.parameters), right=True),
    _Column("context", lambda listed: short_tokens(listed.model.context), right=True),
    _Column("access", lambda listed: listed.model.access.replace("unknown", UNKNOWN)),
    _Column("commercial", lambda listed: listed.model.commercial.replace("unknown", UNKNOWN)),
    _Column("$/M in/out", price_text, right=True),
    _Column("branch", lambda listed: listed.model.branch.replace("unknown", UNKNOWN)),
    _Column("licence", lambda listed: _cut(listed.model.licence or UNKNOWN, 24)),
    _Column("objective", lambda listed: listed.model.objective or UNKNOWN),
    _Column("architecture", lambda listed: listed.model.architecture or UNKNOWN),
    _Column("languages", lambda listed: _cut(" ".join(listed.model.languages) or UNKNOWN, 24)),
    _Column("domain or corpus", lambda listed: _cut(_made_for(listed), 30)),
)
_PRICED = tuple(
    column.heading for part in (_COLUMNS[:4], _COLUMNS[6:7], _COLUMNS[4:6], _COLUMNS[7:]) for column in part
)
"""The order of columns where prices were asked for."""


def text_table(rows: Sequence[Listed], *, width: int, priced: bool = False) -> str:
    """Aligned lines, as many columns as fit into `width` letters; a longer name stands whole on a line of its own.

    Args:
        priced: prices come before access; 80 letters have no room for both.
    """
    columns = sorted(_COLUMNS, key=lambda column: _PRICED.index(column.heading)) if priced else list(_COLUMNS)
    cells = [[column.cell(row) for column in columns] for row in rows]
    widths = [
        max(len(column.heading), *(len(line[place]) for line in cells), 0) if cells else len(column.heading)
        for place, column in enumerate(columns)
    ]
    name_width = min(_NAME_WIDTH, max([4, *(len(row.model.name) for row in rows)]))
    shown, used = 0, name_width
    while shown < len(columns) and used + 2 + widths[shown] <= width:
        used += 2 + widths[shown]
        shown += 1
    lines = [_line("name", [column.heading for column in columns[:shown]], columns, widths, name_width)]
    for row, line in zip(rows, cells, strict=True):
        name = row.model.name
        if len(name) > name_width:
            lines.append(name)
            name = ""
        lines.append(_line(name, line[:shown], columns, widths, name_width))
    return "\n".join(lines)


def csv_table(rows: Sequence[Listed]) -> str:
    """One line a model, lists separated by blanks; unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_CSV_FIELDS)
    for row in rows:
        told = as_dict(row)
        writer.writerow([_flat(told[name]) for name in _CSV_FIELDS])
    return out.getvalue()


def as_dict(row: Listed) -> dict[str, Any]:
    """All facts with their sources, and the price in dollars a million tokens."""
    price = row.price
    return row.model.as_dict() | {
        "in_survey": row.model.in_survey,
        "usd_per_m_prompt": None if price is None else price.prompt,
        "usd_per_m_completion": None if price is None else price.completion,
        "price_source": None if price is None else price.source,
    }


def _line(name: str, cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int], name_width: int) -> str:
    padded = (
        cell.rjust(width) if column.right else cell.ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=False)
    )
    return "  ".join([name.ljust(name_width), *padded]).rstrip()


def _made_for(listed: Listed) -> str:
    return ", ".join(listed.model.domains) or listed.model.corpus or UNKNOWN


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None or value == "unknown" else value
