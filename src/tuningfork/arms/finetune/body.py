"""A transformer encoder opened once, and cut in two: lower layers that stay as they are, upper ones to train."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from tuningfork.arms._trained import Text
from tuningfork.arms.finetune.encoded import Batch, Encoded, stack
from tuningfork.errors import ArmFailed, ModelUnavailable
from tuningfork.models.encoders.layout import EncoderLayout, load_tokenizer
from tuningfork.models.encoders.pytorch import load_transformer

_PROBE = ("a short probe", "and a longer one, so that one of the two rows is padded")


class Body:
    """Tokenizer and weights of one folder. Its own weights never change: `trainable` hands out copies.

    Args:
        layout: the folder, its pooling and its length limit; safetensors must be there.
        device: 'cpu' or 'cuda'.

    Attributes:
        depth: number of layers.
        dimensions: length of a token's vector.
        can_be_cut: whether lower and upper layers, run apart, give what they give together (tried once).

    Raises:
        ArmFailed: the folder's weights are no encoder that transformers can load.
    """

    def __init__(self, layout: EncoderLayout, *, device: str) -> None:
        self.layout, self.device = layout, device
        self._tokenizer = load_tokenizer(layout)
        try:
            model = load_transformer(layout.folder)
            self.depth, self.dimensions = int(model.config.num_hidden_layers), int(model.config.hidden_size)
        except (ModelUnavailable, ValueError, KeyError, AttributeError) as error:
            raise ArmFailed(f"{layout.folder} is no encoder that can be fine-tuned: {error}") from error
        self._model = model.to(device).eval().requires_grad_(False)
        self._tells_parts = int(getattr(model.config, "type_vocab_size", 0) or 0) > 1
        self._layers = _name_of_layers(model, self.depth)
        self.can_be_cut = self._layers is not None and self._halves_match()

    def tokenise(self, texts: Sequence[Text], max_tokens: int) -> Encoded:
        """Token ids, cut to `max_tokens` or to the encoder's own limit, whichever is lower; of two texts the longer one
        loses more. Where the encoder tells the parts of a pair apart, which part each token is of."""
        self._tokenizer.enable_truncation(min(max_tokens, self.layout.max_tokens))
        read = self.layout.as_read
        clean = [read(one) if isinstance(one, str) else (read(one[0]), read(one[1])) for one in texts]
        found = self._tokenizer.encode_batch(clean)
        paired = self._tells_parts and any(not isinstance(one, str) for one in texts)
        return Encoded(
            [np.array(encoding.ids or [0], dtype=np.int64) for encoding in found],
            None,
            [np.array(encoding.type_ids or [0], dtype=np.int64) for encoding in found] if paired else None,
        )

    def lower(self, batch: Batch, cut: int) -> Any:
        """What layer `cut` (the lowest is 0) is given, shape (batch, width, dimensions)."""
        with torch.inference_mode(), _stop_at(self._layers_of(self._model)[cut]) as given:
            self._model(**_given(batch))
        return given[0]

    def trainable(self, cut: int | None) -> nn.Module:
        """A copy with the layers from `cut` up to train, or with everything (None). Frozen weights are not copied."""
        if cut is None:
            return copy.deepcopy(self._model).requires_grad_(True)
        upper = {id(weight) for layer in self._layers_of(self._model)[cut:] for weight in layer.parameters()}
        shared = {id(weight): weight for weight in self._model.parameters() if id(weight) not in upper}
        model = copy.deepcopy(self._model, shared)
        model.set_submodule(str(self._layers), self._layers_of(model)[cut:].requires_grad_(True))
        return model

    def vectors(self, model: nn.Module, batch: Batch) -> Any:
        """One unit-length vector a row of the batch, by a copy from `trainable`, shape (batch, dimensions)."""
        if batch.states is None:
            states = model(**_given(batch)).last_hidden_state
        else:
            with _hand_to(self._layers_of(model)[0], batch.states):
                states = model(**_given(batch)).last_hidden_state
        return nn.functional.normalize(_POOL[self.layout.pooling](states, batch.mask), dim=1)

    def _layers_of(self, model: nn.Module) -> Any:
        return model.get_submodule(str(self._layers))

    def _halves_match(self) -> bool:
        """Some architectures give a layer more than its states (by its number, say): those are trained whole."""
        encoded = self.tokenise(_PROBE, self.layout.max_tokens)
        batch, cut = stack(encoded, (0, 1), self.device), self.depth // 2
        try:
            with torch.inference_mode():
                whole = self.vectors(self._model, batch)
                given = Batch(batch.rows, batch.ids, batch.mask, self.lower(batch, cut))
                return bool(torch.allclose(whole, self.vectors(self.trainable(cut), given), atol=1e-5))
        except (_Reached, RuntimeError, TypeError, KeyError, IndexError, AttributeError):
            return False


def _given(batch: Batch) -> dict[str, Any]:
    """What a model is called with."""
    parts = {} if batch.parts is None else {"token_type_ids": batch.parts}
    return {"input_ids": batch.ids, "attention_mask": batch.mask, **parts}


class _Reached(Exception):
    """The layer was reached; what it was given is known."""


@contextmanager
def _stop_at(layer: nn.Module) -> Iterator[list[Any]]:
    """Run a model up to a layer; the list then holds the states that it was given."""
    given: list[Any] = []

    def stop(_layer: nn.Module, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        given.append(args[0] if args else options["hidden_states"])
        raise _Reached

    handle = layer.register_forward_pre_hook(stop, with_kwargs=True)
    try:
        yield given
    except _Reached:
        pass
    finally:
        handle.remove()


@contextmanager
def _hand_to(layer: nn.Module, states: Any) -> Iterator[None]:
    """Have a layer start from these states, whatever comes from below."""

    def replace(_layer: nn.Module, args: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        return ((states, *args[1:]), options) if args else (args, options | {"hidden_states": states})

    handle = layer.register_forward_pre_hook(replace, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def _name_of_layers(model: nn.Module, depth: int) -> str | None:
    lists = (name for name, part in model.named_modules() if isinstance(part, nn.ModuleList) and len(part) == depth)
    return next(lists, None)


def _mean(states: Any, mask: Any) -> Any:
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


def _max(states: Any, mask: Any) -> Any:
    return states.masked_fill(mask.unsqueeze(-1) == 0, -torch.inf).amax(1)


def _last(states: Any, mask: Any) -> Any:
    return states[torch.arange(len(states)), mask.sum(1) - 1]


_POOL: dict[str, Callable[[Any, Any], Any]] = {
    "mean": _mean,
    "max": _max,
    "last": _last,
    "cls": lambda states, _mask: states[:, 0],
}
