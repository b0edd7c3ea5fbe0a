"""One file beside the task's own, column by column: what is not wanted of it is not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.option_lists import option_list
from tuningfork.task.places import JOINT
from tuningfork.task.readers.text_file import Stamp, TextFormat, stamp_of
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.table import Table
from tuningfork.task.wording import near_names


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A file whose columns are read when they are asked for.

    Attributes:
        names: of all columns that have one.
    """

    path: Path
    form: TextFormat
    names: tuple[str, ...]
    _read: dict[str, list[str] | InputError] = field(default_factory=dict)
    _table: list[Table] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """A column's fields, blanks around them left out.

        Raises:
            InputError: no such column, or what is wrong with the file or in this column.
        """
        if name not in self._read:
            parts = self.parts(name)
            if len(parts) > 1:
                self._read[name] = self._joined(parts)
            else:
                self._look_up([name])
        found = self._read[name]
        if isinstance(found, InputError):
            raise found
        return found

    def has(self, name: str | None) -> bool:
        """Whether it has a column of that name, or all those that the name joins ('premise + hypothesis')."""
        return name is not None and all(part in self.names for part in self.parts(name))

    def readable(self, name: str) -> list[str] | None:
        """The same, or None for a column that has not one plain value a row."""
        try:
            return self.column(name)
        except InputError:
            return None

    def preload(self, names: Iterable[str]) -> None:
        """Read several columns at once, where all of them can be read; else each when it is asked for."""
        parts = dict.fromkeys(part for name in names for part in self.parts(name))
        wanted = [name for name in parts if name not in self._read]
        if wanted:
            self._look_up(wanted)

    def named(self, name: str, option: str) -> str:
        """A column that the user named.

        Raises:
            InputError: it is not there; near names are told.
        """
        if not self.has(name):
            problem = f"no such column; {near_names(name, self.names)}"
            raise InputError(problem, file=self.path, column=name, remedy=f"Say which with {option}.")
        return name

    @property
    def rows(self) -> Sequence[int]:
        """Row numbers in the file, from 1; known once a column was read."""
        return self._table[0].rows if self._table else ()

    @property
    def label_names(self) -> Mapping[str, Mapping[str, str]]:
        """Column -> code -> name, where the file itself says what its codes mean; known once a column was read."""
        return self._table[0].found.label_names if self._table else {}

    @property
    def format(self) -> str:
        """In words, known once a column was read: 'CSV', "CSV, delimiter ';', cp1252", 'Parquet'."""
        return self._table[0].found.format if self._table else ""

    @property
    def left_out(self) -> Mapping[str, int]:
        """Reason -> rows of the file that are none, known once a column was read."""
        return self._table[0].found.left_out if self._table else {}

    @property
    def runs(self) -> tuple[str, ...]:
        """Runs of an evaluation harness in which each row was answered, known once a column was read; empty for one."""
        return self._table[0].found.runs if self._table else ()

    @property
    def why_missing(self) -> str:
        """The column in which an evaluation harness says why a row has no answer; '' without."""
        return self._table[0].found.why_missing if self._table else ""

    @property
    def harness(self) -> str:
        """The evaluation harness that wrote it, known once a column was read; '' for any other file."""
        return self._table[0].found.harness if self._table else ""

    @property
    def score(self) -> str:
        """Of that harness, by which its answers are right or wrong, known once a column was read; '' where
        they are what they say."""
        return self._table[0].found.score if self._table else ""

    def parts(self, name: str) -> list[str]:
        """The columns that a name joins; itself where it is one."""
        return [name] if name in self.names else name.split(JOINT)

    def _joined(self, parts: Sequence[str]) -> list[str]:
        """Rows of several fields as the text that they make: a field a line, and a text of a list a line."""
        self.preload(parts)
        rows = zip(*(self.column(part) for part in parts), strict=True)
        return ["\n".join(line for cell in row for line in _lines(cell)).strip() for row in rows]

    def _look_up(self, wanted: list[str]) -> None:
        try:
            # An answer may stand in a list of one; what such a list says is for whoever reads answers.
            table = read_table(self.path, wanted, replace(self.form, lists=tuple(wanted)))
        except InputError as error:
            if len(wanted) == 1:
                self._read[wanted[0]] = error
            return
        self._table[:] = [table]
        for name in wanted:
            self._read[name] = [value.strip() for value in table.columns[name]]


def _lines(cell: str) -> tuple[str, ...]:
    found = option_list(cell) if cell[:1] in {"[", "{"} else None
    return (cell,) if found is None else found.texts


def open_sheet(path: Path, form: TextFormat) -> Sheet:
    """The file's columns by name; an unchanged file is read once.

    Raises:
        InputError: no readable file of rows.
    """
    return _opened(path, form, stamp_of(path))


@lru_cache(maxsize=8)
def _opened(path: Path, form: TextFormat, _seen: Stamp) -> Sheet:
    return Sheet(path, form, tuple(filter(None, column_names(path, form))))
