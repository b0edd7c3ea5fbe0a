"""What makes several rows of right labels one draw: equal texts, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tuningfork.task.answers.right import RightLabels
from tuningfork.task.answers.systems import System
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.units import Units, n_units, units_of
from tuningfork.task.wording import counted, quoted

_FEW = 20
"""Draws, below which intervals are very wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """What makes rows one draw, in the order of the right labels.

    Attributes:
        rows: how many there are.
        texts, groups: one a row; None without such a column.
        text, group: the columns, and the file of the texts, as people read them.
        columns: of the gold file, by what they are for.
    """

    rows: int
    texts: list[str] | None
    groups: list[str] | None
    text: str
    group: str
    columns: dict[str, str]

    @classmethod
    def find(cls, right: RightLabels, systems: Sequence[System], *, text: str | None, group: str | None) -> Self:
        """Texts of the gold file, else of the first file of answers that has some for every row.

        Raises:
            InputError: a column that was named is not there.
        """
        groups = None if group is None else right.sheet.column(right.sheet.named(group, "--group"))
        told = f"column {quoted(group)}" if group else ""
        columns = {"group": group} if group else {}
        rows = len(right)
        own = (right.sheet, right.column, tuple(range(rows)))
        runs = [run for system in systems for run in system.runs]
        for sheet, taken, places in (own, *((r.file.sheet, r.file.column.name, r.match.places) for r in runs)):
            column = obvious_text_column(sheet.names) if text is None else text
            if column is None or column not in sheet.names or column in {taken, group} or None in places:
                continue
            fields = sheet.readable(column)
            if fields is not None:
                texts = [fields[place] for place in places if place is not None]
                where = f"column {quoted(column)} of {sheet.path.name}"
                if sheet is right.sheet:
                    columns["text"] = column
                return cls(rows=rows, texts=texts, groups=groups, text=where, group=told, columns=columns)
        if text is not None:
            right.sheet.named(text, "--text")
        return cls(rows=rows, texts=None, groups=groups, text="", group=told, columns=columns)

    @property
    def units(self) -> Units:
        """The draw that each row belongs to."""
        return units_of([self.texts or [""] * self.rows], self.groups)

    def told(self) -> str:
        """'360 rows, 120 different texts (column 'text' of gold.csv): equal texts are one draw.'; '' where each row
        stands alone."""
        alone, draws = [""] * self.rows, n_units(self.units)
        if draws == self.rows:
            return ""
        kinds = (
            ("different text", self.text, "equal texts", units_of([self.texts or alone])),
            ("group", self.group, "rows of one group", units_of([alone], self.groups)),
        )
        found = [
            (noun, where, alike, n_units(units)) for noun, where, alike, units in kinds if n_units(units) < self.rows
        ]
        counts = [f"{counted(number, noun)} ({where})" for noun, where, _, number in found]
        alike = " and ".join(alike for _, _, alike, _ in found)
        in_all = f"; {counted(draws, 'draw')} in all" if len(found) > 1 else ""
        few = " They are few: below 20 intervals are very wide." if draws < _FEW else ""
        return f"{', '.join([counted(self.rows, 'row'), *counts])}: {alike} are one draw{in_all}.{few}"
