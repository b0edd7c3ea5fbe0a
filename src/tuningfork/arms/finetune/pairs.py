"""Training on pairs of rows: two of one label are pulled together, two of different labels apart.

The loss is that of SetFit (Tunstall et al. 2022, arXiv 2209.11055): squared error of the cosine to 1 or 0. All rows of
a batch stand against each other, so that no list of pairs is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
import torch

from tuningfork.task.rows import Gold


def loss_of_pairs(vectors: Any, gold: Any) -> Any:
    """Of every two rows of a batch; pairs of one label weigh as much, together, as pairs of two.

    Args:
        vectors: shape (batch, dimensions), unit length; a tensor.
        gold: shape (batch,), labels; a tensor.
    """
    same = (gold[:, None] == gold[None, :]).float()
    no_row_and_itself = 1 - torch.eye(len(gold), device=vectors.device)
    error = (vectors @ vectors.T - same) ** 2
    alike, unlike = same * no_row_and_itself, 1 - same
    return sum((error * pairs).sum() / pairs.sum().clamp(min=1) for pairs in (alike, unlike))


def rows_in_turn(gold: Gold, generator: np.random.Generator) -> Iterator[int]:
    """Rows without end, two of one label and then two of the next, so that rare labels are met and meet themselves."""
    while True:
        of_labels = [generator.permutation(np.flatnonzero(gold == label)).tolist() for label in np.unique(gold)]
        generator.shuffle(of_labels)
        twos = [[rows[place : place + 2] for place in range(0, len(rows), 2)] for rows in of_labels]
        yield from (row for turn in zip_longest(*twos, fillvalue=[]) for two in turn for row in two)
