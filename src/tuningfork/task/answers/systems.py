"""Systems that answered: each a file, or several runs of one recipe in one file or in several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.answers.checks import check_against_right, refuse_other_targets, told_of_scores
from tuningfork.task.answers.columns import in_words
from tuningfork.task.answers.labels import NO_LABEL
from tuningfork.task.answers.matching import Match
from tuningfork.task.answers.reading import AnswersFile
from tuningfork.task.answers.right import RightLabels
from tuningfork.task.read import FileRead
from tuningfork.task.wording import counted, quoted

_RUNS = frozenset(
    {
        *("run", "runs", "run_id", "run_number", "run_index", "seed", "seeds", "random_seed"),
        *("repeat", "repeats", "repetition", "epoch", "trial", "attempt", "replicate"),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One answer a row.

    Attributes:
        match: where the answers to the n rows stand in the file.
        name, column: of the run, and where it stands, if its file holds several; else ''.
    """

    file: AnswersFile
    match: Match
    name: str = ""
    column: str = ""

    @property
    def labels(self) -> NDArray[np.int32]:
        """Shape (n,): indices of labels; NO_LABEL where an answer is none, or is not there."""
        return np.array(self.file.labels_at(self.match.places), np.int32)

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (n,): rows that have an answer, be it an empty one; not those that a harness has none to."""
        missing = self.file.unanswered
        return np.array([place is not None and place not in missing for place in self.match.places], bool)

    @property
    def invalid(self) -> Counter[str]:
        """What answers that are no label say; '' is an empty one."""
        column, missing = self.file.column, self.file.unanswered
        places = (place for place in self.match.places if place is not None and place not in missing)
        return Counter(column.given[place] for place in places if column.found[place] == NO_LABEL)

    @property
    def probabilities(self) -> NDArray[np.float32] | None:
        """Shape (n, labels), NaN where a row has none; None where the file does not tell them."""
        told = self.file.extras.probabilities
        if told is None:
            return None
        nothing = np.full(told.shape[1], np.nan, np.float32)
        return np.array([nothing if place is None else told[place] for place in self.match.places], np.float32)

    def told_of_each_row(self, values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
        """A column of numbers of the file, in the order of the n rows; NaN where it says nothing."""
        if values is None:
            return None
        return np.array([np.nan if place is None else values[place] for place in self.match.places])


@dataclass(frozen=True, eq=False)
class System:
    """What is compared.

    Attributes:
        name: as the user calls it, or its file's name.
        runs: of a recipe that is random; one where it has only one.
        has_runs: the user or the file says that it is one run of several, so that the recipe is random.
    """

    name: str
    runs: tuple[Run, ...]
    has_runs: bool

    @classmethod
    def of(cls, name: str, files: Sequence[AnswersFile], right: RightLabels, by: str | None) -> System:
        """The system whose answers stand in these files.

        Raises:
            InputError: a file's rows are not those of the right labels, or its runs are of different numbers of rows.
        """
        runs = [run for file in files for run in _runs_in(file, right, by)]
        if right.by_score:
            for run in runs:
                refuse_other_targets(run.file, run.match, right)
        return cls(name, tuple(runs), has_runs=len(runs) > 1 or any(run.name for run in runs))

    @cached_property
    def labels(self) -> NDArray[np.int32]:
        """Shape (n, runs)."""
        return np.column_stack([run.labels for run in self.runs])

    @cached_property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (n,): rows that every run has an answer to."""
        return _answered_by_all(self.runs)

    @cached_property
    def usd(self) -> NDArray[np.float64] | None:
        """Shape (n,): dollars of a row, in the mean over runs; None where a file does not tell them."""
        return _mean([run.told_of_each_row(run.file.extras.usd) for run in self.runs])

    @cached_property
    def seconds(self) -> NDArray[np.float64] | None:
        """The same of seconds."""
        return _mean([run.told_of_each_row(run.file.extras.seconds) for run in self.runs])

    @cached_property
    def probabilities(self) -> tuple[NDArray[np.float32], ...] | None:
        """Of each run, shape (n, labels), NaN where a row has none; None where a file does not tell them."""
        found = [run.probabilities for run in self.runs]
        known = tuple(one for one in found if one is not None)
        return known if len(known) == len(found) else None

    @property
    def invalid(self) -> Counter[str]:
        """What answers that are no label say, over all runs."""
        return sum((run.invalid for run in self.runs), Counter())

    def told(self, right: RightLabels) -> Iterator[str]:
        """What a reader of its score should know, in sentences without a full stop, the weightiest first."""
        n, there = len(right), int(self.answered.sum())
        if there < n:
            yield f"answers {there:,} of {n:,} rows; the others are left out of its comparisons"
        if len(self.runs) > 1:
            yield f"{counted(len(self.runs), 'run')} of one recipe: {self._where()}"
        seen: dict[str, None] = {}
        for run in self.runs:
            seen |= dict.fromkeys(filter(None, (*run.match.told, *_checked(run, right), run.file.errors)))
        yield from seen

    def read(self) -> Iterator[FileRead]:
        """What was read of each of its files."""
        by_file: dict[int, list[Run]] = {}
        for run in self.runs:
            by_file.setdefault(id(run.file), []).append(run)
        for runs in by_file.values():
            used = {place for run in runs for place in run.match.places if place is not None}
            yield runs[0].file.read(runs[0].match.how, used=len(used))

    def _where(self) -> str:
        files = list(dict.fromkeys(run.file.sheet.path.name for run in self.runs))
        if len(files) > 1:
            return "one a file" if len(files) == len(self.runs) else f"in {counted(len(files), 'file')}"
        return f"column {quoted(self.runs[0].column)}"


def _checked(run: Run, right: RightLabels) -> tuple[str, ...]:
    """What the right labels show of how its file was read."""
    if not right.by_score:
        kept = check_against_right(run.file, run.match, right.indices, source=right.name)
        return (*kept, told_of_scores(run.file, run.match, right))
    sheet = run.file.sheet
    goes_by = f"{quoted(sheet.score)} of {sheet.harness}"
    return (f"an answer is right where {goes_by} says so; two wrong ones pass for the same, whatever they say",)


def told_of_systems(systems: Sequence[System], right: RightLabels) -> tuple[str, ...]:
    """What to know of the systems' answers before a score is believed, a sentence each."""
    return tuple(f"{system.name}: {told}." for system in systems for told in system.told(right))


def _runs_in(file: AnswersFile, right: RightLabels, by: str | None) -> list[Run]:
    column = _run_column(file, len(right))
    if column is None:
        return [Run(file, right.match(file, by=by))]
    parts: dict[str, list[int]] = {}
    for place, name in enumerate(file.sheet.column(column)):
        parts.setdefault(name, []).append(place)
    sizes = {name: len(part) for name, part in parts.items()}
    if "" in parts:
        raise InputError(
            "no run here, and there is one elsewhere",
            file=file.sheet.path,
            row=file.sheet.rows[parts[""][0]],
            column=column,
            remedy="Say of every row which run it is of, or leave the column out.",
        )
    runs = [Run(file, right.match(file, by=by, part=part), name, column) for name, part in parts.items()]
    _refuse_uneven(file, column, sizes, runs)
    return runs


def _refuse_uneven(file: AnswersFile, column: str, sizes: Mapping[str, int], runs: Sequence[Run]) -> None:
    """Runs that answer hardly any row in common are no runs of one recipe on these rows."""
    shared = _answered_by_all(runs)
    if 2 * int(shared.sum()) >= len(shared):
        return
    told = ", ".join(f"{quoted(name)} {size:,}" for name, size in list(sizes.items())[:4])
    raise InputError(
        f"its runs answer {int(shared.sum()):,} of {len(shared):,} rows in common (rows: {told})",
        file=file.sheet.path,
        column=column,
        remedy="Every run has to answer the same rows.",
    )


def _run_column(file: AnswersFile, rows: int) -> str | None:
    """The column that tells runs apart: one that is called so, in a file that answers rows more than once.

    Args:
        rows: how many rows there are to answer.
    """
    taken = {file.column.name, file.id_column, file.text_column}
    named = [name for name in file.sheet.names if in_words(name) in _RUNS and name not in taken]
    key = file.id_column or file.text_column
    different = rows if key is None else len(set(file.sheet.column(key)))
    if not named or len(file) <= different:
        return None
    readable = ((name, file.sheet.readable(name)) for name in named)
    return next((name for name, fields in readable if fields is not None and len(set(fields)) > 1), None)


def _answered_by_all(runs: Sequence[Run]) -> NDArray[np.bool_]:
    return np.asarray(np.column_stack([run.answered for run in runs]).all(axis=1), np.bool_)


def _mean(columns: Sequence[NDArray[np.float64] | None]) -> NDArray[np.float64] | None:
    known = [column for column in columns if column is not None]
    return np.mean(known, axis=0) if known and len(known) == len(columns) else None
