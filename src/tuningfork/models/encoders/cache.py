"""Vectors computed once: in memory for the arms and seeds of this run, on disk for the next."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuningfork.foundation.files import write_bytes
from tuningfork.models.encoders.encoder import Encoder, Vectors

_FIRST_CHUNK = 256
_CHUNK_SECONDS = 5.0
_KEY_BYTES = 16
_TEXTS_TO_TIME = 32


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Vectors, and what making the known ones takes.

    Attributes:
        vectors: shape (n, dimensions), in the order of the texts.
        owed_seconds: for texts that were known, and for each repeat of a text, at the encoder's measured speed.
        from_earlier_run: whether any lay on disk when this cache was opened.
    """

    vectors: Vectors
    owed_seconds: float
    from_earlier_run: bool


class EmbeddingCache:
    """Computes each text once per encoder, whoever asks: arms, seeds, label counts, the next run.

    On disk a study's vectors lie in shards, written every few seconds of work, so that a killed run loses little;
    a damaged shard is deleted and its texts are computed again. In memory a text is one entry of a dictionary, so
    that asking again costs about a microsecond a text. The seconds that a shard took lie in it too, so that the
    encoder's speed is known where nothing is computed any more. Safe to use from several threads, and from several
    processes on one folder (they may compute a text twice, never wrongly).

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
        return self.embed_and_tell(encoder, texts, progress).vectors

    def embed_and_tell(
        self, encoder: Encoder, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> Embedded:
        """The same, with what the known ones would have taken."""
        with self._lock:
            table = self._table(encoder)
            keys = [_key(text) for text in texts]
            unknown = {key: text for key, text in zip(keys, texts, strict=True) if key not in table.places}
            earlier = any(table.places.get(key, table.read) < table.read for key in keys)
            known = len(texts) - len(unknown)
            for done in _computed(encoder, unknown, table):
                if progress is not None:
                    progress(known + done, len(texts))
            characters = sum(map(len, texts)) - sum(map(len, unknown.values()))
            owed = characters * _seconds_per_character(encoder, texts, table) if known else 0.0
            return Embedded(table.rows(keys), owed, earlier)

    def _table(self, encoder: Encoder) -> _Table:
        fingerprint = encoder.fingerprint
        if fingerprint not in self._tables:
            self._tables[fingerprint] = _Table(self._folder / fingerprint[:32], encoder.dimensions)
        return self._tables[fingerprint]


class _Table:
    """The known vectors of one encoder, in memory and on disk.

    Attributes:
        places: row of each known text.
        read: how many of them were on disk; theirs are the first places.
        seconds, characters: what computing took, as far as shards say so.
    """

    def __init__(self, folder: Path, dimensions: int) -> None:
        self.places: dict[bytes, int] = {}
        self.seconds, self.characters = 0.0, 0
        self._folder, self._dimensions = folder, dimensions
        self._vectors: Vectors = np.empty((0, dimensions), dtype=np.float32)
        for shard in sorted(folder.glob("*.safetensors")):
            if (content := self._read(shard)) is not None:
                self._hold(*content)
        self.read = len(self.places)

    def rows(self, keys: Sequence[bytes]) -> Vectors:
        """The vectors of known texts, as a copy."""
        places = np.fromiter((self.places[key] for key in keys), dtype=np.int64, count=len(keys))
        found: Vectors = self._vectors[places]
        return found

    def add(self, keys: Sequence[bytes], vectors: Vectors, *, seconds: float, characters: int) -> None:
        """Keep new vectors and what they took: on disk first, whole or not at all."""
        from safetensors.numpy import save

        packed = np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(-1, _KEY_BYTES)
        tensors: dict[str, NDArray[Any]] = {"keys": packed, "vectors": np.ascontiguousarray(vectors, dtype=np.float32)}
        content = save(tensors, metadata={"seconds": repr(seconds), "characters": str(characters)})
        with suppress(OSError):  # a full or read-only disk costs the next run some time, and this one nothing
            write_bytes(self._folder / f"{_digest(content)}.safetensors", content)
        self._hold(list(keys), vectors)
        self.took(seconds, characters)

    def took(self, seconds: float, characters: int) -> None:
        """Note what computing took."""
        self.seconds += seconds
        self.characters += characters

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
            self.took(*_told_by(content))
            return [key.tobytes() for key in keys], tensors["vectors"]
        except (OSError, ValueError, KeyError, SafetensorError):
            shard.unlink(missing_ok=True)
            return None


def _computed(encoder: Encoder, unknown: dict[bytes, str], table: _Table) -> Iterator[int]:
    """Compute what is unknown, in chunks of about five seconds; yields how many texts are done."""
    keys, texts = list(unknown), list(unknown.values())
    start, size = 0, _FIRST_CHUNK
    while start < len(texts):
        end = min(start + size, len(texts))
        began = time.perf_counter()
        vectors = encoder.embed(texts[start:end])
        seconds = time.perf_counter() - began
        table.add(keys[start:end], vectors, seconds=seconds, characters=sum(map(len, texts[start:end])))
        size = max(_FIRST_CHUNK, min(2 * size, int(size * _CHUNK_SECONDS / max(seconds, 1e-3))))
        start = end
        yield end


def _seconds_per_character(encoder: Encoder, texts: Sequence[str], table: _Table) -> float:
    """As measured; where no shard says what it took (an older version wrote them), a few of these texts are timed."""
    if not table.characters:
        few = texts[:_TEXTS_TO_TIME]
        encoder.embed(few[:1])  # warms it up
        began = time.perf_counter()
        encoder.embed(few)
        table.took(time.perf_counter() - began, sum(map(len, few)))
    return table.seconds / max(1, table.characters)


def _told_by(shard: bytes) -> tuple[float, int]:
    """Seconds and characters in a shard's header; (0, 0) where it has none."""
    length = int.from_bytes(shard[:8], "little")
    told = json.loads(shard[8 : 8 + length]).get("__metadata__", {})
    return float(told.get("seconds", 0.0)), int(told.get("characters", 0))


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).digest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
