"""The rows in two dimensions: principal components of their embeddings, the files together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.encoders.encoder import Vectors
from tuningfork.profile.figures import EmbeddingMap

MOST_POINTS = 2000
"""Points of all files together; a random sample where there are more rows."""


def embedding_map(
    vectors_by_role: Mapping[str, Vectors], labels_by_role: Mapping[str, Sequence[str]], *, seed: int
) -> EmbeddingMap:
    """The first two principal components of the rows of all files, which share the axes and the number of points.

    Each file gets an equal part of the points, and what a small one does not need goes to the others, so that a few
    hundred rows are seen beside many thousands. An axis points where its largest weight is positive: the same rows
    give the same picture on every machine.

    Args:
        vectors_by_role: by file, shape (n, d); d the same in all.
        labels_by_role: by file, one a row; '' for none.
        seed: of the sample.

    Returns:
        Points in the order of files and rows. Rows that are all alike lie in the origin, with shares of 0.
    """
    random = np.random.default_rng(seed)
    sizes = {role: len(vectors) for role, vectors in vectors_by_role.items()}
    chosen = {
        role: np.sort(random.choice(sizes[role], part, replace=False))
        for role, part in _equal_parts(sizes, MOST_POINTS).items()
    }
    sample = [vectors_by_role[role][rows] for role, rows in chosen.items()]
    points, explained = _principal_plane(np.concatenate(sample) if sample else np.zeros((0, 2), np.float32))
    return EmbeddingMap(
        points=points,
        labels=tuple(labels_by_role[role][row] for role, rows in chosen.items() for row in rows),
        roles=tuple(role for role, rows in chosen.items() for _ in rows),
        explained=explained,
    )


def _equal_parts(sizes: Mapping[str, int], most: int) -> dict[str, int]:
    """How many of each are taken: all of the small ones, and of the others equally many, within one."""
    parts: dict[str, int] = {}
    left = most
    for position, role in enumerate(sorted(sizes, key=lambda role: sizes[role])):
        parts[role] = min(sizes[role], left // (len(sizes) - position))
        left -= parts[role]
    return {role: parts[role] for role in sizes}


def _principal_plane(vectors: Vectors) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Coordinates along the two axes of most variance, shape (n, 2), and their shares of it."""
    points = np.zeros((len(vectors), 2), dtype=np.float32)
    if not len(vectors):
        return points, (0.0, 0.0)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    total = float(np.sum(lengths**2))
    if total <= np.finfo(np.float32).eps * len(vectors):
        return points, (0.0, 0.0)
    axes, shares = axes[:2], lengths[:2] ** 2 / total
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
    points[:, : len(axes)] = centred @ axes.T
    first, second = (*shares.tolist(), 0.0)[:2]
    return points, (first, second)
