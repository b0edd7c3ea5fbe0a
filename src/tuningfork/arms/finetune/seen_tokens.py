"""Training no more of a table of token vectors than the rows can teach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


class SeenTokens(nn.Module):  # type: ignore[misc]
    """A table of token vectors of which only those of some tokens are trained.

    The others have no gradient, so nothing is lost; but clearing, measuring and stepping over thirty thousand of them
    at every step is half of what an optimiser does for a small encoder.

    Args:
        table: the whole table; it is not changed.
        tokens: ids to train, each once.
    """

    def __init__(self, table: nn.Embedding, tokens: NDArray[np.int64]) -> None:
        super().__init__()
        ids = torch.from_numpy(tokens).to(table.weight.device)
        places = torch.full((table.num_embeddings,), -1, device=ids.device)
        places[ids] = torch.arange(len(ids), device=ids.device)
        self._table = table.requires_grad_(False)
        self.tokens = ids
        self.register_buffer("_places", places)
        self.weight = nn.Parameter(table.weight[ids].clone())

    def forward(self, ids: Any) -> Any:
        """Vectors of any tokens, shape (*ids.shape, dimensions)."""
        places = self._places[ids]
        seen = nn.functional.embedding(places.clamp(min=0), self.weight)
        return torch.where((places >= 0).unsqueeze(-1), seen, self._table(ids))


def seen_tokens(model: nn.Module) -> Any:
    """Ids of the tokens whose vectors `train_seen_tokens` had trained, ascending, shape (tokens,); a tensor, or None
    where it was never called or left the table as it is."""
    table: Any = model.get_input_embeddings()
    return table.tokens if isinstance(table, SeenTokens) else None


def train_seen_tokens(model: nn.Module, tokens: Sequence[NDArray[np.int64]]) -> None:
    """Have a transformer train the vectors of these rows' tokens only; nothing where its table is of another kind."""
    table: Any = model.get_input_embeddings()
    if isinstance(table, nn.Embedding):
        model.set_input_embeddings(SeenTokens(table, np.unique(np.concatenate(tokens))))
