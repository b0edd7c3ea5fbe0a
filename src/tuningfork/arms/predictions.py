"""`predictions:FILE?side=…`: answers made elsewhere, judged beside the other arms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar, cast

import numpy as np

from tuningfork.arms.family import Estimate, Family, Fitted, Progress, Services, Setting
from tuningfork.arms.records import NO_LABEL, Inputs, Prediction, Side, TrialPlan, Usage
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.task.labels import LabelSpace
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.rows import Pool, for_choosing
from tuningfork.task.schema import Note
from tuningfork.task.table import Table

_SIDES = ("llm", "fine-tuned", "combined")
_KEYS = ("id", "text")
_ANSWERS = ("label", "prediction")
_Answer = TypeVar("_Answer", int, str)


class PredictionsFamily(Family):
    """`predictions:FILE?side=llm|fine-tuned|combined`.

    The file (CSV, JSONL, Parquet) has a column `id` or `text` (or both), and a column `prediction` or `label`. A row
    is found by its id, else by its exact text.
    """

    name: ClassVar[str] = "predictions"
    side: ClassVar[Side] = "combined"
    reads_texts: ClassVar[bool] = False

    def check(self, spec: ArmSpec) -> None:
        spec.only_options("side")
        if not spec.model:
            raise InputError(f"{spec.text!r} names no file", remedy="Write predictions:FILE?side=llm")
        self.side_of(spec)
        path = Path(spec.model)
        columns = column_names(path)
        for needed in (_KEYS, _ANSWERS):
            if not set(needed) & set(columns):
                raise InputError(
                    f"no column {' or '.join(map(repr, needed))} (there are: {', '.join(columns)})",
                    file=spec.model,
                    remedy="Rename a column: id or text tells the row, label or prediction its answer.",
                )
        table, keys, answer = _read(path, columns)
        _lookup(table, keys[0], list(map(str.strip, table.columns[answer])), must_agree=True)

    def side_of(self, spec: ArmSpec) -> Side:
        if "side" not in spec.options:
            raise InputError(
                f"{spec.text!r} does not say who made these answers",
                remedy="Add ?side=llm, ?side=fine-tuned or ?side=combined.",
            )
        return cast(Side, spec.choice("side", "", among=_SIDES))

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """The file's content, and the labels' names, by which it may answer."""
        return (hash_of_file(Path(spec.model)), setting.labels.names)

    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        return (TrialPlan(arm=spec.text, level=0, n_labels=None, seed=0, deterministic=True),)

    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        return Estimate(fit_seconds=0.1, row_seconds=1e-5)

    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        for_choosing(sample)
        path = Path(spec.model)
        return _Answers(*_read(path, column_names(path)), setting.labels)


class _Answers:
    """Answers by row id and by text."""

    fit_usage = Usage()

    def __init__(self, table: Table, keys: Sequence[str], answer: str, labels: LabelSpace) -> None:
        self._source = table.source
        self.model = Path(table.source).name
        indices = _indices(labels)
        given = [value.strip() for value in table.columns[answer]]
        found = [indices.get(value, NO_LABEL) for value in given]
        self._by = {key: _lookup(table, key, found, must_agree=key == keys[0]) for key in keys}
        self.notes = _invalid_note(self.model, given, found)
        self.details = (("rows in file", str(len(table))), ("column", answer))

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        """Look every row up.

        Raises:
            InputError: a row has no answer in the file; it is named.
        """
        answers = [self._answer(row_id, text) for row_id, text in zip(rows.ids, rows.texts, strict=True)]
        if progress is not None:
            progress(len(rows), len(rows))
        return Prediction(labels=np.array(answers, np.int32)), Usage()

    def time_rows(self, texts: Sequence[str]) -> tuple[float, ...]:
        """Nothing: how long these answers took is not known here."""
        return ()

    def _answer(self, row_id: str, text: str) -> int:
        for key, value in (("id", row_id), ("text", text)):
            answer = self._by.get(key, {}).get(value.strip())
            if answer is not None:
                return answer
        shown = text if len(text) <= 60 else f"{text[:57]}…"
        raise InputError(
            f"no answer for row {row_id} ({shown!r})",
            file=self._source,
            remedy=f"Every evaluation row needs one, found by its {' or '.join(self._by)}.",
        )


def _read(path: Path, columns: Sequence[str]) -> tuple[Table, list[str], str]:
    """The rows of a file of answers, its columns that tell rows apart, and the one that answers."""
    keys = [name for name in _KEYS if name in columns]
    answer = next(name for name in reversed(_ANSWERS) if name in columns)
    return read_table(path, [*keys, answer]), keys, answer


def _indices(labels: LabelSpace) -> dict[str, int]:
    """Label by its value in the file, or by its name where no other label has that value."""
    by_name = {name: index for index, name in enumerate(labels.names)}
    return by_name | {value: index for index, value in enumerate(labels.values)}


def _lookup(table: Table, key: str, answers: Sequence[_Answer], *, must_agree: bool) -> Mapping[str, _Answer]:
    """Answer by id or text; a key with different answers is an error, or left out where another key decides.

    Raises:
        InputError: the same row is answered twice, differently.
    """
    lookup: dict[str, _Answer] = {}
    unclear: set[str] = set()
    for value, answer, row in zip(map(str.strip, table.columns[key]), answers, table.rows, strict=True):
        if lookup.setdefault(value, answer) == answer:
            continue
        if must_agree:
            raise InputError(
                f"a second, different answer for {value[:60]!r}",
                file=table.source,
                row=row,
                column=key,
                remedy="Keep one answer a row.",
            )
        unclear.add(value)
    return {value: answer for value, answer in lookup.items() if value not in unclear}


def _invalid_note(name: str, given: Sequence[str], found: Sequence[int]) -> tuple[Note, ...]:
    invalid = Counter(value for value, index in zip(given, found, strict=True) if index == NO_LABEL)
    if not invalid:
        return ()
    example = invalid.most_common(1)[0][0]
    message = (
        f"{name}: {invalid.total()} of {len(given)} answers are no label of this task (most often {example[:40]!r}); "
        "they count as errors"
    )
    return (Note("invalid_answers", message),)


FAMILY = PredictionsFamily()
