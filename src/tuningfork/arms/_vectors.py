"""Rows as vectors of a frozen encoder: of one text, or of two and of how they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.inputs import Inputs

Embed = Callable[[Sequence[str]], Vectors]
"""Unit vectors of texts, shape (n, dimensions)."""


def vectors_of(rows: Inputs, embed: Embed, *, fields: Sequence[str], symmetric: bool) -> Vectors:
    """Vectors of rows: the text's own; of two texts u and v [u, v, |u - v|, u * v] (Conneau et al. 2017, arXiv
    1705.02364), shape (n, 4 dimensions), or what does not hang on their order where they may change places.

    Each text is embedded by itself, so that one that stands in many rows is embedded once.
    """
    if len(fields) == 1:
        return embed(rows.texts)
    u, v = (embed(rows.fields.text(name)) for name in fields)
    ends = [u + v] if symmetric else [u, v]
    return np.hstack([*ends, np.abs(u - v), u * v]).astype(np.float32)


def cosines(first: Vectors, second: Vectors) -> Vectors:
    """Of unit vectors, row by row, shape (n,)."""
    found: Vectors = np.einsum("ij,ij->i", first, second).astype(np.float32)
    return found
