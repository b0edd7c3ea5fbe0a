"""Labels with so few rows that the score says little of them, and rows that are nearly all of one label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.command import command
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.wording import counted, listed, quoted

FEWEST_ROWS = 5
"""Labelled rows of a label below which it is told as rare."""
DOMINATES = 0.95
"""Share of the evaluation rows from which on the score of always answering their label is told."""
_MOST_LISTED = 5

Gold = NDArray[np.int32]


def rare_label_notes(values: Sequence[str], pool: Gold, evaluation: Gold, offered: NDArray[np.int64]) -> Iterator[Note]:
    """What rare labels, and one that is nearly everywhere, make of the scores.

    Args:
        values: the labels.
        pool, evaluation: label indices of the rows of these roles.
        offered: labelled rows by label, of the labelled file and of the test file together.
    """
    scored = np.bincount(evaluation, minlength=len(values))
    learned = np.bincount(pool, minlength=len(values))
    yield from _rare(values, offered)
    missing = np.flatnonzero((scored == 0) & (learned > 0)).tolist()
    if missing:
        yield Note(
            "labels_not_scored",
            f"{counted(len(missing), 'label')} of the pool {'occurs' if len(missing) == 1 else 'occur'} in no "
            f"evaluation row, so the score says nothing about {'it' if len(missing) == 1 else 'them'}: "
            f"{listed([values[label] for label in missing], most=_MOST_LISTED)}.",
        )
    yield from _dominating(values, scored)


def _rare(values: Sequence[str], offered: NDArray[np.int64]) -> Iterator[Note]:
    rare = np.flatnonzero((offered > 0) & (offered < FEWEST_ROWS)).tolist()
    if not rare:
        return
    order = sorted(rare, key=lambda label: int(offered[label]))
    named = [f"{quoted(values[label])} {offered[label]}" for label in order[:_MOST_LISTED]]
    more = f" and {len(order) - _MOST_LISTED} more" if len(order) > _MOST_LISTED else ""
    single = [values[label] for label in order if offered[label] == 1]
    them = "it" if len(rare) == 1 else "them"
    told = f"{counted(len(rare), 'label')} with fewer than {FEWEST_ROWS} rows ({', '.join(named)}{more})"
    meaning = f"the score says next to nothing about {them}"
    if single:
        has, it = ("has 1 row, so it cannot", "it") if len(single) == 1 else ("have 1 row each, so none can", "them")
        meaning = f"{listed(single)} {has} be both learned and scored, and the score says nothing about {it}"
    yield Note("rare_labels", f"{told}: {meaning}. Label more rows of {them}.")


def _dominating(values: Sequence[str], scored: NDArray[np.int64]) -> Iterator[Note]:
    n, most = int(scored.sum()), int(scored.argmax())
    if len(values) < 2 or not n or scored[most] < DOMINATES * n:
        return
    share = scored[most] / n
    all_or = "All" if scored[most] == n else f"{scored[most]} of"
    yield Note(
        "one_label_dominates",
        f"{all_or} {counted(n, 'evaluation row')} {'are' if n > 1 else 'is'} {quoted(values[most])}: always answering "
        f"that has an accuracy of {share:.2f}, which is what scores are to be read against.",
    )


def defined_metric(asked: str | None, usual: str, evaluation: Gold, spec: TaskSpec) -> tuple[str, tuple[Note, ...]]:
    """The metric that decides: the usual one unless one was asked for, and accuracy where that has no meaning.

    Args:
        asked: the metric that the user named.
        usual: what the pool's labels make the default.
        evaluation: label indices of the evaluation rows.
    """
    metric = asked or usual
    if metric != "macro_f1" or len(np.unique(evaluation)) > 1:
        return metric, ()
    why = "All evaluation rows have one label, and macro-F1 is not defined there"
    more = "Label more rows of the others, or name a file that has some with --test."
    if asked is None:
        return "accuracy", (Note("metric_not_defined", f"{why}: judged by accuracy. {more}"),)
    told = f"{why}, so no arm will have a score. {more} Or: {command(spec, metric='accuracy')}"
    return metric, (Note("metric_not_defined", told),)
