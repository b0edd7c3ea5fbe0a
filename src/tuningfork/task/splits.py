"""Which rows go where: evaluation, validation, pool; decided by content and seed alone.

Rows are first put in one canonical order by what they hold, then in one random order. So the file's own order
changes nothing, and asking for fewer rows of a test file gives a prefix of what asking for more gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.content import Keys, exact_keys, keys_of_rows, normalised_keys
from tuningfork.task.randomness import ROWS, UNITS, random_order
from tuningfork.task.units import linked

DEFAULT_EVALUATION_ROWS = 500
VALIDATION_ROWS = 1000
"""At most, where there is no validation file: with as many, six arms that spread by 2 points are ranked with a mean
regret of 0.3 points; with 200 of 0.8."""
VALIDATION_ROWS_OF_SCHEMA_1 = 200
"""The same limit in studies whose ledger has schema version 1, so that their folders are read with their own split."""

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What splitting looks at in n rows of one file.

    Attributes:
        same: keys of the normalised texts; rows that share one never straddle a split.
        exact: keys of the texts as they stand.
        gold: label indices, shape (n,); -1 for none.
        groups: keys of the rows' groups, if there is a group column.
    """

    same: Keys
    exact: Keys
    gold: NDArray[np.int32]
    groups: Keys | None

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        gold: NDArray[np.int32],
        groups: Sequence[str] | None,
        *,
        same: Sequence[Sequence[str]] = (),
    ) -> Content:
        """Content of rows with these texts, label indices and group names.

        Args:
            same: the columns that have to be equal for two rows to be the same, where that is not the text.
        """
        keys = keys_of_rows(same) if len(same) > 1 else normalised_keys(texts)
        return cls(keys, exact_keys(texts), gold, None if groups is None else exact_keys(groups))

    def __len__(self) -> int:
        return len(self.gold)

    def take(self, indices: NDArray[np.intp] | NDArray[np.bool_]) -> Content:
        """The content of some of the rows."""
        groups = None if self.groups is None else self.groups[indices]
        return Content(self.same[indices], self.exact[indices], self.gold[indices], groups)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row indices by role, each in the fixed random order, and what was left out on the way.

    Attributes:
        evaluation: into the test file's rows if there is one, else into the data's.
        validation: into the validation file's rows if there is one, else into the data's.
        pool: into the data's rows.
        shifted: into the shifted file's rows; empty without one.
        out_of_pool, out_of_validation: rows left out because another file scores the same text or group.
        out_of_evaluation: rows of a unit larger than the evaluation set that could go nowhere.
    """

    evaluation: Indices
    validation: Indices
    pool: Indices
    shifted: Indices
    out_of_pool: int
    out_of_validation: int
    out_of_evaluation: int


def split(
    data: Content,
    *,
    test: Content | None = None,
    validation: Content | None = None,
    shifted: Content | None = None,
    most: int | None = DEFAULT_EVALUATION_ROWS,
    most_validation: int = VALIDATION_ROWS,
    seed: int = 0,
) -> Split:
    """Give every labelled row its role.

    Without a test file, evaluation rows are 40 % of the data, at most `most`. Without a validation file, 20 % of
    what remains, at most `most_validation`, are validation rows. Rows with the same text or group stay together:
    those that a test or shifted file scores leave pool and validation, those of a validation file leave the pool.

    Args:
        most: the largest number of evaluation rows, and of shifted rows; None for no limit.
        most_validation: the largest number of validation rows that are taken from the data.
        seed: of all random orders.
    """
    scored = [content for content in (test, shifted) if content is not None]
    free = random_order_of(data, seed)
    kept = free[~shares_content(data.take(free), [*scored, *([] if validation is None else [validation])])]
    out_of_pool = len(free) - len(kept)
    out_of_evaluation = 0

    if test is None:
        evaluation, kept, out_of_evaluation = _evaluation_rows(data, kept, most, seed)
        scored.append(data.take(evaluation))
    else:
        evaluation = random_order_of(test, seed)[:most]

    if validation is None:
        ranking, kept = _set_aside(data, kept, min(len(kept) // 5, most_validation), seed)
        out_of_validation = 0
    else:
        offered = random_order_of(validation, seed)
        ranking = offered[~shares_content(validation.take(offered), scored)]
        out_of_validation = len(offered) - len(ranking)

    return Split(
        evaluation=evaluation,
        validation=ranking,
        pool=kept,
        shifted=np.empty(0, np.intp) if shifted is None else random_order_of(shifted, seed)[:most],
        out_of_pool=out_of_pool,
        out_of_validation=out_of_validation,
        out_of_evaluation=out_of_evaluation,
    )


def random_order_of(content: Content, seed: int) -> Indices:
    """All rows in the random order that depends on what they hold and on the seed, not on where they stand."""
    return _canonical_order(content)[random_order(len(content), seed, ROWS)]


def shares_content(content: Content, others: Sequence[Content]) -> NDArray[np.bool_]:
    """Which rows have the normalised text or the group of a row in `others`; shape (n,)."""
    shared = np.zeros(len(content), dtype=np.bool_)
    for other in others:
        shared |= np.isin(content.same, other.same)
        if content.groups is not None and other.groups is not None:
            shared |= np.isin(content.groups, other.groups)
    return shared


def units(content: Content) -> NDArray[np.intp]:
    """Numbers of the smallest sets of rows that must stay together, shape (n,): same text, same group, or linked
    through a chain of both. Coarser than the units that count as draws (`task.units`), for punctuation is dropped."""
    return linked(content.same, content.groups)


def _canonical_order(content: Content) -> Indices:
    groups = np.zeros(len(content), np.uint64) if content.groups is None else content.groups
    return np.lexsort((groups, content.gold, content.exact, content.same))


def _evaluation_rows(data: Content, rows: Indices, most: int | None, seed: int) -> tuple[Indices, Indices, int]:
    """Evaluation rows, the rows left, and how many could go nowhere.

    Where every unit is larger than 40 %, the smallest is the evaluation set, cut to the limit; what is cut off may
    not be trained on either. A single unit cannot be split: no evaluation row then.
    """
    share = max(1, len(rows) * 2 // 5)
    aside, left = _set_aside(data, rows, share if most is None else min(share, most), seed)
    if len(aside) or not len(rows):
        return aside, left, 0
    unit_of = units(data.take(rows))
    sizes = np.bincount(unit_of)
    smallest = unit_of == np.argmin(sizes) if len(sizes) > 1 else np.zeros(len(rows), np.bool_)
    evaluation = rows[smallest][:most]
    return evaluation, rows[~smallest], int(smallest.sum()) - len(evaluation)


def _set_aside(data: Content, rows: Indices, target: int, seed: int) -> tuple[Indices, Indices]:
    """Whole units, in random order, until `target` rows are full, and the rows left; both in the order of `rows`.

    A unit that is too large for the room still there stays behind, and smaller ones after it fill the room.
    """
    content = data.take(rows)
    unit_of = units(content)
    taken = _units_within(_random_unit_order(content, unit_of, seed), np.bincount(unit_of), target)[unit_of]
    return rows[taken], rows[~taken]


def _random_unit_order(content: Content, unit_of: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
    """Units in an order that does not favour large ones, and does not depend on how rows are numbered."""
    _, first = np.unique(unit_of[_canonical_order(content)], return_index=True)
    by_content = np.argsort(first, kind="stable")
    return by_content[random_order(len(by_content), seed, UNITS)]


def _units_within(order: NDArray[np.intp], sizes: NDArray[np.intp], target: int) -> NDArray[np.bool_]:
    taken = np.zeros(len(sizes), dtype=np.bool_)
    room = target
    for unit in order.tolist():
        if room == 0:
            break
        if sizes[unit] <= room:
            taken[unit] = True
            room -= int(sizes[unit])
    return taken
