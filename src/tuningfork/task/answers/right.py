"""A file of right labels that answers are held against."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.answers.columns import find_right
from tuningfork.task.answers.form import form_of
from tuningfork.task.answers.labels import NO_LABEL, Remedies, space_of
from tuningfork.task.answers.matching import Asked, Match
from tuningfork.task.answers.reading import AnswersFile, id_column, matched_row_by_row, text_column
from tuningfork.task.answers.sheet import Sheet, open_sheet
from tuningfork.task.labels import LabelSpace
from tuningfork.task.read import FileRead
from tuningfork.task.readers.pick import parted
from tuningfork.task.readers.scored import RIGHT, WRONG
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.wording import listed

_MOST_MISSING = 0.5
"""Share of rows without an answer, above which a file is of other rows."""
_CODE = re.compile(r"[+-]?\d+(?:\.0+)?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RightLabels:
    """n right labels.

    Attributes:
        column: that holds them.
        values: one a row, none of them blank.
        labels: all of them, with the names that the file gives to codes.
        id_column, text_column: that tell its rows; None without.
        by_score: answers count as an evaluation harness scored them: `values` are all RIGHT, and what the column holds
            does no more than tell the rows.
    """

    sheet: Sheet
    column: str
    values: list[str]
    labels: LabelSpace
    id_column: str | None
    text_column: str | None
    by_score: bool = False

    def __len__(self) -> int:
        return len(self.values)

    @property
    def name(self) -> str:
        return self.sheet.path.name

    @property
    def indices(self) -> NDArray[np.int32]:
        """The labels as indices into the label space, shape (n,)."""
        place = {value: index for index, value in enumerate(self.labels.values)}
        return np.array([place[value] for value in self.values], np.int32)

    def match(self, file: AnswersFile, *, by: str | None, part: Sequence[int] | None = None) -> Match:
        """Where the answers to these rows stand in a file; a row may have none, if half of them have one.

        Args:
            by: 'row' goes by the order of the rows, whatever keys there are.
            part: places in the file that are looked at; all where None.

        Raises:
            InputError: most rows have no answer, or the keys contradict each other.
        """
        part = range(len(file)) if part is None else part
        ids = self.id_column is not None and file.id_column is not None and by != "text"
        texts = self.text_column is not None and file.text_column is not None and by != "id"
        if by == "row" or not (ids or texts):
            return matched_row_by_row(file, part, len(self), source=str(self.sheet.path))
        asked = Asked(
            source=self.name,
            ids=self.sheet.column(self.id_column) if ids and self.id_column else None,
            texts=self.sheet.column(self.text_column) if texts and self.text_column else None,
            names=[f"row {row} of {self.name}" for row in self.sheet.rows],
        )
        matcher = file.matcher_of(part)
        match = matcher.match(asked)
        missing = matcher.missing(asked, match)
        if missing is not None and match.places.count(None) > _MOST_MISSING * len(match.places):
            raise missing
        return replace(match, places=tuple(None if place is None else part[place] for place in match.places))

    def read(self, **others: str) -> FileRead:
        """What was read of it; `others` are further columns by what they are for."""
        return FileRead(
            role="gold",
            file=str(self.sheet.path),
            format=self.sheet.format,
            rows=len(self) + sum(self.sheet.left_out.values()),
            used=len(self),
            columns=others if self.by_score else {"label": self.column, **others},
            left_out=self.sheet.left_out,
        )


def read_right_labels(
    path: Path,
    *,
    column: str | None,
    row_id: str | None,
    text: str | None,
    group: str | None,
    form: TextFormat,
    remedies: Remedies,
    by_score: bool = False,
) -> RightLabels:
    """Read a file of right labels.

    Args:
        path: of a zip of an evaluation harness's files, the task may stand behind: 'samples.zip?task=topics'.
        column, row_id, text, group: columns that the user named; row_id and text may be another file's.
        by_score: answers count as an evaluation harness scored them: nothing but the rows is asked for.

    Raises:
        InputError: what is wrong with the file; no column or several that could be right; a row without a label.
    """
    path, asked = parted(path)
    sheet = open_sheet(path, replace(form_of(path, form), pick=replace(asked, right_only=True, by_score=by_score)))
    ids = row_id if row_id in sheet.names else id_column(sheet.names)
    texts = text if text in sheet.names else text_column(sheet.names)
    right = find_right(sheet, taken=(ids, texts, group), said=column, remedies=remedies)
    texts, ids = (None if one == right else one for one in (texts, ids))
    values = sheet.column(right)
    if by_score:
        values, labels = [RIGHT] * len(values), space_of([RIGHT, WRONG])
    else:
        _refuse_blank(sheet, right, values)
        labels = space_of(values, _names_beside(sheet, right, values))
    return RightLabels(
        sheet=sheet,
        column=right,
        values=values,
        labels=labels,
        id_column=ids,
        text_column=texts if texts is not None and sheet.readable(texts) is not None else None,
        by_score=by_score,
    )


def refuse_if_no_file_says_a_label(right: RightLabels, files: list[AnswersFile]) -> None:
    """Right labels that are all one placeholder are told by this, that no answer of anybody is ever that label.

    Raises:
        InputError: no answer in any file is a right label.
    """
    if any(label != NO_LABEL for file in files for label in file.column.found):
        return
    answers = listed([next(filter(None, file.column.given), "") for file in files])
    raise InputError(
        f"no answer in any file is one of its labels: they are {listed(right.labels.values)}, and the answers such as "
        f"{answers}",
        file=right.sheet.path,
        column=right.column,
        remedy="Give the rows their right labels, written as the answers are.",
    )


def _refuse_blank(sheet: Sheet, column: str, values: Sequence[str]) -> None:
    for row, value in zip(sheet.rows, values, strict=True):
        if not value:
            remedy = "Leave out rows without one."
            raise InputError("no right label", file=sheet.path, row=row, column=column, remedy=remedy)


def _names_beside(sheet: Sheet, column: str, values: list[str]) -> dict[str, str]:
    """Names of labels that are codes, where the file tells them: in its metadata, or in a column that says the same
    one for one."""
    known = dict(sheet.label_names.get(column, {}))
    if known or not all(_CODE.fullmatch(value) for value in set(values)):
        return known
    for name in sheet.names:
        fields = None if name == column else sheet.readable(name)
        pairs = set(zip(values, fields, strict=True)) if fields is not None else set()
        named = {value: field for value, field in pairs if field and not _CODE.fullmatch(field)}
        if len(named) == len(pairs) == len(set(named.values())) and 1 < len(named) < len(values):
            return named
    return {}
