"""What the machine has, as far as the system tells it."""

from __future__ import annotations

import os

import psutil
import pytest

from tuningfork.models.hardware import Hardware, hardware, usable_cores


def test_it_never_promises_more_than_the_machine_has() -> None:
    found = hardware()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.memory_bytes <= psutil.virtual_memory().total
    assert found.processor


def test_the_gpu_is_the_one_that_pytorch_sees() -> None:
    torch = pytest.importorskip("torch")
    assert hardware().gpu == (torch.cuda.get_device_name(0) if torch.cuda.is_available() else None)


def test_a_process_pinned_to_one_core_has_one() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_it_reads_well() -> None:
    machine = Hardware(cores=2, memory_bytes=24_000_000_000, gpu=None, processor="Some CPU")
    assert str(machine) == "no GPU, 2 cores, 24 GB memory (Some CPU)"
