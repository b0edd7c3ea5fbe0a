"""Which texts are almost the same: MinHash sketches of character shingles find candidates, exact Jaccard decides.

One permutation hashing (Li, Owen and Zhang, 2012), empty bins filled from random others (Shrivastava, 2017), and bands
(Leskovec et al., Mining of Massive Datasets, 3.4): the time is linear in the characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.randomness import random_order

SIMILARITY = 0.8
"""Jaccard similarity from which on two texts are near."""

_SHINGLE = 5
_BANDS, _ROWS = 21, 6
"""A pair at the threshold shares a band with probability .998, one at .4 with .08."""

_BINS = _BANDS * _ROWS
_EMPTY = np.uint32(0xFFFFFFFF)
_LEAST_AGREEMENT = 0.5
"""Share of equal bins below which a pair is not worth the exact look."""

_NEIGHBOURS = 8
"""How many texts of a band's bucket each is compared with: those that follow it in the alphabet."""

_CHARACTERS_AT_ONCE = 1_000_000
_PAIRS_AT_ONCE = 20_000
_ORDERS = np.stack([random_order(_BINS, seed) for seed in range(_BINS)])
_BASE, _MIX = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def candidate_pairs(texts: Sequence[str]) -> NDArray[np.int64]:
    """Pairs of texts that are probably near, as indices (a, b) with a < b, each pair once; shape (m, 2).

    Args:
        texts: all different and sorted, so that what is found does not hang on the order of rows.
    """
    sketches = _sketches(texts)
    n = max(1, len(texts))
    codes = [a * n + b for band in range(_BANDS) for a, b in _neighbours(_band(sketches, band))]
    code: NDArray[np.int64] = np.unique(np.concatenate([np.empty(0, np.int64), *codes]))
    pairs = np.stack([code // n, code % n], axis=1)
    parts = np.array_split(pairs, len(pairs) // _PAIRS_AT_ONCE + 1)
    agreement = np.concatenate([(sketches[part[:, 0]] == sketches[part[:, 1]]).mean(axis=1) for part in parts])
    return pairs[agreement >= _LEAST_AGREEMENT]


def are_near(text: str, other: str) -> bool:
    """Whether the Jaccard similarity of the two texts' sets of shingles is at least `SIMILARITY`."""
    one, two = _shingles(text), _shingles(other)
    shared = len(one & two)
    return shared >= SIMILARITY * (len(one) + len(two) - shared)


def _shingles(text: str) -> set[str]:
    return {text[start : start + _SHINGLE] for start in range(max(1, len(text) - _SHINGLE + 1))}


def _sketches(texts: Sequence[str]) -> NDArray[np.uint32]:
    """One sketch a text, shape (n, bins): the chance that two agree in a bin is about their Jaccard similarity."""
    sketches = np.empty((len(texts), _BINS), np.uint32)
    for start, part in _parts(texts):
        sketches[start : start + len(part)] = _filled(_least_hashes(part))
    return sketches


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    start, characters = 0, 0
    for place, text in enumerate(texts):
        characters += len(text)
        if characters > _CHARACTERS_AT_ONCE:
            yield start, texts[start : place + 1]
            start, characters = place + 1, 0
    if start < len(texts):
        yield start, texts[start:]


def _least_hashes(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The least hash of each text's shingles in each bin; `_EMPTY` where none fell."""
    padded = [text.ljust(_SHINGLE, "\0") for text in texts]
    lengths = np.fromiter(map(len, padded), np.int64, len(padded))
    codes = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    shingles = lengths - (_SHINGLE - 1)
    row = np.repeat(np.arange(len(texts)), shingles)
    # A shingle of the n-th text begins 4 n places further on than its own number, for the last 4 letters begin none.
    begins = np.arange(len(row)) + row * (_SHINGLE - 1)
    hashes = np.zeros(len(row), np.uint64)
    for offset in range(_SHINGLE):
        hashes = hashes * _BASE + codes[begins + offset]
    hashes = (hashes ^ (hashes >> np.uint64(33))) * _MIX
    hashes = (hashes ^ (hashes >> np.uint64(29))) * _BASE
    bins = ((hashes >> np.uint64(32)) * np.uint64(_BINS)) >> np.uint64(32)
    least = np.full((len(texts), _BINS), _EMPTY)
    np.minimum.at(least.reshape(-1), row * _BINS + bins.astype(np.int64), hashes.astype(np.uint32))
    return least


def _filled(least: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Every empty bin with the hash of another one: the first in an order of its own that is not empty."""
    filled = least.copy()
    rows, bins = np.nonzero(least == _EMPTY)
    for attempt in _ORDERS.T:
        hashes = least[rows, attempt[bins]]
        filled[rows, bins] = hashes
        missing = hashes == _EMPTY
        rows, bins = rows[missing], bins[missing]
        if not len(rows):
            break
    return filled


def _band(sketches: NDArray[np.uint32], band: int) -> NDArray[np.uint64]:
    """One number a text for the bins of a band."""
    number = np.zeros(len(sketches), np.uint64)
    for column in range(band, _BINS, _BANDS):
        number = (number ^ sketches[:, column]) * _BASE
        number ^= number >> np.uint64(31)
    return number


def _neighbours(band: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Texts with the same number, up to `_NEIGHBOURS` apart in the alphabet of those."""
    order = np.argsort(band, kind="stable").astype(np.int64)
    numbers = band[order]
    for apart in range(1, _NEIGHBOURS + 1):
        same = np.flatnonzero(numbers[apart:] == numbers[:-apart])
        if not len(same):
            return
        yield order[same], order[same + apart]
