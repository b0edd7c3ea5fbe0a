"""Probable misspellings, found in the rows themselves, without a dictionary.

A rare word that is one slip of the pen away from a word that the same file uses very often, and that no tokenizer knows
as a word, is probably that word misspelt. It is a lower bound: a slip that makes another word, or of a word that the
file seldom has, is not seen. The starters' tokenizers know English words above all; in other languages a few of those
found are rare words that are right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set

_WORD = re.compile(r"(?<!\w)[^\W\d_]{5,20}(?!\w)")
_FEWEST_OF_THE_RIGHT = 10
_TIMES_AS_OFTEN = 20
_ENDING = 2
"""Letters at the end in which a difference may be grammar (works, worked) and is no slip."""


def rows_with_misspellings(texts: Sequence[str], known: Set[str]) -> int:
    """Rows with at least one probable misspelling.

    Only words in lower case count, of five letters or more, for a name is often one letter away from a word.

    Args:
        known: words that are right as they are.
    """
    words = [set(filter(str.islower, _WORD.findall(text))) for text in texts]
    misspelt = misspellings_of(Counter(word for row in words for word in row)) - known
    return sum(not misspelt.isdisjoint(row) for row in words)


def misspellings_of(counts: Counter[str]) -> set[str]:
    """The words of a file that are probably misspelt, or are rare words that look so.

    Args:
        counts: word -> rows that hold it.
    """
    common = {word: count for word, count in counts.items() if count >= _FEWEST_OF_THE_RIGHT}
    by_trace: dict[str, list[str]] = {}
    for word in common:
        for trace in _traces(word):
            by_trace.setdefault(trace, []).append(word)
    return {word for word, count in counts.items() if _is_misspelt(word, count, common, by_trace)}


def _is_misspelt(word: str, count: int, common: dict[str, int], by_trace: dict[str, list[str]]) -> bool:
    near = {other for trace in _traces(word) for other in by_trace.get(trace, ())}
    return any(count * _TIMES_AS_OFTEN <= common[other] and _is_slip(word, other) for other in near)


def _traces(word: str) -> Iterator[str]:
    """The word, and the word without one of its letters: two words one slip apart share one of these."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _is_slip(word: str, right: str) -> bool:
    """Whether one letter doubled, dropped, added or two neighbours swapped turns `right` into `word`.

    A letter that was replaced by another one is no slip here: that is how other words come about (house, horse). Nor
    is a difference at the very beginning or in the ending.
    """
    if word == right or word[0] != right[0]:
        return False
    same = next((place for place, (a, b) in enumerate(zip(word, right, strict=False)) if a != b), None)
    if same is None or same >= min(len(word), len(right)) - _ENDING:
        return False
    if len(word) == len(right):
        swapped = right[:same] + right[same + 1 : same + 2] + right[same] + right[same + 2 :]
        return word == swapped
    longer, shorter = sorted((word, right), key=len, reverse=True)
    return longer[:same] + longer[same + 1 :] == shorter
