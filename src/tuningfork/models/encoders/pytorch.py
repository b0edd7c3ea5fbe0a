"""A contextual encoder in PyTorch, on the GPU where there is one. Needs the extra `finetune`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tuningfork.errors import ModelUnavailable
from tuningfork.models.encoders.batching import Batch, embed_in_batches
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.layout import EncoderLayout, load_tokenizer, pool
from tuningfork.models.hardware import let_threads_spin_briefly

_NOT_USED = re.compile(r"(^|\.)(pooler|position_ids|token_type_ids)(\.|$)")
"""Weights that vectors of texts do not hang on, which many files leave out."""
_TOKENS_PER_BATCH = {"cpu": 512, "cuda": 1 << 15}


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Load weights without the library's own bar: the terminal belongs to the study's progress."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def load_transformer(folder: Path) -> Any:
    """The folder's transformer in single precision, without what a task would put on top of it.

    Raises:
        ModelUnavailable: transformers cannot load it, or would fill in weights at random that the files lack.
    """
    from transformers import AutoModel

    try:
        with without_progress_bars():
            model, told = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
    except (OSError, ValueError, KeyError, RuntimeError, AttributeError, ImportError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelUnavailable(f"{folder} cannot be loaded by transformers: {reason}") from error
    lacking = sorted(name for name in told["missing_keys"] if not _NOT_USED.search(name))
    if lacking:
        raise ModelUnavailable(
            f"{folder} lacks weights that its config.json names ({len(lacking)}, first {lacking[0]}): they would be "
            "random. Fetch or copy the weights again, or put the config.json there that came with them."
        )
    return model.float()


class TorchEncoder:
    """A transformer's last hidden states, pooled to unit length; full precision, no dropout.

    Args:
        layout: what the folder holds; safetensors must be there.
        name, fingerprint: see `Encoder`.
        threads: threads on the processor.
        device: 'cpu' or 'cuda'.

    Raises:
        ModelUnavailable: see `load_transformer`.
        InputError: the tokenizer cannot be read.
    """

    def __init__(self, layout: EncoderLayout, *, name: str, fingerprint: str, threads: int, device: str) -> None:
        let_threads_spin_briefly()
        self.name, self.fingerprint = name, fingerprint
        self._layout, self._threads, self._device = layout, threads, device
        self._tokenizer = load_tokenizer(layout)
        self._model = load_transformer(layout.folder).eval().to(device)

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return int(self._model.config.hidden_size)

    @property
    def max_tokens(self) -> int | None:
        """Longer texts are cut here."""
        return self._layout.max_tokens

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        """One unit-length vector a text, in order."""
        with _threads(self._threads):
            return embed_in_batches(
                texts,
                self._tokenizer,
                self._run,
                as_read=self._layout.as_read,
                dimensions=self.dimensions,
                tokens_per_batch=_TOKENS_PER_BATCH[self._device],
                progress=progress,
            )

    def _run(self, batch: Batch) -> Vectors:
        import torch

        with torch.inference_mode():
            ids, mask = (torch.from_numpy(array).to(self._device) for array in (batch.ids, batch.mask))
            states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            return pool(states.float().cpu().numpy().astype(np.float32), batch.mask, self._layout.pooling)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """PyTorch's threads are a setting of the whole process: put back afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
