"""A contextual encoder in ONNX Runtime, on the processor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tuningfork.errors import ModelUnavailable
from tuningfork.models.encoders.batching import Batch, embed_in_batches
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.layout import EncoderLayout, load_tokenizer, pool

_TOKENS_PER_BATCH = 512
_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids", "position_ids"})


class OnnxEncoder:
    """An ONNX file that gives token states, pooled to unit length.

    Batches run side by side, one thread each, which serves short texts better than many threads on one batch.

    Args:
        layout: what the folder holds; its `onnx` must be there.
        name, fingerprint: see `Encoder`.
        threads: how many batches run at once.

    Raises:
        ModelUnavailable: ONNX Runtime cannot load the file, or it gives no token states.
    """

    def __init__(self, layout: EncoderLayout, onnx: Path, *, name: str, fingerprint: str, threads: int) -> None:
        import onnxruntime

        self.name, self.fingerprint = name, fingerprint
        self._layout, self._threads = layout, threads
        self._tokenizer = load_tokenizer(layout)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own types have no common base
            raise ModelUnavailable(f"{onnx} cannot be loaded by ONNX Runtime: {error}") from error
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._states, self._dimensions = self._find_states(onnx)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    @property
    def max_tokens(self) -> int | None:
        """Longer texts are cut here."""
        return self._layout.max_tokens

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        """One unit-length vector a text, in order."""
        return embed_in_batches(
            texts,
            self._tokenizer,
            self._run,
            as_read=self._layout.as_read,
            dimensions=self._dimensions,
            tokens_per_batch=_TOKENS_PER_BATCH,
            workers=self._threads,
            progress=progress,
        )

    def _run(self, batch: Batch) -> Vectors:
        feeds = {
            "input_ids": batch.ids,
            "attention_mask": batch.mask,
            "token_type_ids": np.zeros_like(batch.ids),
            "position_ids": np.broadcast_to(np.arange(batch.ids.shape[1]), batch.ids.shape).copy(),
        }
        states = self._session.run([self._states], {name: feeds[name] for name in self._inputs & feeds.keys()})[0]
        return pool(states.astype(np.float32, copy=False), batch.mask, self._layout.pooling)

    def _find_states(self, onnx: Path) -> tuple[str, int]:
        """Name and width of the output with the token states; files may give a pooled vector beside or before it."""
        outputs = {item.name: item.shape for item in self._session.get_outputs()}
        if unknown := self._inputs - _INPUTS:
            raise ModelUnavailable(f"{onnx} wants inputs that an encoder has not ({', '.join(sorted(unknown))})")
        for name, shape in outputs.items():
            if len(shape) == 3 and isinstance(shape[-1], int):
                return name, shape[-1]
        raise ModelUnavailable(f"{onnx} gives no token states (its outputs have the shapes {[*outputs.values()]})")
