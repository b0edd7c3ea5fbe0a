"""How long texts are, in tokens, and which starter models would not read some of them to the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.starters import starters
from tuningfork.models.store import ModelStore
from tuningfork.profile.records import Lengths, Truncation

_ENCODERS_READ = (("finetune:minilm", 128), ("minilm", 256))
"""Of a text at most, in MiniLM's tokens: the recipe's own limit for fine-tuning, and the model folder's."""

_LARGEST_LOCAL_WINDOW = 8192
_MARKS_OF_THE_ENDS = 2
_MOST_CHARACTERS_COUNTED = 20_000_000
_WINDOW = 8192
_TOKENIZERS = (("minilm-int8", "MiniLM"), ("minilm", "MiniLM"), ("wordllama", "WordLlama"))
_WORD_OR_MARK = re.compile(r"\w+|[^\w\s]")


def lengths_of(texts: Sequence[str], *, store: ModelStore | None = None) -> Lengths:
    """Tokens and characters of every text. Nothing is fetched: the tokenizer is the best that is there.

    Args:
        store: where a starter's tokenizer may be; by default the user's own.
    """
    characters = np.fromiter(map(len, texts), np.int32, len(texts))
    counter = _counter(store or ModelStore())
    # Every k-th text, so that a file of a hundred megabytes takes no longer than one of twenty.
    step = max(1, -(-int(characters.sum(dtype=np.int64)) // _MOST_CHARACTERS_COUNTED))
    counted = counter.count(texts[::step])
    tokens = _estimated(characters, counted, step) if step > 1 else counted
    return Lengths(
        tokens=tokens,
        characters=characters,
        truncations=tuple(_truncations(tokens)),
        counted_by=counter.name,
        counted=len(counted),
    )


@dataclass(frozen=True, slots=True)
class _Counter:
    """Whose tokens are counted, and its tokenizer file; None counts words and punctuation marks."""

    name: str
    tokenizer: Path | None

    def count(self, texts: Sequence[str]) -> NDArray[np.int32]:
        if self.tokenizer is None:
            return np.fromiter((len(_WORD_OR_MARK.findall(text)) for text in texts), np.int32, len(texts))
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self.tokenizer))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        counts = np.empty(len(texts), np.int32)
        for start in range(0, len(texts), _WINDOW):
            window = [text.encode("utf-8", "replace").decode() for text in texts[start : start + _WINDOW]]
            encodings = tokenizer.encode_batch_fast(window, add_special_tokens=False)
            counts[start : start + len(window)] = [len(encoding) for encoding in encodings]
        return counts


def _counter(store: ModelStore) -> _Counter:
    for starter, name in _TOKENIZERS:
        if store.is_present(starter):
            return _Counter(name, store.locate(starter) / "tokenizer.json")
    return _Counter("words and punctuation marks", None)


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
