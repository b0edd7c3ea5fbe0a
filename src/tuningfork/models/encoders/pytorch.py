"""A contextual encoder in PyTorch, on the GPU where there is one. Needs the extra `finetune`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from tuningfork.models.encoders.batching import Batch, embed_in_batches
from tuningfork.models.encoders.encoder import Vectors
from tuningfork.models.encoders.layout import EncoderLayout, load_tokenizer, pool
from tuningfork.models.hardware import let_threads_spin_briefly

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


class TorchEncoder:
    """A transformer's last hidden states, pooled to unit length; full precision, no dropout.

    Args:
        layout: what the folder holds; safetensors must be there.
        name, fingerprint: see `Encoder`.
        threads: threads on the processor.
        device: 'cpu' or 'cuda'.
    """

    def __init__(self, layout: EncoderLayout, *, name: str, fingerprint: str, threads: int, device: str) -> None:
        let_threads_spin_briefly()
        from transformers import AutoModel

        self.name, self.fingerprint = name, fingerprint
        self._layout, self._threads, self._device = layout, threads, device
        self._tokenizer = load_tokenizer(layout)
        with without_progress_bars():
            model = AutoModel.from_pretrained(layout.folder, local_files_only=True, use_safetensors=True)
        self._model = model.float().eval().to(device)

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
