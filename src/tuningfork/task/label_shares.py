"""Whether labels are as frequent in the test file as in the pool: scores of one mixture say little of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.schema import Note
from tuningfork.task.wording import counted, quoted

SURE = 0.005
"""P-value below which shares differ: of files with the same shares, one in two hundred is said to differ."""
FAR = 0.05
"""Share of the rows that would need another label (total variation), below which a difference is of no account."""
_FEWEST_EXPECTED = 5.0
"""Rows expected in both files together, below which labels are counted as one (Cochran, 1954)."""
_MOST_NAMED = 3

Counts = NDArray[np.float64]


def p_value(first: Counts, second: Counts) -> float:
    """Of the chi-square test of homogeneity; labels with few rows are taken as one. 1.0 where nothing is to compare.

    Args:
        first, second: rows by label, shape (labels,).
    """
    from scipy.special import chdtrc

    table = _pooled(np.stack([first, second]))
    sums = table.sum(axis=1)
    if table.shape[1] < 2 or not sums.all():
        return 1.0
    expected = np.outer(sums, table.sum(axis=0)) / table.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def variation(first: Counts, second: Counts) -> float:
    """Half the sum of the differences between shares: 0 where they are the same, 1 where no label is in both."""
    return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)


def share_notes(
    values: Sequence[str],
    pool: NDArray[np.int32],
    test: NDArray[np.int32],
    *,
    draws: tuple[int, int],
    name: str,
) -> Iterator[Note]:
    """A note where the test file's evaluation rows have other shares of labels than the pool, surely and by much.

    Args:
        values: the labels.
        pool, test: label indices of the pool and of the evaluation rows.
        draws: how many draws the rows of each are; rows of one group are no evidence of their own.
        name: of the test file.
    """
    if not len(pool) or not len(test):
        return
    here, there = (np.bincount(gold, minlength=len(values)).astype(np.float64) for gold in (pool, test))
    weights = draws[0] / len(pool), draws[1] / len(test)
    if variation(here, there) < FAR or p_value(here * weights[0], there * weights[1]) >= SURE:
        return
    shares = here / here.sum(), there / there.sum()
    order = np.argsort(-np.abs(shares[1] - shares[0]), kind="stable")[:_MOST_NAMED]
    named = [
        f"{quoted(values[label])} {_percent(shares[0][label])} of the pool, {_percent(shares[1][label])} of {name}"
        for label in order
        if shares[0][label] != shares[1][label]
    ]
    yield Note(
        "label_shares_differ",
        f"Labels are not as frequent in {name} as in the pool: {'; '.join(named)}. Scores are of the test file's "
        f"mixture ({counted(len(test), 'row')}), and need not hold for another.",
    )


def _pooled(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table without empty labels, those with few expected rows in one column."""
    table = table[:, table.sum(axis=0) > 0]
    if not table.size:
        return table
    smaller = table.sum(axis=1).min() / max(table.sum(), 1.0)
    few = table.sum(axis=0) * smaller < _FEWEST_EXPECTED
    if not few.any():
        return table
    return np.concatenate([table[:, ~few], table[:, few].sum(axis=1, keepdims=True)], axis=1)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"
