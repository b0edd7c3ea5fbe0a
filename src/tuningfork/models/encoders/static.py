"""A static encoder: a text is the mean of its tokens' table rows. No context, no network to run, very fast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from tuningfork.errors import InputError
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.layout import unit_length

_WINDOW = 2048


class StaticEncoder:
    """Mean of token vectors, unit length; every token counts. A text without tokens has a vector of zeros.

    Args:
        folder: holds `table.safetensors` (one matrix, tokens x dimensions) and `tokenizer.json`.
        name: what runs, for people.
        fingerprint: of the two files.

    Raises:
        InputError: the folder does not hold such a pair.
    """

    def __init__(self, folder: Path, *, name: str, fingerprint: str) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        tensors = load_file(folder / "table.safetensors")
        if len(tensors) != 1 or next(iter(tensors.values())).ndim != 2:
            raise InputError("is not one table of token vectors", file=folder / "table.safetensors")
        self.name, self.fingerprint = name, fingerprint
        self._table: Vectors = next(iter(tensors.values())).astype(np.float32)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._table.shape[1])

    @property
    def max_tokens(self) -> int | None:
        """None: every token counts."""
        return None

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        """One vector a text, in order."""
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _WINDOW):
            window = [text.encode("utf-8", "replace").decode() for text in texts[start : start + _WINDOW]]
            encodings = self._tokenizer.encode_batch_fast(window, add_special_tokens=False)
            vectors[start : start + len(window)] = self._pooled([encoding.ids for encoding in encodings])
            if progress is not None:
                progress(min(start + len(window), len(texts)), len(texts))
        return vectors

    def _pooled(self, ids: Sequence[Sequence[int]]) -> Vectors:
        """Unit-length sums of token rows, as one product of a sparse matrix of ones and the table."""
        from scipy.sparse import csr_matrix

        tokens = np.fromiter(chain.from_iterable(ids), dtype=np.int32)
        ends = np.cumsum([0, *(len(row) for row in ids)])
        ones = np.ones(len(tokens), dtype=np.float32)
        return unit_length(csr_matrix((ones, tokens, ends), shape=(len(ids), len(self._table))) @ self._table)
