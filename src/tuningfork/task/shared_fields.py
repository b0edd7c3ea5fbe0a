"""Rows that have one field in common and differ in another: a premise with several hypotheses, a target, a context.

They make no unit, for nobody knows yet how much one such row tells of another; how many they are is said, with the
option that keeps them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.command import command_with
from tuningfork.task.content import Keys, exact_keys
from tuningfork.task.inputs import Fields
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.task_type import TASK_TYPES
from tuningfork.task.units import as_compared
from tuningfork.task.wording import counted, quoted

_FEWEST_ROWS_SHARED = 0.05
_FEW_VALUES = 5
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Rows whose fields are looked for among others.

    Attributes:
        told: how many they are, in words: '200 evaluation rows'.
        scored: their fields.
        among: those of the others.
        where: what the others are called.
    """

    told: str
    scored: Fields
    among: Fields
    where: str


def shared_field_notes(spec: TaskSpec, data: Fields, name: str, beside: Sequence[Beside]) -> Iterator[Note]:
    """A note on each field of one text that many rows share with rows of other texts, where no group keeps them
    together.

    Args:
        spec: the task, columns filled in.
        data: the labelled rows, of the file that is called `name`.
        beside: what is scored, and what it is learned from.
    """
    if spec.group is not None or not len(data):
        return
    rows: Keys | None = None
    for field in TASK_TYPES.get(spec.type).required:
        if not field.is_list:
            keys = _keys(data, field.name)
            shares = np.zeros(len(keys), np.bool_)
            if len(np.unique(keys)) < len(keys):
                rows = _keys_of_rows(data) if rows is None else rows
                shares = _shared(keys, rows)
            known = [(one, _known(one, field.name)) for one in beside if len(one.scored)]
            if _are_many(shares) or any(_are_many(mask) for _, mask in known):
                yield _note(spec, (spec.fields or {}).get(field.name, field.name), keys, shares, name, known)


def _note(spec: TaskSpec, said: str, keys: Keys, shares: Mask, name: str, known: Sequence[tuple[Beside, Mask]]) -> Note:
    values = len(np.unique(keys))
    leaks = "".join(f"; of {one.told} {int(mask.sum())} have one that {one.where} has too" for one, mask in known)
    few = f" (it has {counted(values, 'value')}: that asks how arms do on others)" if values <= _FEW_VALUES else ""
    return Note(
        "shared_field",
        f"{int(shares.sum())} of {counted(len(keys), 'row')} of {name} share their {quoted(said)} with rows that say "
        f"something else ({counted(len(np.unique(keys[shares])), 'value')}){leaks}. Such rows are not independent, and "
        f"count as if they were. To keep them together, as one draw: {command_with(spec, f'--group {quote(said)}')}"
        f"{few}.",
    )


def _known(beside: Beside, name: str) -> Mask:
    return np.isin(_keys(beside.scored, name), _keys(beside.among, name))


def _are_many(mask: Mask) -> bool:
    return bool(mask.any()) and int(mask.sum()) >= _FEWEST_ROWS_SHARED * len(mask)


def _keys(fields: Fields, name: str) -> Keys:
    return exact_keys(map(as_compared, fields.text(name)))


def _keys_of_rows(fields: Fields) -> Keys:
    return exact_keys("\0".join(map(as_compared, row)) for row in zip(*fields.compared, strict=True))


def _shared(values: Keys, rows: Keys) -> Mask:
    """Which rows have a value that another row with other texts has too; shape (n,)."""
    different = np.unique(np.stack([values, rows], axis=1), axis=0)
    several, counts = np.unique(different[:, 0], return_counts=True)
    return np.isin(values, several[counts > 1])
