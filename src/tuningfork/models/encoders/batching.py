"""Texts to batches: tokenised in windows, sorted by length, so that little is spent on padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.encoders.encoder import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WINDOW = 4096


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of similar length.

    Attributes:
        rows: their places in the sequence of texts.
        ids: token ids, shape (rows, tokens), padded on the right up to the longest row.
        mask: 1 for a token, 0 for padding.
    """

    rows: NDArray[np.int64]
    ids: NDArray[np.int64]
    mask: NDArray[np.int64]


def embed_in_batches(
    texts: Sequence[str],
    tokenizer: Tokenizer,
    run: Callable[[Batch], Vectors],
    *,
    as_read: Callable[[str], str],
    dimensions: int,
    tokens_per_batch: int,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """Every text's vector, in the order of the texts.

    Args:
        run: the model on one batch; called from `workers` threads.
        as_read: a text as the tokenizer is given it.
        tokens_per_batch: padded tokens a batch may hold; one row always goes, however long.
    """
    vectors = np.zeros((len(texts), dimensions), dtype=np.float32)
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        for batches in _windows(texts, tokenizer, as_read, tokens_per_batch):
            for batch, result in zip(batches, pool.map(run, batches), strict=True):
                vectors[batch.rows] = result
                done += len(batch.rows)
                if progress is not None:
                    progress(done, len(texts))
    return vectors


def _windows(
    texts: Sequence[str], tokenizer: Tokenizer, as_read: Callable[[str], str], tokens_per_batch: int
) -> Iterator[list[Batch]]:
    for start in range(0, len(texts), _WINDOW):
        window = [as_read(text) for text in texts[start : start + _WINDOW]]
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(window)]
        order = sorted(range(len(ids)), key=lambda place: len(ids[place]), reverse=True)
        yield [_batch(group, ids, start) for group in _groups(order, ids, tokens_per_batch)]


def _groups(order: Sequence[int], ids: Sequence[Sequence[int]], tokens_per_batch: int) -> Iterator[list[int]]:
    group: list[int] = []
    for place in order:  # longest first, so that the first row of a group decides its width
        if group and len(ids[group[0]]) * (len(group) + 1) > tokens_per_batch:
            yield group
            group = []
        group.append(place)
    if group:
        yield group


def _batch(group: Sequence[int], ids: Sequence[Sequence[int]], start: int) -> Batch:
    width = max(1, *(len(ids[place]) for place in group))
    padded = np.zeros((len(group), width), dtype=np.int64)
    mask = np.zeros((len(group), width), dtype=np.int64)
    for row, place in enumerate(group):
        padded[row, : len(ids[place])] = ids[place]
        mask[row, : len(ids[place])] = 1
    return Batch(np.asarray(group, dtype=np.int64) + start, padded, mask)
