"""When two texts are the same: 64-bit keys, so that a million rows compare in an instant."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
"""Shape (n,): equal texts have equal keys; unequal ones differ but for a chance of n^2 / 2^65 over the whole set."""


class _WithoutDecoration(dict[int, int | None]):
    """A table for `str.translate` in which blanks and punctuation vanish; it fills itself as characters are met."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        decoration = (
            character.isspace() or character in string.punctuation or unicodedata.category(character).startswith("P")
        )
        self[code] = None if decoration else code
        return self[code]


_WITHOUT_DECORATION = _WithoutDecoration()


def normalised(text: str) -> str:
    """The text without case, blanks, punctuation and ways of composing characters.

    Blanks and punctuation vanish altogether, so that "don't", "dont" and "don 't" are one. A text of nothing else
    ("?!") keeps its punctuation.
    """
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return folded.translate(_WITHOUT_DECORATION) or "".join(folded.split())


def normalised_keys(texts: Iterable[str]) -> Keys:
    """Keys under which texts are the same when they are `normalised` to the same."""
    return exact_keys(map(normalised, texts))


def keys_of_rows(columns: Sequence[Sequence[str]]) -> Keys:
    """The same of rows with several columns, all of which have to be `normalised` to the same."""
    return exact_keys("\0".join(map(normalised, row)) for row in zip(*columns, strict=True))


def exact_keys(texts: Iterable[str]) -> Keys:
    """Keys under which only identical texts are the same (BLAKE2b, 8 bytes)."""
    digests = b"".join(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
