"""What a reader should know of how the rows fell: repeats, rows left out, labels that are hard to tell apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.splits import Content, Split
from tuningfork.task.wording import counted, listed
from tuningfork.task.written_alike import folded

_FEWEST_EVALUATION_ROWS = 50
_MANY_LABELS = 20


def content_notes(data: Content, name: str) -> Iterator[Note]:
    """Repeated texts, and repeated texts whose labels contradict each other, in the labelled rows of one file."""
    _, places, counts = np.unique(data.same, return_inverse=True, return_counts=True)
    repeated = int((counts[places] > 1).sum())
    if repeated:
        yield Note(
            "duplicates_kept_together",
            f"{counted(repeated, 'row')} of {name} repeat a text (case, blanks and punctuation aside): repeats were "
            f"kept on the same side of every split.",
        )
    texts, places, counts = np.unique(data.exact, return_inverse=True, return_counts=True)
    lowest, highest = np.full(len(texts), np.iinfo(np.int32).max), np.full(len(texts), -1)
    np.minimum.at(lowest, places, data.gold)
    np.maximum.at(highest, places, data.gold)
    contradicting = int((lowest < highest).sum())
    if contradicting:
        rows = int(counts[lowest < highest].sum())
        yield Note(
            "contradicting_duplicates",
            f"{counted(contradicting, 'text')} of {name} ({rows} rows) have more than one label: no arm can get all "
            f"of them right.",
        )


def label_notes(values: Sequence[str], n_rows: int) -> Iterator[Note]:
    """Labels that look alike, or are so many that the column may be no label at all."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for value in values:
        spellings[folded(value)].append(value)
    alike = [" / ".join(same) for same in spellings.values() if len(same) > 1]
    if alike:
        message = (
            f"Labels that differ in case, blanks, look-alike or unseen characters only are kept apart: {listed(alike)}."
        )
        yield Note("similar_labels", message)
    if len(values) > max(_MANY_LABELS, n_rows // 2):
        message = f"{len(values)} labels in {n_rows} rows: is this column really the label?"
        yield Note("many_labels", message)


def unseen_label_note(values: Sequence[str], pool: NDArray[np.int32], scored: NDArray[np.int32]) -> Iterator[Note]:
    """Labels of scored rows that no pool row has."""
    unseen = np.setdiff1d(scored, pool)
    if len(unseen):
        yield Note(
            "labels_unseen_in_pool",
            f"{counted(len(unseen), 'label')} of scored rows occur in no pool row, so trained arms know at most their "
            f"names: {listed([values[label] for label in unseen])}.",
        )


def split_notes(spec: TaskSpec, made: Split, offered: int, names: dict[str, str]) -> Iterator[Note]:
    """What was left out, cut or clipped.

    Args:
        offered: labelled rows that evaluation rows were drawn from.
        names: role of a file ('data', 'test', …) -> its name.
    """
    others = " or ".join(name for role, name in names.items() if role != "data")
    if made.out_of_pool:
        message = f"{counted(made.out_of_pool, 'row')} of {names['data']} left out of the pool: their text or group"
        yield Note("dropped_from_pool", f"{message} is in {others} too.")
    if made.out_of_validation:
        message = f"{counted(made.out_of_validation, 'row')} of {names['validation']} left out of validation"
        yield Note("dropped_from_validation", f"{message}: their text or group is scored too.")
    if made.out_of_evaluation:
        message = f"{counted(made.out_of_evaluation, 'row')} left out: they belong to a unit (same text or group)"
        yield Note("dropped_from_evaluation", f"{message} that is larger than the evaluation set.")
    yield from _evaluation_size_notes(spec, len(made.evaluation), offered, names)


def _evaluation_size_notes(spec: TaskSpec, n: int, offered: int, names: dict[str, str]) -> Iterator[Note]:
    if "test" in names and n < offered:
        message = f"{n} of {offered} rows of {names['test']}, drawn at random, are the evaluation rows"
        yield Note("evaluation_subset", f"{message} (--eval-rows N or all asks for more).")
    if isinstance(spec.eval_rows, int) and spec.eval_rows > n:
        limit = f"{names['test']} has no more" if "test" in names else "they are at most 40 % of the rows"
        yield Note("eval_rows_clipped", f"{spec.eval_rows} evaluation rows were asked for, {n} are there: {limit}.")
    if n < _FEWEST_EVALUATION_ROWS:
        message = f"Only {counted(n, 'evaluation row')}: with fewer than {_FEWEST_EVALUATION_ROWS} the verdict stays"
        yield Note("few_evaluation_rows", f"{message} undecided. Label more rows, or add a file with --test.")
