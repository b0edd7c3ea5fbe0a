"""The narrow door to any text encoder: texts in, one vector a text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (n, dimensions)."""


class Encoder(Protocol):
    """A frozen encoder. Made by `models.encoders.opening.open_encoder`."""

    @property
    def name(self) -> str:
        """What runs: 'wordllama', 'minilm-int8', 'minilm onnx', …"""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text could get another vector: weights' hash, pooling, length limit."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int | None:
        """Longer texts are cut here; None when every token counts."""

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        """One unit-length vector a text, in order. Batched by length; not cached (see `EmbeddingCache`)."""
