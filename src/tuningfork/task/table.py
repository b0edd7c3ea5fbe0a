"""Columns of strings with their row numbers: what every reader of files delivers, and rows in memory become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from tuningfork.errors import InputError
from tuningfork.foundation.in_memory import is_missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a reader found of a file besides its rows.

    Attributes:
        format: in words, e.g. 'CSV', "CSV, ';'", 'Label Studio JSON'.
        left_out: reason in words -> rows that are none of the table's for it.
        origin: column -> where its fields come from, if the file has no column of that name.
        label_names: column -> code -> name, where the file itself says what its codes mean.
        runs: names of the runs that answered each row, by the column 'run'; empty where each was answered once.
        why_missing: column that says why a row has no answer, empty for those that have one; '' without such a column.
        harness: that wrote the file, 'lm-eval' or 'inspect_ai'; '' for any other.
        nested: columns in which rows in memory hold lists or objects; they stand there as JSON.
        score: of that harness, by which its answers are right or wrong; '' where they are what they say.
    """

    format: str = "rows in memory"
    left_out: Mapping[str, int] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)
    label_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    runs: tuple[str, ...] = ()
    why_missing: str = ""
    harness: str = ""
    score: str = ""
    nested: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """n rows, some or all of their columns.

    Attributes:
        source: where the rows come from, as messages and row ids name it: a path, or 'rows in memory'.
        columns: name -> n strings; '' is an empty field.
        rows: the n row numbers in the source, counted from 1: records below a CSV header, lines of a JSONL file,
            objects of a JSON array.
        found: what else is known of the source.
    """

    source: str
    columns: Mapping[str, Sequence[str]]
    rows: Sequence[int]
    found: Found = Found()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in the source's order."""
        return tuple(self.columns)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[object]], *, source: str = "rows in memory") -> Self:
        """A table of values in memory: missing ones (None, NaN, …) become empty fields, everything else its `str`.

        Raises:
            InputError: the columns differ in length, or a value is none a field can have: a list, a dict, bytes.
        """
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name!r} {length}" for name, length in lengths.items())
            raise InputError(f"the columns differ in length: {shown}", file=source)
        texts = {
            name: [_as_field(value, source, row, name) for row, value in enumerate(values, start=1)]
            for name, values in columns.items()
        }
        return cls(source=source, columns=texts, rows=range(1, max(lengths.values(), default=0) + 1))


def _as_field(value: object, source: str, row: int, column: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | dict | set | bytes):
        problem = f"holds a {type(value).__name__}, not one value"
        raise InputError(problem, file=source, row=row, column=column, remedy="Give one string there.")
    return "" if is_missing(value) else str(value)
