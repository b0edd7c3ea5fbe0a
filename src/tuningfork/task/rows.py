"""Row roles as types: what may be trained on, what may rank arms, and what may only be scored.

No role is a kind of another. Code that chooses takes `Pool` or `Validation`; handing it evaluation or
shifted rows is a type error, and `for_choosing` makes it an error at run time too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import bare, columned
from tuningfork.answers.column import Column
from tuningfork.errors import RoleError
from tuningfork.task.inputs import Fields, Inputs
from tuningfork.task.units import Units, units_of

Gold = NDArray[np.int32]
"""Shape (n,): index of each row's label in the LabelSpace; -1 where there is none. Of answers of another kind than
categories it is their column, which only what is of that kind looks into: its target, its metrics."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """n rows of one role.

    Attributes:
        ids: unique within the study, and naming the place in the file, e.g. 'tickets.csv:17'.
        texts: what is to be labelled; of rows with several fields, all of them as one text.
        gold: what the right answers are, as metrics and targets of their kind take it: of categories their indices,
            of any other kind a column of it.
        groups: names of the groups that must stay together, if there is a group column.
        fields: the named fields, of rows that are more than one text.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    gold: Gold
    groups: tuple[str, ...] | None = None
    fields: Fields | None = None
    _units: Units | None = field(default=None, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def answers(self) -> Column:
        """The right answers, as a column of their kind."""
        return columned(self.gold)

    @property
    def inputs(self) -> Inputs:
        """The rows without their labels, as arms are given them."""
        # Fields of no rows are fields all the same, and false.
        return Inputs(self.ids, Fields.of_texts(self.texts) if self.fields is None else self.fields)

    @property
    def units(self) -> Units:
        """Which draw each row belongs to, shape (n,): rows of one text or group have the same number.

        Found once and kept. Rows that were taken from others keep their numbers, so that two that a third one links
        stay one unit where the third was left behind.
        """
        known = self._units
        if known is None:
            known = units_of([self.texts] if self.fields is None else self.fields.compared, self.groups)
            known.flags.writeable = False
            object.__setattr__(self, "_units", known)
        return known

    def take(self, indices: Sequence[int] | NDArray[Any]) -> Self:
        """The rows at `indices`, in that order, in the same role."""
        chosen = [int(i) for i in indices]
        taken = type(self)(
            ids=tuple(self.ids[i] for i in chosen),
            texts=tuple(self.texts[i] for i in chosen),
            gold=bare(self.answers.take(np.array(chosen, np.intp))),
            groups=None if self.groups is None else tuple(self.groups[i] for i in chosen),
            fields=None if self.fields is None else self.fields.take(chosen),
        )
        units = self.units[chosen]
        units.flags.writeable = False
        object.__setattr__(taken, "_units", units)
        return taken


class Pool(_Rows):
    """Rows that may be trained on, shown as examples, and used to choose within a trial."""

    __slots__ = ()


class Validation(_Rows):
    """Rows that rank arms within a side, and serve nothing else."""

    __slots__ = ()


class Evaluation(_Rows):
    """Rows that the verdict is made on, in their one fixed random order. Nothing is chosen on them."""

    __slots__ = ()


class Shifted(_Rows):
    """Deployment rows unlike the pool: scored, never chosen on."""

    __slots__ = ()


class Unlabelled(_Rows):
    """Rows without a label, kept for later use."""

    __slots__ = ()


def for_choosing(rows: object) -> None:
    """Guard at the door of code that trains, tunes or chooses.

    Raises:
        RoleError: the rows are neither `Pool` nor `Validation`.
    """
    if not isinstance(rows, Pool | Validation):
        role = type(rows).__name__
        raise RoleError(f"{role} rows were handed to code that chooses; only pool and validation rows may be")
