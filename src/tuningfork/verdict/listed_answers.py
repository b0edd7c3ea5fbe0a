"""Answers from lists and arrays, as indices of the right labels; and what no answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tuningfork.answers.runs import RunAnswers
from tuningfork.arms.results import NO_LABEL
from tuningfork.errors import InputError
from tuningfork.foundation.in_memory import is_blank, is_missing, plain_values
from tuningfork.task.answers.labels import FEWEST_ANSWERS, MOSTLY_LABELS
from tuningfork.task.units import Units, units_of
from tuningfork.task.wording import shown
from tuningfork.task.written_alike import WrittenAlike


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Answers of one recipe.

    Attributes:
        answers: as indices of labels, one column a run.
        random: they are runs of a recipe that may answer otherwise next time, be it one run only.
        redrawn: the runs are seen to differ.
        given: how often each label was given, missing ones left out; empty where nobody asks.
    """

    answers: RunAnswers
    random: bool
    redrawn: bool
    given: Counter[Hashable] = field(default_factory=Counter)


def gold_labels(gold: Iterable[Hashable]) -> list[Hashable]:
    truth = plain_values(gold)
    if not truth:
        raise InputError("there are no rows to compare")
    for row, label in enumerate(truth, start=1):
        if isinstance(label, list | dict | set):
            raise InputError(f"a gold label is one value, not {label!r}", row=row)
        if is_blank(label):
            raise InputError("a gold label is missing", row=row, remedy="Leave out rows without a gold label")
    return truth


def draws_of(truth: Sequence[Hashable], groups: Iterable[Hashable] | None, texts: Iterable[str | None] | None) -> Units:
    """Which draw each row belongs to; alone where neither a text nor a group says otherwise."""
    read = [""] * len(truth) if texts is None else _names("texts", texts, truth)
    return units_of([read], None if groups is None else _names("groups", groups, truth))


def _names(what: str, given: Iterable[Hashable], truth: Sequence[Hashable]) -> list[str]:
    return ["" if is_missing(name) else str(name) for name in _same_length(what, plain_values(given), truth)]


def answers_in(
    side: str, given: Iterable[Any], truth: Sequence[Hashable], index: Mapping[Hashable, int], *, runs: bool
) -> Runs:
    """The answers of one side, called so in messages.

    Args:
        index: label -> its place, of all labels of `truth`.
        runs: a row may be a list of answers, one a run of a recipe that is random.

    Raises:
        InputError: not one row an answer, lists where none were said to be, rows of unequal length, or what is no label
            at all.
    """
    rows = plain_values(given)
    if not runs:
        _refuse_lists(side, rows)
        rows = [[label] for label in _same_length(side, rows, truth)]
        return Runs(_indices(side, rows, index), random=False, redrawn=False, given=_given(rows))
    listed = any(isinstance(row, list) for row in rows)
    rows = [row if isinstance(row, list) else [row] for row in rows]
    widths = {len(row) for row in rows}
    if len(rows) != len(truth) and widths == {len(truth)}:
        raise InputError(
            f"{side} has {len(rows)} rows of {len(truth)} predictions, and gold has {len(truth)} rows: it is one row a "
            "run",
            remedy="Give one row a row of gold, and in it one prediction a run: turn it over (in numpy: answers.T)",
        )
    _same_length(side, rows, truth)
    if len(widths) > 1 or 0 in widths:
        raise InputError(f"{side}: every row needs the same number of predictions, one a run")
    answers = _indices(side, rows, index)
    return Runs(answers, random=listed, redrawn=any(_differ(row) for row in rows), given=_given(rows))


def _refuse_lists(side: str, rows: Sequence[Any]) -> None:
    row = next((place for place, value in enumerate(rows, start=1) if isinstance(value, list | tuple | set)), None)
    if row is not None:
        raise InputError(
            f"{side} has {len(rows[row - 1])} values where one label is an answer",
            row=row,
            remedy="Say runs=True if each is the answer of one run of the same recipe; answers that are sets of labels "
            "(kind='label_set') cannot be compared yet",
        )


def _differ(row: Sequence[Hashable]) -> bool:
    """Whether runs answered one row differently, be it both wrongly: then they are no copies of one run."""
    return len({None if is_missing(label) else label for label in row}) > 1


def _indices(side: str, rows: Sequence[Sequence[Any]], index: Mapping[Hashable, int]) -> RunAnswers:
    strings = [label for label in index if isinstance(label, str)]
    alike = WrittenAlike(strings)

    def found(label: Any) -> int:
        if is_missing(label) or label in index:
            return NO_LABEL if is_missing(label) else index[label]
        place = alike.find(label) if isinstance(label, str) else None
        return NO_LABEL if place is None else index[strings[place]]

    try:
        answers = np.array([[found(label) for label in row] for row in rows], dtype=np.int32)
    except TypeError as error:
        problem = f"{side}: a prediction is not a label ({error})"
        raise InputError(problem, remedy="Labels are strings or numbers") from error
    _check_kinds(side, list(_given(rows)), index)
    return RunAnswers.of_labels(answers)


def _check_kinds(side: str, given: Sequence[Hashable], index: Mapping[Hashable, int]) -> None:
    """1 and '1' are different labels; predictions that are all of another kind than gold are a slip, not errors."""
    kinds, known = {type(label) for label in given}, {type(label) for label in index}
    if given and kinds.isdisjoint(known) and not any(label in index for label in given):
        raise InputError(
            f"{side} has labels like {given[0]!r} and gold has labels like {next(iter(index))!r}",
            remedy="Give both as strings, or both as numbers",
        )


def _given(rows: Sequence[Sequence[Hashable]]) -> Counter[Hashable]:
    return Counter(label for row in rows for label in row if not is_blank(label))


def refuse_if_never_labels(side: str, runs: Runs, other: Runs, index: Mapping[Hashable, int]) -> None:
    """Predictions that are all missing, or (almost) never labels, are another column or another writing, not errors.

    What the other side says too may be a label that none of these rows has; so may anything where gold has one label.
    """
    given = runs.given
    if not given:
        raise InputError(f"{side} has no prediction: all are missing", remedy="Give a label a row")
    readable = int(runs.answers.valid.sum())
    if other.answers.valid.any():
        readable += sum(times for label, times in given.items() if label not in index and label in other.given)
    if len(index) < 2 or given.total() < FEWEST_ANSWERS or readable >= MOSTLY_LABELS * given.total():
        return
    often = ", ".join(shown(label) for label, _ in given.most_common(3))
    known = ", ".join(map(shown, list(index)[:3]))
    raise InputError(
        f"{readable} of {given.total()} predictions of {side} are labels of gold: most are {often}, and gold has "
        f"{known}",
        remedy="Write them as gold writes its labels",
    )


def _same_length(side: str, rows: list[Any], truth: Sequence[Hashable]) -> list[Any]:
    if len(rows) != len(truth):
        raise InputError(f"{side} has {len(rows)} rows and gold has {len(truth)}", remedy="Give one of each a row")
    return rows
