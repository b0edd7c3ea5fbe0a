"""Vectors computed once: in memory for the arms and seeds of this run, on disk for the next."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.files import write_bytes
from tuningfork.models.encoders.encoder import Encoder, Vectors

_FIRST_CHUNK = 256
_CHUNK_SECONDS = 5.0
_KEY_BYTES = 16


class EmbeddingCache:
    """Computes each text once per encoder, whoever asks: arms, seeds, label counts, the next run.

    On disk a study's vectors lie in shards, written every few seconds of work, so that a killed run loses little;
    a damaged shard is deleted and its texts are computed again. In memory a text is one entry of a dictionary, so
    that asking again costs about a microsecond a text. Safe to use from several threads, and from several processes
    on one folder (they may compute a text twice, never wrongly).

    For a million texts embedded once (prediction), use the encoder itself: the cache would keep them all.

    Args:
        folder: where the shards lie, one folder an encoder; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, _Table] = {}
        self._lock = threading.Lock()

    def embed(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> Vectors:
        """One unit-length vector a text, in order.

        Args:
            progress: told (texts done, texts in all); known ones count as done. Not called when all are known.
        """
        with self._lock:
            table = self._table(encoder)
            keys = [_key(text) for text in texts]
            unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in table.places}
            known = len(texts) - len(unknown)
            for done in _computed(encoder, unknown, table):
                if progress is not None:
                    progress(known + done, len(texts))
            return table.rows(keys)

    def _table(self, encoder: Encoder) -> _Table:
        fingerprint = encoder.fingerprint
        if fingerprint not in self._tables:
            self._tables[fingerprint] = _Table(self._folder / fingerprint[:32], encoder.dimensions)
        return self._tables[fingerprint]


class _Table:
    """The known vectors of one encoder, in memory and on disk."""

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.places: dict[bytes, int] = {}
        self._folder, self._dimensions = folder, dimensions
        self._vectors: Vectors = np.empty((0, dimensions), dtype=np.float32)
        for shard in sorted(folder.glob("*.safetensors")):
            if (content := self._read(shard)) is not None:
                self._hold(*content)

    def rows(self, keys: Sequence[bytes]) -> Vectors:
        """The vectors of known texts, as a copy."""
        places = np.fromiter((self.places[key] for key in keys), dtype=np.int64, count=len(keys))
        found: Vectors = self._vectors[places]
        return found

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep new vectors: on disk first, whole or not at all."""
        from safetensors.numpy import save

        packed = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, _KEY_BYTES)
        content = save({"keys": packed, "vectors": np.ascontiguousarray(vectors, dtype=np.float32)})
        with suppress(OSError):  # a full or read-only disk costs the next run some time, and this one nothing
            write_bytes(self._folder / f"{_digest(content)}.safetensors", content)
        self._hold(list(keys), vectors)

    def _hold(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        start, end = len(self.places), len(self.places) + len(keys)
        if end > len(self._vectors):
            grown = np.empty((max(end, 2 * len(self._vectors)), self._dimensions), dtype=np.float32)
            grown[:start] = self._vectors[:start]
            self._vectors = grown
        for key, vector in zip(keys, vectors, strict=True):
            place = self.places.setdefault(key, len(self.places))
            self._vectors[place] = vector

    def _read(self, shard: Path) -> tuple[list[bytes], Vectors] | None:
        """A shard's content, or None where it is damaged; a damaged one is deleted."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            content = shard.read_bytes()
            if _digest(content) != shard.stem:
                raise ValueError("not what was written")
            tensors = load(content)
            keys: NDArray[np.uint8] = tensors["keys"]
            return [key.tobytes() for key in keys], tensors["vectors"]
        except (OSError, ValueError, KeyError, SafetensorError):
            shard.unlink(missing_ok=True)
            return None


def _computed(encoder: Encoder, unknown: dict[bytes, str], table: _Table) -> Iterator[int]:
    """Compute what is unknown, in chunks of about five seconds; yields how many texts are done."""
    keys, texts = list(unknown), list(unknown.values())
    start, size = 0, _FIRST_CHUNK
    while start < len(texts):
        began = time.monotonic()
        end = min(start + size, len(texts))
        table.add(keys[start:end], encoder.embed(texts[start:end]))
        seconds = time.monotonic() - began
        size = max(_FIRST_CHUNK, min(2 * size, int(size * _CHUNK_SECONDS / max(seconds, 1e-3))))
        start = end
        yield end


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
