"""Rows that repeat another row, in one file or across two: as they stand, nearly so, and with another label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tuningfork.profile.figures import Duplicates, Leakage
from tuningfork.profile.near_duplicates import SIMILARITY, are_near, candidate_pairs
from tuningfork.task.content import exact_keys, normalised
from tuningfork.task.near_repeats import near_repeats

_MOST_EXAMPLES = 5


def duplicates_in(ids: Sequence[str], texts: Sequence[str], labels: Sequence[str]) -> Duplicates:
    """What repeats within one file. The counts do not hang on the order of rows.

    Near rows are counted by groups: of rows that are near one another, directly or by way of others, all but one
    repeat.

    Args:
        ids, texts, labels: one a row; '' is no label.
    """
    plain = [normalised(text) for text in texts]
    first: dict[str, int] = {}
    for row, text in enumerate(plain):
        first.setdefault(text, row)
    distinct = sorted(first)
    near = [sorted((first[distinct[a]], first[distinct[b]])) for a, b in _joining_pairs(distinct)]
    examples = sorted(near, key=lambda pair: pair[::-1])[:_MOST_EXAMPLES]
    return Duplicates(
        exact=len(texts) - len(np.unique(exact_keys(texts))),
        normalised=len(texts) - len(distinct),
        near=len(near),
        similarity=SIMILARITY,
        contradicting=_contradicting(plain, labels),
        examples=tuple((ids[earlier], ids[later]) for earlier, later in examples),
    )


def leakage(role: str, data_texts: Sequence[str], other_texts: Sequence[str]) -> Leakage:
    """Rows of another file that stand in the labelled file too.

    Args:
        role: of the other file: 'test', 'validation' or 'shifted'.
    """
    data = {normalised(text) for text in data_texts}
    same = [normalised(text) in data for text in other_texts]
    fresh = [text for text, known in zip(other_texts, same, strict=True) if not known]
    near, _ = near_repeats(fresh, data_texts)
    return Leakage(role=role, rows=sum(same), near=int(near.sum()), of=len(other_texts))


def _contradicting(plain: Sequence[str], labels: Sequence[str]) -> int:
    """Labelled rows whose text has another label elsewhere."""
    seen: dict[str, set[str]] = {}
    for text, label in zip(plain, labels, strict=True):
        if label:
            seen.setdefault(text, set()).add(label)
    return sum(bool(label) and len(seen[text]) > 1 for text, label in zip(plain, labels, strict=True))


def _joining_pairs(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Near pairs, as indices; of each group of near texts one fewer than it has, which join it."""
    parent = list(range(len(texts)))

    def group(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for a, b in candidate_pairs(texts).tolist():
        one, other = group(a), group(b)
        if one != other and are_near(texts[a], texts[b]):
            parent[max(one, other)] = min(one, other)
            yield a, b
