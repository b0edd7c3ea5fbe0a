"""Rows for choosing recipes: pool and held-out rows, both of a data set's *training* file.

Nothing is chosen on the rows that a published study is scored on, so test files are never opened here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import common
import numpy as np
from numpy.typing import NDArray

from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore

POOL, HELD_OUT = 2000, 1000
SETS = (
    "banking77",
    "clinc150",
    "sst2",
    "tweet_emotion",
    "tweet_offensive",
    "tweet_stance",
    "imdb_counterfactual",
    "ibc",
    "flute",
    "mrf",
)
THINNED = {"sst2": "negative", "tweet_offensive": "offensive", "ibc": "Neutral", "tweet_emotion": "joy"}
"""Sets that are measured a second time with a label thinned to `THIN_SHARE` of all rows: no label of these sets is so
rare that a study would score macro-F1."""
THIN_SHARE = 0.05


@dataclass(frozen=True)
class Rows:
    """A pool and the rows that its recipes are scored on; no text stands in both.

    Attributes:
        name: of the data set, with ' thinned' where a label was made rare.
        texts: of the pool, then of the held-out rows.
        gold: shape (len(texts),), indices into `labels`.
        labels: names.
        pool: how many of the texts are of the pool.
    """

    name: str
    texts: tuple[str, ...]
    gold: NDArray[np.int32]
    labels: tuple[str, ...]
    pool: int

    @cached_property
    def held_out(self) -> NDArray[np.intp]:
        """Places of the held-out rows."""
        return np.arange(self.pool, len(self.texts))

    def sample(self, count: int, seed: int) -> NDArray[np.intp]:
        """Places of the first `count` pool rows in a seed's order: samples of one seed are nested, as in a study."""
        return np.random.default_rng([1, seed]).permutation(self.pool)[:count]


class Embedder:
    """Vectors of texts, kept on disk from one run to the next."""

    def __init__(self, folder: Path) -> None:
        self._cache, self._store = EmbeddingCache(folder), ModelStore()

    def __call__(self, reference: str, texts: tuple[str, ...]) -> Vectors:
        return self._cache.embed(open_encoder(reference, self._store), texts)


def read(name: str, *, thinned: bool = False) -> Rows:
    """Pool and held-out rows of a set: at most 2,000 and 1,000; a third is held out where the file has fewer."""
    found = list(dict.fromkeys(_texts_and_labels(name)))
    found = [found[place] for place in np.random.default_rng(0).permutation(len(found))]
    if thinned:
        found = list(_thin(found, THINNED[name]))
    held_out = min(HELD_OUT, len(found) // 3)
    pool, rest = found[:-held_out][:POOL], found[-held_out:]
    if name == "flute":  # pairs of sentences, of which many share one: a leak
        halves = {half for text, _ in rest for half in _halves(text)}
        pool = [row for row in found[:-held_out] if not halves & set(_halves(row[0]))][:POOL]
    labels = tuple(sorted({label for _, label in found}))
    index = {label: place for place, label in enumerate(labels)}
    rows = [*pool, *rest]
    return Rows(
        name + " thinned" * thinned,
        tuple(text for text, _ in rows),
        np.array([index[label] for _, label in rows], np.int32),
        labels,
        len(pool),
    )


def _texts_and_labels(name: str) -> Iterator[tuple[str, str]]:
    place = ("frontier", f"{name}_train") if name in ("ibc", "flute", "mrf") else (name, "train")
    for row in common.rows(*place):
        yield (f"{row['target']}: {row['text']}" if "target" in row else row["text"]), row["label"]


def _thin(rows: list[tuple[str, str]], rare: str) -> Iterator[tuple[str, str]]:
    """Rows in their order, leaving out rows of the label so that it has its share at every length."""
    kept = others = 0
    for row in rows:
        if row[1] != rare:
            others += 1
        elif kept <= THIN_SHARE / (1 - THIN_SHARE) * others:
            kept += 1
        else:
            continue
        yield row


def _halves(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in re.split(r"(?i)\bpremise:|\bhypothesis:|\n", text) if part.strip())
