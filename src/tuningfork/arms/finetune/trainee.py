"""A model in training: a copy of the body's upper layers, and a linear head that begins as a fitted one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tuningfork.arms.finetune.body import Body
from tuningfork.arms.finetune.encoded import (
    ROWS,
    Batch,
    Encoded,
    even_batches,
    shuffled_batches,
    sorted_batches,
    stack,
)
from tuningfork.arms.finetune.isolation import fast_products
from tuningfork.arms.finetune.losses.loss import Loss
from tuningfork.arms.finetune.pairs import loss_of_pairs, rows_in_turn
from tuningfork.arms.finetune.recipe import Recipe
from tuningfork.arms.finetune.seen_tokens import seen_tokens, train_seen_tokens
from tuningfork.arms.targets.inner_choice import Scores
from tuningfork.arms.targets.logistic import LogisticLearner
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.task.rows import Gold

_LAYERS, _HEAD, _SEEN = "layers.", "head.", "seen_tokens"
"""Names of weights that are kept."""
_WEIGHT_DECAY = 0.01
_WARM_UP = 0.1
_LARGEST_GRADIENT = 1.0


class Trainee:
    """Layers and head; training changes them in place.

    Args:
        cut: the lowest trained layer, or None for all layers and embeddings.
    """

    def __init__(self, body: Body, cut: int | None) -> None:
        self._body = body
        self._model = body.trainable(cut)
        self._head = nn.Linear(body.dimensions, 1)
        self.classes = np.zeros(0, np.int32)

    def weights(self) -> dict[str, Any]:
        """What was trained, on the processor, by name: layers, head, and of a table of token vectors those that were
        seen. All else is the body's."""
        model = {f"{_LAYERS}{name}": weight for name, weight in self._model.named_parameters() if weight.requires_grad}
        head = {f"{_HEAD}{name}": weight for name, weight in self._head.named_parameters()}
        found = {name: weight.detach().cpu().contiguous() for name, weight in {**model, **head}.items()}
        if (seen := seen_tokens(self._model)) is not None:
            found[_SEEN] = seen.cpu()
        return found

    def take_weights(self, classes: NDArray[np.int32], weights: Mapping[str, Any]) -> None:
        """Take what `weights` of another trainee gave, of the same body and cut.

        Raises:
            ValueError: they are of something else.
        """
        self.classes = classes
        if _SEEN in weights:
            train_seen_tokens(self._model, [weights[_SEEN].numpy()])
        self._head = nn.Linear(self._body.dimensions, len(classes)).to(self._body.device)
        model = {name: weight for name, weight in self._model.named_parameters() if weight.requires_grad}
        wanted = {
            **{f"{_LAYERS}{name}": weight for name, weight in model.items()},
            **{f"{_HEAD}{name}": weight for name, weight in self._head.named_parameters()},
        }
        if (others := wanted.keys() ^ (weights.keys() - {_SEEN})) or any(
            weight.shape != weights[name].shape for name, weight in wanted.items()
        ):
            raise ValueError(f"weights of another model: {sorted(others)[:3] or 'of other shapes'}")
        with torch.no_grad():
            for name, weight in wanted.items():
                weight.copy_(weights[name])

    def vectors(self, encoded: Encoded) -> Vectors:
        """Unit-length vectors of texts, dropout off, shape (n, dimensions)."""
        return self._apart(encoded, lambda batch: self._body.vectors(self._model, batch), self._body.dimensions)

    def begin_at(self, learner: LogisticLearner, *, scale: float) -> None:
        """Take the head from a logistic regression on these vectors: training starts where a frozen encoder ends.

        Args:
            scale: factor on its scores that makes them honest log-odds; without it, the first steps of training
                would only undo over- or underconfidence.
        """
        self.classes = learner.classes
        head = nn.Linear(*learner.weights.shape)
        with torch.no_grad():
            head.weight.copy_(torch.from_numpy(learner.weights.T * scale))
            head.bias.copy_(torch.from_numpy(learner.bias * scale))
        self._head = head.to(self._body.device)

    def odds(self, batch: Batch) -> Any:
        """Log-odds up to a constant a row, shape (batch, classes); a tensor."""
        return self._head(self._body.vectors(self._model, batch))

    def scores(self, encoded: Encoded, *, rows: int = ROWS, alone: bool = True) -> Scores:
        """The same for any number of texts, `rows` at a time, dropout off, shape (n, classes).

        Args:
            alone: whether a text's scores must be the same to the last bit whatever stands beside it.
        """
        return self._apart(encoded, self.odds, len(self.classes), rows, alone)

    def epochs(
        self,
        encoded: Encoded,
        gold: Gold,
        recipe: Recipe,
        *,
        loss: Loss,
        seed: int,
        stepped: Callable[[int], None] = lambda _rows: None,
    ) -> Iterator[int]:
        """Train epoch by epoch; yields the number of epochs done, and goes on when asked for the next.

        AdamW, a linear warm-up and a linear decay towards `recipe.epochs`; leaving early leaves the rest undone.

        Args:
            stepped: told after every step how many rows it was made of; what it raises ends the training.
        """
        if encoded.states is None:
            train_seen_tokens(self._model, encoded.tokens)
        generator = np.random.default_rng(seed)
        loss_of = loss.of(self.classes, gold, self._body.device)
        trained = [weight for weight in self._model.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(
            [
                {"params": trained, "lr": recipe.learning_rate},
                {"params": list(self._head.parameters()), "lr": recipe.head_learning_rate},
            ],
            weight_decay=_WEIGHT_DECAY,
            fused=True,
        )
        steps = recipe.epochs * math.ceil(len(encoded) / recipe.batch_size)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, steps))
        for epoch in range(1, recipe.epochs + 1):
            self._model.train()
            with fast_products(self._body.device):
                for batch in shuffled_batches(encoded, recipe.batch_size, self._body.device, generator):
                    _descend(loss_of(self.odds(batch), batch.rows), trained, optimiser, schedule)
                    stepped(len(batch.rows))
            yield epoch

    def pull_together(
        self,
        encoded: Encoded,
        gold: Gold,
        recipe: Recipe,
        *,
        seed: int,
        stepped: Callable[[int], None] = lambda _rows: None,
    ) -> None:
        """Train the layers on pairs of rows, `recipe.pair_steps` batches; the head stays as it was.

        Args:
            stepped: as in `epochs`.
        """
        if encoded.states is None:
            train_seen_tokens(self._model, encoded.tokens)
        labels, draws = torch.from_numpy(gold), rows_in_turn(gold, np.random.default_rng(seed))
        trained = [weight for weight in self._model.parameters() if weight.requires_grad]
        optimiser = torch.optim.AdamW(trained, lr=recipe.learning_rate, weight_decay=_WEIGHT_DECAY, fused=True)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _slope(step, recipe.pair_steps))
        self._model.train()
        with fast_products(self._body.device):
            for _ in range(recipe.pair_steps):
                rows = [next(draws) for _ in range(min(recipe.batch_size, len(gold)))]
                vectors = self._body.vectors(self._model, stack(encoded, rows, self._body.device))
                _descend(loss_of_pairs(vectors, labels[rows].to(self._body.device)), trained, optimiser, schedule)
                stepped(len(rows))

    def _apart(
        self, encoded: Encoded, run: Callable[[Batch], Any], width: int, rows: int = ROWS, alone: bool = True
    ) -> NDArray[np.float32]:
        self._model.eval()
        batches = even_batches if alone else sorted_batches
        results = np.zeros((len(encoded), width), np.float32)
        with torch.inference_mode():
            for batch in batches(encoded, self._body.device, rows=rows):
                results[list(batch.rows)] = run(batch)[: len(batch.rows)].float().cpu().numpy()
        return results


def _descend(loss: Any, clipped: list[nn.Parameter], optimiser: Any, schedule: Any) -> None:
    """One step down this loss.

    Args:
        clipped: weights whose gradient is kept from growing too long.
    """
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(clipped, _LARGEST_GRADIENT)
    optimiser.step()
    schedule.step()


def _slope(step: int, steps: int) -> float:
    """Share of the learning rate at a step: up over the first tenth, then down to zero."""
    warm = max(1, round(steps * _WARM_UP))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))
