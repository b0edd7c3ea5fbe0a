"""A candidate recipe: the top layers of an encoder are trained on pairs of rows before the head is fitted.

All rows of a batch stand against each other: the cosine of two of one label is pulled to 1, of two labels to 0 (the
loss of SetFit, arXiv 2209.11055), and no list of pairs is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from recipe_candidates import Probabilities, Trial
from torch import nn

from tuningfork.arms._inner_choice import softmax
from tuningfork.arms._logistic import LogisticLearner
from tuningfork.arms.finetune.body import Body
from tuningfork.arms.finetune.encoded import Encoded, sorted_batches, stack
from tuningfork.arms.finetune.isolation import fast_products, own_randomness, own_threads
from tuningfork.arms.finetune.lower_outputs import LowerOutputs
from tuningfork.models.encoders.layout import read_layout
from tuningfork.models.store import ModelStore

_ROWS, _STEPS, _RATE, _LAYERS, _MOST_TOKENS = 32, 30, 2e-4, 2, 128
_STRENGTH = 30.0


def answer(trial: Trial, encoder: str) -> Probabilities:
    """Rows of the sample and the labels' names as pairs, then a logistic regression on both."""
    gold = np.concatenate([trial.gold, np.arange(len(trial.rows.labels), dtype=np.int32)])
    lower = _lower(encoder)
    body, seed = lower.body, int(trial.places[0])
    with own_threads(), own_randomness(seed):
        cut = max(0, body.depth - _LAYERS)
        taught = lower.encode((*trial.texts(trial.places), *trial.names), cut=cut, max_tokens=_MOST_TOKENS)
        asked = lower.encode(trial.texts(trial.rows.held_out), cut=cut, max_tokens=_MOST_TOKENS)
        model = body.trainable(cut)
        _train(body, model, taught, gold, np.random.default_rng(seed))
        head = LogisticLearner(_vectors(body, model, taught), gold)
        head.fit(_STRENGTH)
        return trial.spread(softmax(head.scores(_vectors(body, model, asked)), 1.0), head.classes)


def _train(
    body: Body, model: nn.Module, taught: Encoded, gold: NDArray[np.int32], generator: np.random.Generator
) -> None:
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=_RATE, fused=True)
    slope = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: min(1.0, (step + 1) / 3) * (1 - step / _STEPS))
    draws = _in_turn(gold, generator)
    model.train()
    with fast_products(body.device):
        for _ in range(_STEPS):
            rows = [next(draws) for _ in range(min(_ROWS, len(gold)))]
            vectors = body.vectors(model, stack(taught, rows, body.device))
            optimiser.zero_grad(set_to_none=True)
            _loss(vectors, torch.from_numpy(gold[rows])).backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimiser.step()
            slope.step()
    model.eval()


def _loss(vectors: Any, gold: Any) -> Any:
    """Squared error of the cosines; pairs of one label weigh as much, together, as pairs of two."""
    same = (gold[:, None] == gold[None, :]).float()
    others = 1 - torch.eye(len(gold))
    error = (vectors @ vectors.T - same) ** 2 * others
    parts = [(error * kind).sum() / kind.sum().clamp(min=1) for kind in (same * others, 1 - same)]
    return sum(parts)


def _in_turn(gold: NDArray[np.int32], generator: np.random.Generator) -> Iterator[int]:
    """Rows without end, of one label after the other, so that rare ones meet; two of a label beside each other."""
    while True:
        of_labels = [generator.permutation(np.flatnonzero(gold == label)).tolist() for label in np.unique(gold)]
        generator.shuffle(of_labels)
        twos = [[of_label[place : place + 2] for place in range(0, len(of_label), 2)] for of_label in of_labels]
        yield from (row for turn in zip_longest(*twos, fillvalue=[]) for two in turn for row in two)


def _vectors(body: Body, model: nn.Module, encoded: Encoded) -> NDArray[np.float32]:
    vectors = np.zeros((len(encoded), body.dimensions), np.float32)
    with torch.inference_mode():
        for batch in sorted_batches(encoded, body.device, rows=32):
            vectors[list(batch.rows)] = body.vectors(model, batch)[: len(batch.rows)].numpy()
    return vectors


@lru_cache(maxsize=1)
def _lower(encoder: str) -> LowerOutputs:
    return LowerOutputs(Body(read_layout(ModelStore().locate(encoder, "encoder")), device="cpu"))
