"""Which texts nearly repeat one of many others: they share a long run of words, or differ in one short word only.

A pair of premise and hypothesis beside the same premise with another hypothesis is near by the first rule, a message
with another number in it by the second. All of it is looked up by hashes of word runs (Karp and Rabin, 1987), kept for
the few texts that are asked about, while the many pass by in parts: the time is linear in their characters.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FEWEST_WORDS = 8
"""Of a shared run; fewer make a turn of phrase."""
SHARE_OF_WORDS = 0.4
"""Of a text that the shared run has to be, at least: a premise is that much of its pair."""
ALWAYS_ENOUGH = 24
"""Words of a shared run that are no chance in a text of any length."""
_FEWEST_COMPARED, _MOST_COMPARED = 6, 16
"""Words of texts of which one may differ: in shorter ones it is too much, in longer ones a long run is left anyway."""
_SHARE_OF_LETTERS = 0.1
"""Of a text that the one other word may have."""
_FEWEST_DIFFERENT = 5
"""Different words of a run, so that '@user @user @user …' is none."""
_COMMON_SHARE, _FEWEST_COMMON = 0.25, 10
"""Share of the texts, and number, from which on a run is what they all have (a greeting, a form), and no repeat."""

_NUMBER, _MODULUS = 0x9E3779B97F4A7C15, 1 << 64
_BASE, _BACK = np.uint64(_NUMBER), np.uint64(pow(_NUMBER, -1, _MODULUS))
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_CHARACTERS_AT_ONCE = 60_000
_LONGEST = 100_000
"""Characters of a text that are looked at."""
_LEAST_SIEVE_BITS = 18
_WITHOUT_BLANKS = ((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800), (0x3040, 0xA000), (0xF900, 0xFB00))
"""Code points of scripts that put no blanks between words: each character is taken for a word."""

Hashes = NDArray[np.uint64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


def near_repeats(texts: Sequence[str], among: Sequence[str]) -> tuple[Mask, Mask]:
    """Which of `texts` have a near (or equal) text in `among`, and which of `among` are near to one of `texts`.

    Near is not the same seen from both sides: the run has to be much of the text that is asked about.

    Args:
        texts: n texts that are asked about, such as the rows that are scored.
        among: m texts, of any number.

    Returns:
        Masks of shapes (n,) and (m,).
    """
    form = _form_of(texts)
    asked = _Asked.of(texts, form)
    repeated, repeats = np.zeros(len(asked.keys), np.bool_), np.zeros(len(among), np.bool_)
    for start, part in _parts(among):
        words = _Words.of(part).without(form)
        for kind, keys, rows in _keys(words, asked.lengths):
            found, place = asked.find(kind, keys)
            repeated[place] = True
            repeats[start + rows[found]] = True
    near = np.zeros(len(texts), np.bool_)
    near[asked.row_of[repeated[asked.key_of]]] = True
    return near, repeats


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The words of some texts, one after the other.

    Attributes:
        hashes: one a word, the same for the same word.
        letters: how long each word is.
        row: the text of each word.
        first: number of each text's first word, shape (texts + 1,).
        sums: `hashes` times powers of the base, summed up: what a run of words is comes from two of them.
    """

    hashes: Hashes
    letters: NDArray[np.int64]
    row: NDArray[np.int64]
    first: NDArray[np.int64]
    sums: Hashes

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Words:
        plain = [_plain(text[:_LONGEST]) for text in texts]
        codes = np.frombuffer("\n".join([*plain, ""]).encode("utf-32-le", "surrogatepass"), "<u4")
        kinds = _kinds()[np.minimum(codes, 0xFFFF)]
        inside = (kinds[1:] == 1) & (kinds[:-1] == 1)
        goes_on = np.concatenate([[False], inside, [False]])[: len(codes) + 1]
        begins = np.flatnonzero((kinds > 0) & ~goes_on[:-1])
        ends = np.flatnonzero((kinds > 0) & ~goes_on[1:]) + 1
        powers, back = _powers(len(codes) + 1)
        hashes = _mixed(_runs(_summed(codes.astype(np.uint64) + np.uint64(1), powers), begins, ends, back))
        lengths = np.fromiter(map(len, plain), np.int64, len(plain)) + 1
        row = np.searchsorted(np.cumsum(lengths), begins, side="right")
        first = np.searchsorted(row, np.arange(len(texts) + 1))
        return cls(hashes, ends - begins, row, first, _summed(hashes, powers))

    @property
    def counts(self) -> NDArray[np.int64]:
        """Words of each text."""
        return np.diff(self.first)

    def runs(self, length: int) -> tuple[Hashes, NDArray[np.int64]]:
        """A key for each run of so many words within one text, and the number of its first word."""
        begins = np.arange(max(0, len(self.hashes) - length + 1))
        begins = begins[self.row[begins] == self.row[begins + length - 1]]
        return _mixed(_runs(self.sums, begins, begins + length, _powers(len(self.sums))[1])), begins

    def without(self, form: Hashes) -> _Words:
        """The same without the words of any run of `FEWEST_WORDS` whose key is in `form`, which is sorted."""
        if not len(form):
            return self
        keys, begins = self.runs(FEWEST_WORDS)
        of_form = begins[form[np.minimum(np.searchsorted(form, keys), len(form) - 1)] == keys]
        steps = np.zeros(len(self.hashes) + 1, np.int64)
        np.add.at(steps, of_form, 1)
        np.add.at(steps, of_form + FEWEST_WORDS, -1)
        own = np.cumsum(steps)[:-1] == 0
        hashes, row = self.hashes[own], self.row[own]
        first = np.searchsorted(row, np.arange(len(self.first)))
        return _Words(hashes, self.letters[own], row, first, _summed(hashes, _powers(len(hashes) + 1)[0]))

    def but_one(self) -> tuple[Hashes, NDArray[np.int64]]:
        """Keys of each short text: of the whole, and without each of its words that is short beside it; with its row.

        Texts that share such a key are the same but for that word: one more, one less, or another one.
        """
        back = _powers(len(self.sums))[1]
        totals = np.concatenate([[0], np.cumsum(self.letters)])
        letters = totals[self.first[1:]] - totals[self.first[:-1]]
        short = (self.counts >= _FEWEST_COMPARED) & (self.counts <= _MOST_COMPARED)
        whole = np.flatnonzero((self.counts > 0) & (self.counts <= _MOST_COMPARED))
        begin, end = self.first[:-1], self.first[1:]
        keys = _runs(self.sums, begin[whole], end[whole], back)
        left = np.flatnonzero(short[self.row] & (self.letters <= _SHARE_OF_LETTERS * letters[self.row]))
        row = self.row[left]
        before = self.sums[left] - self.sums[begin[row]]
        after = (self.sums[end[row]] - self.sums[left + 1]) * _BACK
        return _mixed(np.concatenate([keys, (before + after) * back[begin[row]]])), np.concatenate([whole, row])


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The texts that are asked about, as keys.

    Attributes:
        lengths: of the runs that are looked for.
        keys: all keys, sorted, each once.
        sieve: by the first bits of a key, whether any key has them.
        key_of, row_of: each key of each text: its place in `keys`, and the text.
    """

    lengths: tuple[int, ...]
    keys: Hashes
    sieve: Mask
    key_of: NDArray[np.intp]
    row_of: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str], form: Hashes) -> _Asked:
        lengths: set[int] = set()
        found = [(np.empty(0, np.uint64), np.empty(0, np.int64))]
        for start, part in _parts(texts):
            words = _Words.of(part).without(form)
            needed = _needed(words.counts)
            lengths |= set(needed.tolist())
            for kind, keys, rows in _keys(words, sorted(set(needed.tolist())), needed=needed):
                found.append((_of_kind(keys, kind), start + rows))
        keys, row_of = (np.concatenate(column) for column in zip(*found, strict=True))
        known, key_of = np.unique(keys, return_inverse=True)
        kept = ~_common(key_of, row_of, len(known), len(texts))
        known, place = known[kept], np.cumsum(kept) - 1
        there = kept[key_of]
        sieve = np.zeros(1 << max(_LEAST_SIEVE_BITS, len(known).bit_length() + 4), np.bool_)
        sieve[_first_bits(known, len(sieve))] = True
        return cls(tuple(sorted(lengths)), known, sieve, place[key_of[there]], row_of[there])

    def find(self, kind: int, keys: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which of some keys of a kind are known, and their places."""
        asked = _of_kind(keys, kind)
        maybe = np.flatnonzero(self.sieve[_first_bits(asked, len(self.sieve))])
        if not len(maybe) or not len(self.keys):
            return maybe[:0], maybe[:0]
        place = np.minimum(np.searchsorted(self.keys, asked[maybe]), len(self.keys) - 1)
        same = self.keys[place] == asked[maybe]
        return maybe[same], place[same]


def _form_of(texts: Sequence[str]) -> Hashes:
    """Keys of the runs of `FEWEST_WORDS` that so many of the texts have that they are a form, sorted: the words of a
    form (a greeting, a quoted mail) are no part of what a text says, whatever stands at its ends."""
    found = [(np.empty(0, np.uint64), np.empty(0, np.int64))]
    for start, part in _parts(texts):
        words = _Words.of(part)
        keys, begins = words.runs(FEWEST_WORDS)
        found.append((keys, start + words.row[begins]))
    keys, row_of = (np.concatenate(column) for column in zip(*found, strict=True))
    known, key_of = np.unique(keys, return_inverse=True)
    return known[_common(key_of, row_of, len(known), len(texts))]


def _keys(
    words: _Words, lengths: Sequence[int], *, needed: NDArray[np.int64] | None = None
) -> Iterator[tuple[int, Hashes, NDArray[np.int64]]]:
    """Keys by kind, with the texts they are of: 0 for whole texts, else the length of runs.

    Args:
        needed: of the texts that are asked about: how long a run has to be for each, so that only such are given, and
            none that repeats few words.
    """
    whole, rows = words.but_one()
    yield 0, whole, rows
    for length in lengths:
        keys, begins = words.runs(length)
        rows = words.row[begins]
        if needed is not None:
            kept = (needed[rows] == length) & _varied(words, begins, length)
            keys, rows = keys[kept], rows[kept]
        yield length, keys, rows


def _needed(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Words that a shared run needs in texts of so many words, an even number so that there are few lengths."""
    share = np.ceil(SHARE_OF_WORDS * counts / 2).astype(np.int64) * 2
    return np.clip(share, FEWEST_WORDS, ALWAYS_ENOUGH)


def _varied(words: _Words, begins: NDArray[np.int64], length: int) -> Mask:
    """Which runs have words enough that differ."""
    if not len(begins):
        return np.zeros(0, np.bool_)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(words.hashes, length)[begins], axis=1)
    different: NDArray[np.intp] = (windows[:, 1:] != windows[:, :-1]).sum(axis=1) + 1
    return different >= _FEWEST_DIFFERENT


def _common(key_of: NDArray[np.intp], row_of: Rows, n_keys: int, n_texts: int) -> Mask:
    """Which keys are of so many of the texts that they tell nothing.

    Args:
        key_of, row_of: each key of each text, and that text.
    """
    limit = max(_FEWEST_COMMON, math.ceil(_COMMON_SHARE * n_texts))
    often: Mask = np.bincount(key_of, minlength=n_keys) > limit
    there = often[key_of]
    pairs = np.sort(key_of[there] * np.int64(n_texts) + row_of[there])
    once = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]]
    common: Mask = np.bincount(once // max(1, n_texts), minlength=n_keys) > limit
    return common


def _plain(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _parts(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Consecutive texts of together some thousand characters, with the number of the first."""
    start, characters = 0, 0
    for place, text in enumerate(texts):
        characters += min(len(text), _LONGEST)
        if characters > _CHARACTERS_AT_ONCE:
            yield start, texts[start : place + 1]
            start, characters = place + 1, 0
    if start < len(texts):
        yield start, texts[start:]


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """By code point up to 0xFFFF, which stands for all above: 0 between words, 1 in words, 2 a word of its own."""
    kinds = np.fromiter((chr(c).isalnum() or unicodedata.category(chr(c))[0] == "M" for c in range(0x10000)), np.uint8)
    for begin, end in _WITHOUT_BLANKS:
        kinds[begin:end] *= 2
    kinds[0xFFFF] = 2
    return kinds


@lru_cache(maxsize=4)
def _powers_to(bits: int) -> tuple[Hashes, Hashes]:
    ones = np.ones(1 << bits, np.uint64)
    up, down = ones.copy(), ones.copy()
    up[1:], down[1:] = _BASE, _BACK
    return np.cumprod(up), np.cumprod(down)


def _powers(n: int) -> tuple[Hashes, Hashes]:
    """The first n powers of the base or more, and of its inverse (modulo 2^64)."""
    return _powers_to(max(16, (n - 1).bit_length()))


def _summed(values: Hashes, powers: Hashes) -> Hashes:
    """Sums of the first 0, 1, … values, each times its power of the base."""
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * powers[: len(values)])])


def _runs(sums: Hashes, begins: NDArray[np.int64], ends: NDArray[np.int64], back: Hashes) -> Hashes:
    """One number for each run of values, the same wherever it stands."""
    return (sums[ends] - sums[begins]) * back[begins]


def _mixed(keys: Hashes) -> Hashes:
    keys = (keys ^ (keys >> np.uint64(31))) * _MIX
    return keys ^ (keys >> np.uint64(29))


def _of_kind(keys: Hashes, kind: int) -> Hashes:
    """Keys that no other kind shares."""
    return keys + np.uint64(kind * _NUMBER % _MODULUS)


def _first_bits(keys: Hashes, size: int) -> NDArray[np.int64]:
    """Places in a sieve of a size that is a power of two."""
    return (keys >> np.uint64(65 - size.bit_length())).astype(np.int64)
