"""`predictions:FILE?side=…`: answers made elsewhere, judged beside the other arms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, cast

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms.family import Elsewhere, Estimate, Family, Fitted, Progress, Services, Setting, ToAnswer
from tuningfork.arms.results import LONGEST_QUOTE, UNREAD, Prediction, Side, TrialPlan, Usage
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.task.answers.checks import check_against_right
from tuningfork.task.answers.labels import COUNT_AS_ERRORS, Remedies
from tuningfork.task.answers.matching import Asked, Match
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import LabelSpace
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.text_file import Stamp, TextFormat, require_file, stamp_of
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TaskType

_SIDES = ("llm", "fine-tuned", "combined")
_OPTIONS = (
    *("side", "model", "column", "id", "text", "match", "codes", "encoding", "delimiter"),
    *("task", "filter", "system", "run"),
)
_KEYS = ("id", "text")
_LEAST_TOLD = 0.95
"""Share of rows of which a file has to tell what they took for their sum to stand for all."""
_LONGEST_MODEL = 60
"""Characters of a model's name: it stands in sentences, tables and pictures."""
_VALUE = "VALUE"
_READ_BEFORE = ("prediction", "label")
"""Columns that answered, the first of them that was there, before others were looked at."""


class PredictionsFamily(Family):
    """`predictions:FILE?side=llm|fine-tuned|combined`.

    The file (CSV, JSONL, Parquet, or what an evaluation harness wrote) has a column that tells the row, `id` or `text`
    (or both), and one that answers.
    """

    name: ClassVar[str] = "predictions"
    side: ClassVar[Side] = "combined"
    reads_texts: ClassVar[bool] = False

    def check(self, spec: ArmSpec) -> None:
        spec.only_options(*_OPTIONS)
        if not spec.model:
            raise InputError(f"{spec.text!r} names no file", remedy="Write predictions:FILE?side=llm")
        self.side_of(spec)
        if "match" in spec.options:
            spec.choice("match", "", among=_KEYS)
        _check_model(spec)
        for path in (Path(spec.model), *_codes(spec)):
            require_file(path)

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        return None if type_.kind == Categories.kind else f"{self.name} reads labels and letters of options only"

    def side_of(self, spec: ArmSpec) -> Side:
        if "side" not in spec.options:
            raise InputError(
                f"{spec.text!r} does not say who made these answers",
                remedy="Add ?side=llm, ?side=fine-tuned or ?side=combined.",
            )
        return cast(Side, spec.choice("side", "", among=_SIDES))

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The file's content, and the labels' names, by which it may answer."""
        codes = [hash_of_file(path) for path in _codes(spec)]
        return (hash_of_file(Path(spec.model)), setting.labels.names, *codes)

    def elsewhere(self, spec: ArmSpec, setting: Setting, rows: ToAnswer) -> Elsewhere:
        """What the file says of these rows.

        Raises:
            InputError: the file cannot be read as answers to this task, or has none for an evaluation row.
        """
        file = _file(spec, setting, rows.command)
        match, kept, unanswered, used = _look(file, rows)
        told = [Note("answers_read_otherwise", f"{spec.text}: {sentence}.") for sentence in match.told]
        told += [Note("right_labels_kept", f"{spec.text}: {sentence}.") for sentence in kept]
        return Elsewhere(
            read=(file.read(match.how, used=used),),
            notes=tuple(told),
            unanswered=unanswered,
            as_before=_as_before(file, match),
        )

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return (TrialPlan(arm=spec.text, level=0, n_labels=None, seed=0, deterministic=True),)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        return Estimate(fit_seconds=0.1, row_seconds=1e-5)

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        return _AnswersMadeElsewhere(
            _file(spec, setting, command="tuningfork run DATA … {}"), model=spec.options.get("model")
        )


class _AnswersMadeElsewhere:
    """Answers by row id and by text.

    Args:
        model: who answered, if somebody said; else the file's name stands for it.
    """

    fit_usage = Usage()

    def __init__(self, file: AnswersFile, *, model: str | None) -> None:
        self._file = file
        self._match: Match | None = None
        self.model = model or file.sheet.path.name
        self._partly_told: dict[str, str] = {}
        self.details = (("rows in file", str(len(file))), ("column", file.column.name), *_first_error(file))

    @property
    def notes(self) -> tuple[Note, ...]:
        """Answers that are no label, and amounts that the file tells of most rows only."""
        errors = self._file.errors.removesuffix(COUNT_AS_ERRORS)
        told = [Note("invalid_answers", errors + COUNT_AS_ERRORS)] if errors else []
        return (*told, *(Note("amounts_of_most_rows", message) for message in self._partly_told.values()))

    def expect(self, rows: Inputs) -> None:
        """Find out by which key these rows, the evaluation rows, are matched; others are matched so too."""
        self._match = _matched(self._file, rows, "the task")

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        """Look every row up.

        Raises:
            InputError: a row has no answer in the file; it is named.
        """
        asked = _asked(rows, "the task")
        match = self._match or self._file.matcher.match(asked)
        places = self._file.matcher.follow(asked, match)
        missing = self._file.matcher.missing(asked, replace(match, places=places))
        if missing is not None:
            raise missing
        if progress is not None:
            progress(len(rows), len(rows))
        at = np.array([place for place in places if place is not None], np.intp)
        return self._prediction(at), self._usage(at)

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Nothing: how long these answers took is what the file says of it, if anything."""
        return ()

    def _prediction(self, at: NDArray[np.intp]) -> Prediction:
        extras = self._file.extras
        return Prediction(
            Categories(np.array(self._file.labels_at(at.tolist()), np.int32)),
            probabilities=None if extras.probabilities is None else extras.probabilities[at],
            row_seconds=None if extras.seconds is None else extras.seconds[at],
        )

    def _usage(self, at: NDArray[np.intp]) -> Usage:
        """What the file says that these rows took; one request a row, where it says anything."""
        extras = self._file.extras
        told = (extras.usd, extras.prompt_tokens, extras.completion_tokens)
        if all(column is None for column in told):
            return Usage()
        prompt, completion = self._total("prompt tokens", at), self._total("completion tokens", at)
        return Usage(
            requests=len(at),
            prompt_tokens=None if prompt is None else round(prompt),
            completion_tokens=None if completion is None else round(completion),
            usd=self._total("usd", at),
        )

    def _total(self, what: str, at: NDArray[np.intp]) -> float | None:
        """Over these rows. A few of which the file tells nothing, as of calls that failed, count as the others do in
        the mean, which is said; None where it tells nothing of more."""
        column = getattr(self._file.extras, what.replace(" ", "_"))
        known = np.array([]) if column is None else column[at][~np.isnan(column[at])]
        if not len(known) or len(known) < _LEAST_TOLD * len(at):
            return None
        if len(known) < len(at):
            self._partly_told[what] = (
                f"{self._file.sheet.path.name} tells {what} of {len(known):,} of {len(at):,} rows; the others are "
                "counted at the mean of these"
            )
        return float(known.mean() * len(at)) if len(known) < len(at) else float(known.sum())


def _check_model(spec: ArmSpec) -> None:
    name = spec.options.get("model")
    if name is not None and not 1 <= len(name) <= _LONGEST_MODEL:
        raise InputError(
            f"{spec.text!r}: model={name!r} has {len(name)} characters; 1 to {_LONGEST_MODEL} can be a name",
            remedy="Say who answered as people know it: model=gpt-5.6-sol",
        )


def _first_error(file: AnswersFile) -> tuple[tuple[str, str], ...]:
    """What the first answer that is no label said, for people and for the verdict."""
    said = file.first_error
    if said is None:
        return ()
    shown = said[:LONGEST_QUOTE]
    return (("an answer that is no label", shown or "(empty)"), (UNREAD, json.dumps({"answer": shown})))


def _file(spec: ArmSpec, setting: Setting, command: str) -> AnswersFile:
    """The file of answers; an unchanged one is read once."""
    stamps = tuple(stamp_of(path) for path in (Path(spec.model), *_codes(spec)))
    return _read(spec.text, setting.labels, setting.form, setting.text_column, command, stamps)


@lru_cache(maxsize=16)
def _read(
    arm: str,
    labels: LabelSpace,
    form: TextFormat,
    text: str | None,
    command: str,
    _stamps: tuple[Stamp, ...],
) -> AnswersFile:
    spec = ArmSpec.parse(arm)
    said = Said(
        column=spec.options.get("column"),
        id=spec.options.get("id"),
        text=spec.options.get("text"),
        match=spec.options.get("match"),
        codes=next(iter(_codes(spec)), None),
        encoding=spec.options.get("encoding"),
        delimiter=spec.options.get("delimiter"),
        pick=Pick.of(spec.options),
        option="column=COLUMN",
    )
    remedies = _remedies(spec, command)
    try:
        file = read_answers(Path(spec.model), labels, said=said, study=form, remedies=remedies, keys=(None, text))
    except Undecided as error:
        named = command.replace("{}", _arm(spec.with_option(error.part, error.name)))
        raise error.with_remedy(f"Say which: {named}") from error
    if file.id_column is None and file.text_column is None:
        columns, text_too = ", ".join(file.sheet.names), _arm(spec.with_option("text", "COLUMN"))
        raise InputError(
            f"no column 'id' or 'text' (there are: {columns})",
            file=spec.model,
            remedy=f"Rename a column, or say which tells the row: {command.replace('{}', text_too)}",
        )
    return file


@lru_cache(maxsize=16)
def _look(file: AnswersFile, rows: ToAnswer) -> tuple[Match, tuple[str, ...], dict[str, int], int]:
    """How evaluation rows are matched; what right labels show; other roles' rows without answers; rows that answer."""
    match = _matched(file, rows.evaluation, rows.source)
    kept = check_against_right(file, match, rows.right, source=rows.source)
    used, unanswered = set(match.places), {}
    for role, others in (("validation", rows.validation), ("shifted", rows.shifted)):
        places = file.matcher.follow(_asked(others, rows.source), match)
        used |= set(places)
        if None in places:
            unanswered[role] = places.count(None)
    return match, kept, unanswered, len(used - {None})


def _matched(file: AnswersFile, rows: Inputs, source: str) -> Match:
    """Where the answers to these rows stand.

    Raises:
        InputError: a row has none, or ids and texts contradict each other.
    """
    asked = _asked(rows, source)
    match = file.matcher.match(asked)
    missing = file.matcher.missing(asked, match)
    if missing is not None:
        raise missing
    return match


def _asked(rows: Inputs, source: str) -> Asked:
    names = [f"row {row_id}" for row_id in rows.ids]
    return Asked(source=source, ids=rows.ids, texts=rows.texts, names=names)


def _as_before(file: AnswersFile, match: Match) -> bool:
    """Whether the answers are those that were read when an answer had to be written as its label is."""
    column = next((name for name in _READ_BEFORE if name in file.sheet.names), None)
    keys = {name for name in (file.id_column, file.text_column) if name is not None}
    return (
        match.plain
        and file.is_exact
        and file.column.name == column
        and keys <= set(_KEYS)
        and not file.extras.columns
        and file.sheet.form == TextFormat()
    )


def _codes(spec: ArmSpec) -> tuple[Path, ...]:
    return (Path(spec.options["codes"]),) if "codes" in spec.options else ()


def _remedies(spec: ArmSpec, command: str) -> Remedies:
    return Remedies(
        command,
        column=_arm(spec.with_option("column", _VALUE)),
        label_names=f"--label-names names.csv {_arm(spec.text)}",
        codes=_arm(spec.with_option("codes", "names.csv")),
        encoding=_arm(spec.with_option("encoding", _VALUE)),
        match=_arm(spec.with_option("match", _VALUE)),
    )


def _arm(text: str) -> str:
    """The arm as it is typed, `{}` where a value is to stand."""
    return f"--arm '{text}'".replace(_VALUE, "{}")


FAMILY = PredictionsFamily()
