"""Near repeats of scored rows among those that are trained on: few leave the pool, many stay and are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tuningfork.errors import InputError
from tuningfork.task.command import command
from tuningfork.task.near_repeats import near_repeats
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.wording import counted

FEW = 0.02
"""Share of a role's rows up to which their near repeats leave the pool: too few to be what the task is made of."""

Handling = Literal["keep", "drop"]


@dataclass(frozen=True, slots=True, eq=False)
class Twins:
    """What was found.

    Attributes:
        pool, unlabelled: which of these rows stay; shapes (pool rows,) and (unlabelled rows,).
        evaluation: which evaluation rows have a near repeat in the pool that stays, shape (evaluation rows,).
        dropped: evaluation rows whose near repeats left the pool.
        notes: what a reader should know of it.
    """

    pool: NDArray[np.bool_]
    unlabelled: NDArray[np.bool_]
    evaluation: NDArray[np.bool_]
    dropped: int
    notes: tuple[Note, ...]


def find_twins(
    pool: Sequence[str],
    unlabelled: Sequence[str],
    scored: Mapping[str, Sequence[str]],
    *,
    spec: TaskSpec,
    drops_few: bool,
) -> Twins:
    """Near repeats between the texts of the pool (and of unlabelled rows) and those of each scored role.

    Args:
        scored: role -> texts; 'evaluation' is among them.
        spec: the task; its `twins` decides, where it is given.
        drops_few: whether, where it is not given, near repeats of few rows leave the pool.
    """
    found = {role: near_repeats(texts, pool) for role, texts in scored.items()}
    near = {role: int(masks[0].sum()) for role, masks in found.items()}
    leave = {role: _leave(spec.twins, n, len(scored[role]), drops_few=drops_few) for role, n in near.items() if n}
    gone = np.zeros(len(pool), np.bool_)
    for role, leaves in leave.items():
        if leaves:
            gone |= found[role][1]
    if leave.get("evaluation", False):
        evaluation = np.zeros(len(scored["evaluation"]), np.bool_)
    elif gone.any():
        evaluation = near_repeats(scored["evaluation"], [pool[row] for row in np.flatnonzero(~gone).tolist()])[0]
    else:
        evaluation = found["evaluation"][0]
    return Twins(
        pool=~gone,
        unlabelled=_fresh(unlabelled, scored) if drops_few and spec.twins != "keep" else np.ones(len(unlabelled), bool),
        evaluation=evaluation,
        dropped=near["evaluation"] if leave.get("evaluation") else 0,
        notes=tuple(note for role, leaves in leave.items() for note in _notes(role, found[role], spec, leaves=leaves)),
    )


def require_something_left(gold: NDArray[np.int32], twins: Twins, spec: TaskSpec) -> None:
    """What stays in the pool can be learned from.

    Args:
        gold: label indices of the pool rows.

    Raises:
        InputError: no row stays, or rows of one label only where there were several.
    """
    left, before = len(np.unique(gold[twins.pool])), len(np.unique(gold))
    if left == before or left > 1:
        return
    n = int((~twins.pool).sum())
    raise InputError(
        f"nothing would be left to learn from: {n} of {counted(len(gold), 'pool row')} nearly repeat rows that are "
        "scored or that rank arms",
        file=spec.data,
        remedy=f"Leave them in, and the verdict gives the scores on rows without a near repeat too: "
        f"{command(spec, twins='keep')}",
    )


def _leave(asked: Handling | None, near: int, of: int, *, drops_few: bool) -> bool:
    return asked == "drop" or (asked is None and drops_few and near <= FEW * of)


def _fresh(unlabelled: Sequence[str], scored: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    """Unlabelled rows that are near to no scored row; nothing is trained on them yet, so they are not counted."""
    if not unlabelled:
        return np.ones(0, np.bool_)
    return ~near_repeats([text for texts in scored.values() for text in texts], unlabelled)[1]


def _notes(
    role: str, found: tuple[NDArray[np.bool_], NDArray[np.bool_]], spec: TaskSpec, *, leaves: bool
) -> Iterator[Note]:
    near, of, repeats = int(found[0].sum()), len(found[0]), int(found[1].sum())
    share = f"{near} of {counted(of, f'{role} row')} ({100 * near / of:.1f} %)"
    if leaves:
        yield Note(
            "near_repeats_dropped",
            f"{counted(repeats, 'row')} left out of the pool: they nearly repeat {share}. To keep them: "
            f"{command(spec, twins='keep')}",
        )
        return
    told = f"{share} nearly {'repeats' if near == 1 else 'repeat'} a row of the pool"
    if role != "evaluation":
        meaning = (
            "what ranks arms may favour those that know rows by heart"
            if role == "validation"
            else "scores there are no scores of new rows"
        )
        yield Note("near_repeats_elsewhere", f"{told}: {meaning}.")
        return
    yield Note(
        "near_repeats",
        f"{told}, so arms may know them by heart; the verdict gives the scores on the other "
        f"{counted(of - near, 'row')} too. Without the {counted(repeats, 'pool row')} that they repeat: "
        f"{command(spec, twins='drop')}",
    )
