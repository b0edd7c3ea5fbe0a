"""What a study is asked: the task's schema, as typed by a user or written in task.yaml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from tuningfork.task.labels import LabelSpace
from tuningfork.task.read import FileRead
from tuningfork.task.rows import Evaluation, Pool, Shifted, Unlabelled, Validation

_WITH_UNIT = re.compile(r"\d+(\.\d+)?\s*[^\d\s.].*")


def _values(given: object) -> object:
    """Values as tuples of strings; YAML reads bare words such as true and 1 as something else."""
    if isinstance(given, str):
        return tuple(value.strip() for value in given.split(","))
    listed = given if isinstance(given, list | tuple) else (given,)
    return tuple(str(value).lower() if isinstance(value, bool) else value for value in map(_as_written, listed))


def _as_written(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class TaskSpec(BaseModel):
    """The question: which rows, which columns, which score, which limits. The same names in task.yaml.

    Attributes:
        data: the labelled file (CSV, TSV, JSONL, JSON or Parquet).
        name: a short name for titles; the file's stem by default.
        type: a name in the task-type registry.
        text, label, group: column names; None means guess where it is obvious (group: none).
        fields: field -> column, for types whose rows are more than one text: 'a.b' is what stands under 'b' in the
            nested values of column 'a', 'a,b' two columns of a list.
        symmetric: the two texts of a pair may change places.
        first_option: the number of a row's first option where answers are numbers, 0 or 1; None finds out.
        label_separator: what stands between the texts of a list in one cell.
        test, validation, shifted: files that replace or add a split.
        label_names: a file giving names (and descriptions) to labels that look like codes.
        description: one sentence that tells an LLM what is to be decided.
        metric: a name in the metric registry; None lets the rows decide (see `task.types`).
        margin: the smallest difference that matters, in the score's own numbers (of fractions 0.03 is 3 points), or
            with the metric's unit, as '0.5 cups'; None lets the metric say it.
        eval_rows: how many evaluation rows at most, 'all', or None for the default of 500.
        encoding: of text files; UTF-8 unless said, a byte-order mark of UTF-16 or UTF-32 is obeyed.
        delimiter: of CSV files; None means found from the header.
        columns: names of all columns of CSV files without a header, in their order.
        keep: column -> values: only rows that have one of these values in that column are taken.
        several_labels: what becomes of rows with several labels: 'drop' leaves them out, 'keep' takes each combination
            for a label of its own; None refuses them.
        annotators: what becomes of texts that several people labelled: 'vote' (also None) takes the label of most,
            'keep' takes every row as it stands.
        seed: of the splits and of all sampling.
        twins: whether pool rows that nearly repeat scored ones stay ('keep') or leave the pool ('drop'); None drops
            them where they concern at most 2 % of the evaluation rows.
        answers: to questions of the decision flow that only a person can answer; yes, no or unknown by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    name: str | None = None
    type: str = "classification"
    text: str | None = None
    label: str | None = None
    group: str | None = None
    fields: dict[str, str] | None = None
    symmetric: bool = False
    first_option: Literal[0, 1] | None = None
    label_separator: str | None = Field(default=None, min_length=1, max_length=3)
    test: Path | None = None
    validation: Path | None = None
    shifted: Path | None = None
    label_names: Path | None = None
    description: str | None = None
    metric: str | None = None
    margin: float | str | None = None
    eval_rows: int | Literal["all"] | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    columns: tuple[str, ...] | None = None
    keep: dict[str, tuple[str, ...]] | None = None
    several_labels: Literal["drop", "keep"] | None = None
    annotators: Literal["vote", "keep"] | None = None
    seed: int = Field(default=0, ge=0)
    twins: Literal["keep", "drop"] | None = None
    answers: dict[str, Literal["yes", "no", "unknown"]] | None = None

    @field_validator("margin", mode="before")
    @classmethod
    def _as_margin(cls, given: object) -> object:
        """A fraction, or a number with its unit."""
        if isinstance(given, str) and _WITH_UNIT.fullmatch(given.strip()):
            return given.strip()
        if given is None:
            return None
        try:
            fraction = float(given)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise ValueError("should be a number, or one with its unit, as '0.5 cups'") from error
        if not 0 < fraction < 1:
            raise ValueError("should be greater than 0 and less than 1, or a number with its unit, as '0.5 cups'")
        return fraction

    @field_validator("columns", mode="before")
    @classmethod
    def _as_names(cls, given: object) -> object:
        """Names between commas, as on the command line, are a list too."""
        return tuple(name.strip() for name in given.split(",")) if isinstance(given, str) else given

    @field_validator("keep", mode="before")
    @classmethod
    def _as_values(cls, given: object) -> object:
        """One value, or values between commas, are a list too."""
        if not isinstance(given, dict):
            return given
        return {column: _values(values) for column, values in given.items()}

    @field_validator("answers", mode="before")
    @classmethod
    def _as_words(cls, given: object) -> object:
        """YAML reads a bare yes or no as a truth value."""
        if not isinstance(given, dict):
            return given
        words = {True: "yes", False: "no"}
        return {name: words[value] if isinstance(value, bool) else value for name, value in given.items()}


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader should know: `code` for programs, `message` for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class TaskData:
    """A task with its rows in their roles: all that a study needs to know of the data.

    Attributes:
        spec: the question, with every guess filled in (columns, name, metric).
        labels: the label space, in order of value.
        notes: what was guessed, dropped, moved or clipped, for plan and report.
        fingerprint: SHA-256 over the roles' ids, texts and golds: two studies of the same rows share it.
        read: what was read of each file, the labelled one first.
        twins: which evaluation rows have a near repeat in the pool, shape (evaluation rows,); None for none.
        twins_dropped: evaluation rows whose near repeats left the pool.
    """

    spec: TaskSpec
    labels: LabelSpace
    pool: Pool
    validation: Validation
    evaluation: Evaluation
    shifted: Shifted | None
    unlabelled: Unlabelled
    notes: tuple[Note, ...]
    fingerprint: str
    read: tuple[FileRead, ...] = ()
    twins: NDArray[np.bool_] | None = None
    twins_dropped: int = 0

    @property
    def metric(self) -> str:
        """Name of the metric that decides."""
        assert self.spec.metric is not None, "prepare() fills the metric in"
        return self.spec.metric
