"""Texts as a transformer takes them: token ids, what the lower layers made of them, and batches of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

ROWS = 8
"""Rows of a batch that is not trained on, unless said otherwise."""

_WIDTH_STEP = 8


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """n texts.

    Attributes:
        tokens: ids of each text, special ones included, shape (tokens,).
        parts: of two texts that are read together, which of them (0 or 1) a token is of, shape (tokens,) each; None for
            single texts.
        states: what the first trained layer is given for each text, shape (tokens, dimensions), half precision; None
            when all layers are trained.
    """

    tokens: Sequence[NDArray[np.int64]]
    states: Sequence[Any] | None
    parts: Sequence[NDArray[np.int64]] | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> Encoded:
        """These texts, in this order."""
        return Encoded(
            [self.tokens[row] for row in rows],
            None if self.states is None else [self.states[row] for row in rows],
            None if self.parts is None else [self.parts[row] for row in rows],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Texts side by side, padded on the right.

    Attributes:
        rows: their places among the encoded texts.
        ids, mask: shape (batch, width); the batch may have more rows than `rows`, to be ignored.
        states: shape (batch, width, dimensions), or None.
        parts: shape (batch, width), or None.
    """

    rows: Sequence[int]
    ids: Any
    mask: Any
    states: Any
    parts: Any = None


def stack(encoded: Encoded, rows: Sequence[int], device: str, *, height: int = 0, width: int = 0) -> Batch:
    """One batch, at least so high and so wide. A row of mere padding is one token long: a mean needs something."""
    height, width = max(height, len(rows)), max(width, *(len(encoded.tokens[row]) for row in rows))
    ids = torch.zeros(height, width, dtype=torch.long)
    mask = torch.zeros(height, width, dtype=torch.long)
    mask[:, 0] = 1
    parts = None if encoded.parts is None else torch.zeros(height, width, dtype=torch.long)
    states = None
    if encoded.states is not None:
        states = torch.zeros(height, width, encoded.states[0].shape[1])
    for place, row in enumerate(rows):
        length = len(encoded.tokens[row])
        ids[place, :length] = torch.from_numpy(encoded.tokens[row])
        mask[place, :length] = 1
        if parts is not None and encoded.parts is not None:
            parts[place, :length] = torch.from_numpy(encoded.parts[row])
        if states is not None and encoded.states is not None:
            states[place, :length] = encoded.states[row]
    there = (None if given is None else given.to(device) for given in (states, parts))
    return Batch(rows, ids.to(device), mask.to(device), *there)


def even_batches(encoded: Encoded, device: str, *, rows: int = ROWS) -> Iterator[Batch]:
    """Every text once, in batches whose shape depends on the text alone.

    The last bits of a matrix product depend on its shape. With a fixed number of rows and a width that is the text's
    own length, rounded up, a text's result does not depend on which others were asked for beside it: so a study that
    was interrupted goes on with the same numbers.
    """
    by_width: dict[int, list[int]] = {}
    for place, tokens in enumerate(encoded.tokens):
        by_width.setdefault(-(-len(tokens) // _WIDTH_STEP) * _WIDTH_STEP, []).append(place)
    for width, places in sorted(by_width.items()):
        for start in range(0, len(places), rows):
            yield stack(encoded, places[start : start + rows], device, height=rows, width=width)


def sorted_batches(encoded: Encoded, device: str, *, rows: int = ROWS) -> Iterator[Batch]:
    """Every text once, beside others of like length: no row of mere padding, so faster than `even_batches`."""
    by_length = sorted(range(len(encoded)), key=lambda place: len(encoded.tokens[place]))
    for start in range(0, len(by_length), rows):
        yield stack(encoded, by_length[start : start + rows], device)


def shuffled_batches(encoded: Encoded, size: int, device: str, generator: np.random.Generator) -> Iterator[Batch]:
    """One epoch: random batches of texts of similar length, in random order.

    Blocks of some batches are sorted by length and cut up: little is spent on padding, and batches still differ from
    epoch to epoch.
    """
    order = generator.permutation(len(encoded))
    block = size * 16
    batches: list[list[int]] = []
    for start in range(0, len(order), block):
        ordered = sorted(order[start : start + block].tolist(), key=lambda row: len(encoded.tokens[row]))
        batches += [ordered[i : i + size] for i in range(0, len(ordered), size)]
    for place in generator.permutation(len(batches)):
        yield stack(encoded, batches[place], device)
