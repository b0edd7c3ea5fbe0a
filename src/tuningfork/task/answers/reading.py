"""A file of answers, read: its columns, its labels, its rows and what it tells beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.answers.codes import codes_beside, codes_in_file
from tuningfork.task.answers.columns import AnswerColumn, find_answers, in_words
from tuningfork.task.answers.extras import Extras, extra_columns, find_extras
from tuningfork.task.answers.form import form_of
from tuningfork.task.answers.labels import (
    LEAST_SHARE_OF_LABELS,
    NO_LABEL,
    LabelReader,
    Remedies,
    refuse_if_never_labels,
    told_of_errors,
)
from tuningfork.task.answers.matching import Given, Match, Matcher
from tuningfork.task.answers.sheet import Sheet, open_sheet
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.labels import LabelSpace
from tuningfork.task.read import FileRead
from tuningfork.task.readers.pick import WHOLE, Pick, Undecided, parted
from tuningfork.task.readers.text_file import TextFormat, Undecodable

_IDS = (
    *("id", "uid", "uuid", "guid", "row_id", "example_id", "sample_id", "item_id", "doc_id", "document_id"),
    *("record_id", "message_id", "ticket_id", "text_id", "sentence_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the user said of a file of answers; None is found.

    Attributes:
        column, id, text: columns.
        match: 'id' or 'text': the one key to go by.
        codes: a file with the columns label,name, which says which code is which label.
        encoding, delimiter: of this file alone.
        pick: what is meant of an evaluation harness's file.
        option: that names the column, for messages.
    """

    column: str | None = None
    id: str | None = None
    text: str | None = None
    match: str | None = None
    codes: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None
    pick: Pick = WHOLE
    option: str = "--answer"


@dataclass(frozen=True, eq=False)
class AnswersFile:
    """A file of answers to a task.

    Attributes:
        column: the one that answers.
        id_column, text_column: that tell its rows; None without.
        text_is_sure: the text column is called as that of the task, or 'text'.
    """

    sheet: Sheet
    reader: LabelReader
    column: AnswerColumn
    id_column: str | None
    text_column: str | None
    text_is_sure: bool
    said: Said
    remedies: Remedies

    def __len__(self) -> int:
        return len(self.column.given)

    @cached_property
    def matcher(self) -> Matcher:
        """Finds rows of the task in it."""
        return self.matcher_of(range(len(self)))

    def matcher_of(self, part: Sequence[int]) -> Matcher:
        """Finds rows of the task in a part of it: the places that it finds are places in the part.

        Args:
            part: places in the file.
        """
        found, given = self.column.found, self.column.given
        answers: list[Hashable] = [given[place] if found[place] == NO_LABEL else found[place] for place in part]

        def fields(column: str | None) -> list[str] | None:
            if column is None:
                return None
            values = self.sheet.column(column)
            return [values[place] for place in part]

        return Matcher(
            Given(
                source=str(self.sheet.path),
                ids=fields(self.id_column),
                texts=fields(self.text_column),
                answers=answers,
                rows=[self.sheet.rows[place] for place in part],
                id_column=self.id_column or "id",
                text_column=self.text_column or "text",
                text_is_sure=self.text_is_sure,
            ),
            only=self.said.match,
            remedies=self.remedies,
        )

    @cached_property
    def extras(self) -> Extras:
        """Probabilities, seconds, dollars, tokens and words, as far as it tells them."""
        taken = (self.column.name, self.id_column, self.text_column)
        return find_extras(self.sheet, self.reader, self.column.found, taken=taken)

    @cached_property
    def unanswered(self) -> Mapping[int, str]:
        """Place in the file -> why it has no answer ('failed', 'not scored'), where an evaluation harness says so.

        That is no empty answer: nobody was asked, or nothing came back.
        """
        if not self.sheet.why_missing:
            return {}
        reasons = enumerate(self.sheet.column(self.sheet.why_missing))
        return {place: why for place, why in reasons if why}

    @cached_property
    def errors(self) -> str:
        """Rows without an answer, and answers that are no label, in a sentence; '' without any."""
        there = [place for place in range(len(self)) if place not in self.unanswered]
        errors = told_of_errors([self.column.given[at] for at in there], [self.column.found[at] for at in there])
        return "; ".join(filter(None, (self._told_of_unanswered(), errors)))

    def _told_of_unanswered(self) -> str:
        if not self.unanswered:
            return ""
        reasons = Counter(self.unanswered.values())
        shares = ", ".join(f"{number:,} {why}" for why, number in reasons.items())
        verb = "has" if reasons.total() == 1 else "have"
        return f"{reasons.total():,} of {len(self):,} rows {verb} no answer ({shares})"

    @property
    def first_error(self) -> str | None:
        """What the first answer that is no label said: in full, where the file tells that; None without such one."""
        errors = (place for place, label in enumerate(self.column.found) if label == NO_LABEL)
        place = next((place for place in errors if place not in self.unanswered), None)
        if place is None:
            return None
        raw = self.extras.raw
        return self.column.given[place] if raw is None else raw[place]

    @property
    def is_exact(self) -> bool:
        """Whether every answer that is a label is written as the label is."""
        return all(
            self.reader.exactly(given) == label
            for given, label in zip(self.column.given, self.column.found, strict=True)
        )

    def labels_at(self, places: Sequence[int | None]) -> list[int]:
        """The labels that answer at these places; NO_LABEL where there is none."""
        return [NO_LABEL if place is None else self.column.found[place] for place in places]

    def read(self, matched: str, *, used: int) -> FileRead:
        """What was read of it.

        Args:
            used: rows that answer a row of the task.
        """
        keys = (("id", self.id_column), ("text", self.text_column))
        told = {key: name for key, name in keys if name is not None and key in matched}
        spare = len(self) - used
        left_out = {**self.sheet.left_out, **({"that no row asked for needs": spare} if spare else {})}
        others = (self.column.kept, *self.column.rivals)
        return FileRead(
            role="answers",
            file=str(self.sheet.path),
            format=self.sheet.format,
            rows=len(self) + sum(self.sheet.left_out.values()),
            used=used,
            columns={"answer": self.column.name} | told | dict(self.extras.columns),
            matched=matched,
            left_out=left_out,
            not_read=tuple(name for name in others if name is not None),
        )


def read_answers(
    path: Path,
    labels: LabelSpace,
    *,
    said: Said,
    study: TextFormat,
    remedies: Remedies,
    keys: tuple[str | None, str | None] = (None, None),
    beside: Sequence[Sheet] = (),
    known: Collection[str] = (),
    several_runs: bool = False,
    least: float = LEAST_SHARE_OF_LABELS,
) -> AnswersFile:
    """Read a file of answers to a task with these labels.

    Args:
        path: of a file of an evaluation harness, what is meant of it may stand behind: 'samples.jsonl?filter=strict'.
        study: how the study's own files are read; this one is too, unless it is plainly otherwise.
        keys: how columns of id and text are called in the task's files; this one may call them otherwise.
        beside: further files that may say which code is which label.
        known: what others answered, who are understood.
        several_runs: runs of an evaluation harness are told apart by whoever asks; else one has to be named.
        least: share of the answers that have to be labels.

    Raises:
        InputError: what is wrong with the file; no column or several that could answer.
        NeverLabels: its answers are (almost) never labels.
    """
    path, asked = parted(path)
    form = form_of(path, study, encoding=said.encoding, delimiter=said.delimiter)
    form = replace(form, pick=asked.or_else(said.pick))
    try:
        sheet = open_sheet(path, form)
        row_id, text = (
            said_here or (key if sheet.has(key) else None)
            for said_here, key in zip((said.id, said.text), keys, strict=True)
        )
        said = replace(said, id=row_id, text=text)
        file = _read(path, labels, said, form, remedies, beside)
    except Undecodable as error:
        if said.encoding is not None:
            raise
        raise error.with_command(remedies.encoding(error.likely[0])) from error
    if file.sheet.runs and not several_runs:
        raise Undecided(file.sheet.path, "run", file.sheet.runs, file.sheet.form.pick)
    column = file.column
    refuse_if_never_labels(
        column.given, column.found, labels, file=path, column=column.name, remedies=remedies, known=known, least=least
    )
    return file


def id_column(names: Sequence[str]) -> str | None:
    """The column that tells rows apart by its name: 'id', else one that is called so."""
    called = [name for name in names if in_words(name) in _IDS]
    return next((name for name in called if name.lower() == "id"), called[0] if len(called) == 1 else None)


def text_column(names: Sequence[str]) -> str | None:
    """The column that is plainly the text."""
    return obvious_text_column(tuple(names))


def _read(
    path: Path, labels: LabelSpace, said: Said, form: TextFormat, remedies: Remedies, beside: Sequence[Sheet]
) -> AnswersFile:
    sheet, reader = open_sheet(path, form), LabelReader(labels)
    if said.codes is not None:
        reader = reader.with_codes(codes_in_file(said.codes, reader, form))
    others = [name for name in sheet.names if name != said.column]
    ids = sheet.named(said.id, "id=COLUMN") if said.id else id_column(others)
    texts = sheet.named(said.text, "text=COLUMN") if said.text else text_column(others)
    taken = {ids, *(sheet.parts(texts) if texts else ()), *extra_columns(sheet, reader)}
    sheet.preload(name for name in (ids, texts) if name is not None)
    column = find_answers(sheet, reader, taken=taken, said=said.column, option=said.option, remedies=remedies)
    codes = _codes(sheet, reader, column, beside)
    if codes:
        reader = reader.with_codes(codes)
        column = find_answers(sheet, reader, taken=taken, said=column.name, option=said.option, remedies=remedies)
    sure = texts is not None and (said.text is not None or texts.lower() == "text")
    return AnswersFile(sheet, reader, column, ids, texts, sure, said, remedies)


def _codes(sheet: Sheet, reader: LabelReader, column: AnswerColumn, beside: Sequence[Sheet]) -> dict[str, str]:
    """Codes that a file says to stand for labels, where the answers are no labels."""
    filled = [(given, label) for given, label in zip(column.given, column.found, strict=True) if given]
    if not filled or any(label != NO_LABEL for _, label in filled):
        return {}
    wanted = [given for given, _ in filled]
    return codes_beside([sheet, *beside], reader, wanted, answer=(sheet, column.name))


def matched_row_by_row(file: AnswersFile, part: Sequence[int], rows: int, *, source: str) -> Match:
    """Answers in the order of the rows, where no key tells them.

    Args:
        part: places in the file that answer them.

    Raises:
        InputError: their numbers differ.
    """
    if len(part) != rows:
        raise InputError(
            f"has {len(part):,} row{'s' * (len(part) != 1)}, {source} has {rows:,}",
            file=file.sheet.path,
            remedy="Give both an 'id' or 'text' column, or the same rows in the same order.",
        )
    return Match(places=tuple(part), how="row by row", key="row")
