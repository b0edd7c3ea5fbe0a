"""What a file keeps beside its answers, held against the right labels: it shows rows that were matched wrongly, answers
that are none, and answers that count otherwise where they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import NO_LABEL
from tuningfork.task.answers.matching import Match
from tuningfork.task.answers.reading import AnswersFile
from tuningfork.task.answers.right import RightLabels
from tuningfork.task.readers.scored import RIGHT, SCORE
from tuningfork.task.wording import counted, quoted

_LEAST_AGREEMENT = 0.9
_FEWEST_ROWS = 5
_TARGET = "target"
"""The column in which evaluation harnesses keep what is right."""


def check_against_right(file: AnswersFile, match: Match, right: NDArray[np.int32], *, source: str) -> tuple[str, ...]:
    """What the right labels show of how a file was read; they choose nothing.

    Args:
        match: where the answers of n rows stand.
        right: shape (n,), indices of labels, -1 where there is none.
        source: of the right labels, for messages.

    Returns:
        What a reader of the score should know, in sentences.

    Raises:
        InputError: the file keeps right labels, and they are those of other rows; or all its answers are the right
            labels while another column has answers too.
    """
    known = np.flatnonzero((right != NO_LABEL) & np.array([place is not None for place in match.places], bool))
    if len(known) < _FEWEST_ROWS:
        return ()
    places = [match.places[row] for row in known]
    _refuse_other_rows(file, match, places, right[known], source)
    all_right = file.labels_at(places) == right[known].tolist()
    if not all_right or file.said.column is not None:
        return ()
    if file.column.rivals:
        other = file.column.rivals[0]
        raise InputError(
            f"its column {quoted(file.column.name)} is the right label in all {len(known):,} rows, and column "
            f"{quoted(other)} holds labels too: the one looks like a kept column of right labels",
            file=file.sheet.path,
            remedy=f"Say which one answers: {file.remedies.column(other)}",
        )
    if file.column.name.lower() in {"label", "target", "category", "class", "intent"}:
        return (
            f"column {quoted(file.column.name)} is the right label in all {len(known):,} rows: if it was kept from "
            f"{source}, and is no answer, this score means nothing",
        )
    return ()


def refuse_other_targets(file: AnswersFile, match: Match, right: RightLabels) -> None:
    """Targets show which rows answers are of, where these count as their harness scored them.

    Raises:
        InputError: the file's targets are those of other rows.
    """
    if match.confirmed or match.key == "text" or not _of_one_harness(file, right) or right.column != _TARGET:
        return
    own, theirs = right.sheet.column(_TARGET), file.sheet.column(_TARGET)
    pairs = [(row, place) for row, place in enumerate(match.places) if place is not None]
    others = [(row, place) for row, place in pairs if own[row] != theirs[place]]
    if len(others) <= (1 - _LEAST_AGREEMENT) * len(pairs):
        return
    _, place = others[0]
    raise InputError(
        f"its targets are others than {right.name} has in {len(others):,} of {len(pairs):,} rows matched {match.how}",
        file=file.sheet.path,
        row=file.sheet.rows[place],
        column=_TARGET,
        remedy="The rows are others, or in another order: name files of one task.",
    )


def told_of_scores(file: AnswersFile, match: Match, right: RightLabels) -> str:
    """Where the harness scored answers otherwise than they are counted here, in a sentence; '' where it did not."""
    if not _of_one_harness(file, right):
        return ""
    counted_right = dict(zip(match.places, np.array(file.labels_at(match.places)) == right.indices, strict=True))
    named = [name for name in file.sheet.names if name.startswith(f"{SCORE}.")]
    differing = {name: _differing(file.sheet.column(name), counted_right) for name in named}
    if not differing or not all(differing.values()):
        return ""
    name, number = min(differing.items(), key=lambda one: one[1])
    score = name.removeprefix(f"{SCORE}.")
    return (
        f"{counted(number, 'answer')} of {len(counted_right):,} count{'s' * (number == 1)} otherwise here than by "
        f"{quoted(score)} of {file.sheet.harness}; '?{SCORE}={score}' behind the file goes by that"
    )


def _differing(said: Sequence[str], counted_right: Mapping[int | None, bool]) -> int:
    places = ((place, right) for place, right in counted_right.items() if place is not None and said[place])
    return sum((said[place] == RIGHT) != bool(right) for place, right in places)


def _of_one_harness(file: AnswersFile, right: RightLabels) -> bool:
    return file.sheet.harness == right.sheet.harness != ""


def _refuse_other_rows(
    file: AnswersFile, match: Match, places: Sequence[int | None], right: NDArray[np.int32], source: str
) -> None:
    """Right labels kept beside the answers are those of the rows that they were matched to; texts show that too."""
    kept = file.column.kept
    if kept is None or match.confirmed or match.key == "text":
        return
    fields = file.sheet.column(kept)
    found = np.array([file.reader.find(fields[place]) for place in places if place is not None])
    agree = found == right
    if agree.mean() >= _LEAST_AGREEMENT:
        return
    first = int(np.flatnonzero(~agree)[0])
    place = places[first]
    assert place is not None
    raise InputError(
        f"its column {quoted(kept)} is another label than {source} has in {int((~agree).sum()):,} of {len(right):,} "
        f"rows matched {match.how}: the rows are others, or in another order",
        file=file.sheet.path,
        row=file.sheet.rows[place],
        column=kept,
        remedy="Give both an 'id' or 'text' column that tells the rows"
        + ("." if file.column.name == kept else f"; or, if {quoted(kept)} is no right label, leave it out."),
    )
