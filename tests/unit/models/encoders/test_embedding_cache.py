"""Each text is computed once, whatever happens to the process or the disk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore

TEXTS = [f"message number {number}, about {topic}" for number in range(200) for topic in ("rent", "rain", "trains")]


class Watched:
    """The real static encoder, watched, and stopped after some texts where a test wants that."""

    def __init__(self, encoder: Encoder, *, fingerprint: str | None = None, stop_after: int | None = None) -> None:
        self._encoder, self._stop_after = encoder, stop_after
        self.name, self.fingerprint = encoder.name, fingerprint or encoder.fingerprint
        self.dimensions, self.max_tokens = encoder.dimensions, encoder.max_tokens
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        if self._stop_after is not None and len(self.seen) + len(texts) > self._stop_after:
            raise KeyboardInterrupt
        self.seen += texts
        return self._encoder.embed(texts)


@pytest.fixture(scope="session")
def wordllama(store: ModelStore) -> Encoder:
    return open_encoder("wordllama", store)


def test_it_gives_the_encoder_s_own_vectors_in_order(wordllama: Encoder, tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    expected = wordllama.embed(TEXTS)
    np.testing.assert_array_equal(cache.embed(wordllama, TEXTS), expected)
    np.testing.assert_array_equal(cache.embed(wordllama, TEXTS[::-3]), expected[::-3])
    assert cache.embed(wordllama, []).shape == (0, 256)


def test_a_text_is_computed_once_over_calls_and_runs(wordllama: Encoder, tmp_path: Path) -> None:
    encoder = Watched(wordllama)
    cache = EmbeddingCache(tmp_path)
    cache.embed(encoder, TEXTS[:50] + TEXTS[:50])
    cache.embed(encoder, TEXTS[25:75])
    assert encoder.seen == TEXTS[:75]
    EmbeddingCache(tmp_path).embed(encoder, TEXTS[:100])
    assert encoder.seen == TEXTS[:100]


def test_another_encoder_never_gets_these_vectors(wordllama: Encoder, tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    cache.embed(wordllama, TEXTS[:10])
    other = Watched(wordllama, fingerprint="f" * 64)
    cache.embed(other, TEXTS[:10])
    assert other.seen == TEXTS[:10]


def test_what_was_computed_before_a_kill_is_kept(wordllama: Encoder, tmp_path: Path) -> None:
    stopped = Watched(wordllama, stop_after=300)
    with pytest.raises(KeyboardInterrupt):
        EmbeddingCache(tmp_path).embed(stopped, TEXTS)
    assert 0 < len(stopped.seen) <= 300
    resumed = Watched(wordllama)
    vectors = EmbeddingCache(tmp_path).embed(resumed, TEXTS)
    assert stopped.seen + resumed.seen == TEXTS
    np.testing.assert_array_equal(vectors, wordllama.embed(TEXTS))


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_a_damaged_shard_is_computed_again(wordllama: Encoder, tmp_path: Path, damage: str) -> None:
    EmbeddingCache(tmp_path).embed(wordllama, TEXTS[:100])
    (shard,) = tmp_path.rglob("*.safetensors")
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes({"flip": bytes(content), "cut": bytes(content[:-10]), "empty": b""}[damage])
    encoder = Watched(wordllama)
    vectors = EmbeddingCache(tmp_path).embed(encoder, TEXTS[:100])
    assert encoder.seen == TEXTS[:100]
    np.testing.assert_array_equal(vectors, wordllama.embed(TEXTS[:100]))
    healed = Watched(wordllama)
    EmbeddingCache(tmp_path).embed(healed, TEXTS[:100])
    assert not healed.seen


def test_a_folder_that_cannot_be_written_costs_nothing_now(wordllama: Encoder, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder should be")
    encoder = Watched(wordllama)
    cache = EmbeddingCache(blocked)
    cache.embed(encoder, TEXTS[:10])
    cache.embed(encoder, TEXTS[:10])
    assert encoder.seen == TEXTS[:10]


def test_threads_share_it(wordllama: Encoder, tmp_path: Path) -> None:
    encoder = Watched(wordllama)
    cache = EmbeddingCache(tmp_path)
    results: dict[int, Vectors] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: cache.embed(encoder, TEXTS[n:])})) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(encoder.seen) == sorted(TEXTS)
    expected = wordllama.embed(TEXTS)
    for number, vectors in results.items():
        np.testing.assert_array_equal(vectors, expected[number:])


def test_progress_counts_known_texts_as_done(wordllama: Encoder, tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path)
    cache.embed(wordllama, TEXTS[:100])
    told: list[tuple[int, int]] = []
    cache.embed(wordllama, TEXTS, progress=lambda done, total: told.append((done, total)))
    assert told[0][0] > 100 and told[-1] == (600, 600) and told == sorted(told)
    told.clear()
    cache.embed(wordllama, TEXTS, progress=lambda done, total: told.append((done, total)))
    assert not told


def test_asking_again_is_nearly_free(wordllama: Encoder, tmp_path: Path) -> None:
    """Twenty seeds at seven counts of 500 rows: 70 000 look-ups."""
    cache = EmbeddingCache(tmp_path)
    cache.embed(wordllama, TEXTS)
    began = time.process_time()
    for _ in range(140):
        cache.embed(wordllama, TEXTS[:500])
    assert time.process_time() - began < 1.0
