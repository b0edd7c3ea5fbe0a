"""A picture with what belongs to it: what is seen, how to read it, and the numbers as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tuningfork.report.svg import Svg


@dataclass(frozen=True, slots=True, kw_only=True)
class DataTable:
    """Numbers of a plot, or any small table: cells are text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One plot.

    Attributes:
        title: what is seen, as a sentence.
        note: how to read it.
        wide: for screens and paper.
        narrow: for phones; None where `wide` is small enough for them.
        table: the same numbers.
    """

    title: str
    note: str
    wide: Svg
    narrow: Svg | None
    table: DataTable
