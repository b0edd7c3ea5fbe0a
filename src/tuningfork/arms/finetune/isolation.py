"""PyTorch's random numbers, threads and precision are settings of the whole process: used, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from tuningfork.models.hardware import multiplies_in_bfloat16, usable_cores


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


@contextmanager
def fast_products(device: str) -> Iterator[None]:
    """Matrix products from factors rounded to bfloat16, summed in full precision, where the processor has tiles for
    them: a third to a half of their time. Weights, gradients and everything else stay in full precision, and so does a
    GPU."""
    before = torch.get_float32_matmul_precision()
    if device == "cpu" and multiplies_in_bfloat16():
        torch.set_float32_matmul_precision("medium")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
