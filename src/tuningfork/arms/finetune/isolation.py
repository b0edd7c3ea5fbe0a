"""PyTorch's random numbers and threads are settings of the whole process: used, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tuningfork.models.hardware import usable_cores


@contextmanager
def own_threads() -> Iterator[None]:
    """As many threads as this process has cores; always the same number, for its sums depend on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(usable_cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Dropout's random numbers from a seed of our own."""
    devices = [torch.cuda.current_device()] if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield
