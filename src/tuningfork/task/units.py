"""Which rows are one draw: the smallest sets that intervals, tests, splits and samples treat as a whole.

Rows are one unit where they share a group, or where their text fields are all equal but for case, runs of blanks and
ways of composing characters; also where a chain of both links them. This is finer than what splits keep together
(`content.normalised`, which drops punctuation too), so that a split never cuts a unit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.content import Keys, exact_keys

Units = NDArray[np.intp]
"""Shape (n,): equal numbers are one unit."""


def as_compared(text: str) -> str:
    """The text as units compare it: NFKC, without case, every run of blanks one space and none at the ends."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split())


def units_of(fields: Sequence[Sequence[str]], groups: Sequence[str] | None = None) -> Units:
    """The unit of each row, numbered from 0 in the order in which units first appear.

    Args:
        fields: the text fields, each with n texts; rows of a classification have one field. Rows need all fields
            equal, not one of several. A row whose fields are all blank shares its text with no other.
        groups: n names of groups, if there is a group column; '' is no group.

    Raises:
        ValueError: no field, or fields and groups of different lengths.
    """
    lengths = {len(column) for column in (*fields, *(() if groups is None else (groups,)))}
    if not fields or len(lengths) != 1:
        raise ValueError(f"units need a text field, and columns of one length: {sorted(lengths)}")
    texts = ["\0".join(map(as_compared, row)) for row in zip(*fields, strict=True)]
    blank = "\0" * (len(fields) - 1)
    keys = _keys_but_of(blank, texts)
    return _by_appearance(linked(keys, None if groups is None else _keys_but_of("", groups)))


def linked(texts: Keys, groups: Keys | None) -> Units:
    """Rows that share a key, directly or through a chain of rows that share the one or the other; in any numbering."""
    _, text_of = np.unique(texts, return_inverse=True)
    if groups is None:
        return text_of.astype(np.intp)
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, group_of = np.unique(groups, return_inverse=True)
    n_texts, n_groups = (int(numbers.max(initial=-1)) + 1 for numbers in (text_of, group_of))
    links = (np.ones(len(texts), np.int8), (text_of, n_texts + group_of))
    _, component = connected_components(coo_matrix(links, shape=(n_texts + n_groups,) * 2), directed=False)
    return np.asarray(component[text_of], dtype=np.intp)


def n_units(units: Units) -> int:
    """How many different units there are."""
    return len(np.unique(units))


def _keys_but_of(nothing: str, values: Sequence[str]) -> Keys:
    """Keys of values; one that is `nothing` has a key of its own, which no sound text can have."""
    return exact_keys(f"{nothing}\0{row}" if value == nothing else value for row, value in enumerate(values))


def _by_appearance(numbers: NDArray[np.intp]) -> Units:
    """The same units, numbered in the order of their first rows."""
    _, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[place]
