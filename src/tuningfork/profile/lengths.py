"""How long texts are, in tokens, and which starter models would not read some of them to the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.starters import starters
from tuningfork.models.store import ModelStore
from tuningfork.profile.figures import Lengths, Truncation
from tuningfork.profile.vocabulary import Vocabulary, vocabulary_there

_ENCODERS_READ = (("finetune:minilm", 128), ("minilm", 256))
"""Of a text at most, in MiniLM's tokens: the recipe's own limit for fine-tuning, and the model folder's."""

_LARGEST_LOCAL_WINDOW = 8192
_MARKS_OF_THE_ENDS = 2
_MOST_CHARACTERS_COUNTED = 20_000_000
_WINDOW = 8192
_WORD_OR_MARK = re.compile(r"\w+|[^\w\s]")


def lengths_of(texts: Sequence[str], *, store: ModelStore | None = None) -> Lengths:
    """Tokens and characters of every text. Nothing is fetched: the tokenizer is the best that is there.

    Args:
        store: where a starter's tokenizer may be; by default the user's own.
    """
    characters = np.fromiter(map(len, texts), np.int32, len(texts))
    vocabulary = vocabulary_there(store or ModelStore())
    # Every k-th text, so that a file of a hundred megabytes takes no longer than one of twenty.
    step = max(1, -(-int(characters.sum(dtype=np.int64)) // _MOST_CHARACTERS_COUNTED))
    counted = _count(texts[::step], vocabulary)
    tokens = _estimated(characters, counted, step) if step > 1 else counted
    return Lengths(
        tokens=tokens,
        characters=characters,
        truncations=tuple(_truncations(tokens)),
        counted_by="words and punctuation marks" if vocabulary is None else vocabulary.name,
        counted=len(counted),
    )


def summed_lengths(texts: Sequence[str], parts: Sequence[Lengths], rows_of: Sequence[NDArray[np.intp]]) -> Lengths:
    """Lengths of texts that are made of parts, a part a line: no token goes over a line's end, so that they add up.

    Args:
        texts: n texts.
        parts: lengths of their parts, in any number.
        rows_of: by part, the row of each of its texts, from 0 to n - 1.
    """
    tokens = np.zeros(len(texts), np.int32)
    for part, rows in zip(parts, rows_of, strict=True):
        np.add.at(tokens, rows, part.tokens)
    share = min((part.counted / max(1, len(part.tokens)) for part in parts), default=1.0)
    return Lengths(
        tokens=tokens,
        characters=np.fromiter(map(len, texts), np.int32, len(texts)),
        truncations=tuple(_truncations(tokens)),
        counted_by=parts[0].counted_by,
        counted=int(share * len(texts)),
    )


def _count(texts: Sequence[str], vocabulary: Vocabulary | None) -> NDArray[np.int32]:
    if vocabulary is None:
        return np.fromiter((len(_WORD_OR_MARK.findall(text)) for text in texts), np.int32, len(texts))
    counts = np.empty(len(texts), np.int32)
    for start in range(0, len(texts), _WINDOW):
        window = [text.encode("utf-8", "replace").decode() for text in texts[start : start + _WINDOW]]
        encodings = vocabulary.tokenizer.encode_batch_fast(window, add_special_tokens=False)
        counts[start : start + len(window)] = [len(encoding) for encoding in encodings]
    return counts


def _estimated(characters: NDArray[np.int32], counted: NDArray[np.int32], step: int) -> NDArray[np.int32]:
    """The tokens of all texts from those of every `step`-th: the others by the same tokens a character."""
    a_character = counted.sum(dtype=np.int64) / max(1, int(characters[::step].sum(dtype=np.int64)))
    tokens: NDArray[np.int32] = np.rint(characters * a_character).astype(np.int32)
    tokens[::step] = counted
    return tokens


def _truncations(tokens: NDArray[np.int32]) -> Iterator[Truncation]:
    windows = {
        starter.name: min(starter.context_tokens, _LARGEST_LOCAL_WINDOW)
        for starter in starters()
        if starter.context_tokens is not None
    }
    for model, most in (*_ENCODERS_READ, *windows.items()):
        longer = int((tokens > most - _MARKS_OF_THE_ENDS).sum())
        if longer:
            yield Truncation(model=model, max_tokens=most, rows=longer)
