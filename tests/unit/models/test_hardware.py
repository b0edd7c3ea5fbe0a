"""What the machine has, as far as the system tells it."""

from __future__ import annotations

import os

import psutil
import pytest

from tuningfork.models import hardware as hardware_module
from tuningfork.models.hardware import (
    Hardware,
    free_memory_bytes,
    hardware,
    let_threads_spin_briefly,
    usable_cores,
)


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


@pytest.mark.parametrize(
    "names", [("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")]
)
def test_free_memory_is_what_the_container_has_left(names: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In both versions of control groups; what is kept of files is given up when asked for."""
    machine = free_memory_bytes()
    assert 0 < machine <= psutil.virtual_memory().total
    told = {names[0]: "3000000", names[1]: "2500000", "memory.stat": "anon 1\ninactive_file 400000"}
    monkeypatch.setattr(hardware_module, "_read", lambda file: told.get(file.name, ""))
    assert free_memory_bytes() == 900_000
    monkeypatch.setattr(hardware_module, "_read", lambda file: {names[0]: "max"}.get(file.name, ""))
    assert free_memory_bytes() > 900_000


def test_it_reads_well() -> None:
    machine = Hardware(cores=2, memory_bytes=24_000_000_000, gpu=None, processor="Some CPU")
    assert str(machine) == "no GPU, 2 cores, 24 GB memory (Some CPU)"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"GOMP_SPINCOUNT": "10000"}),
        ({"GOMP_SPINCOUNT": "7"}, {"GOMP_SPINCOUNT": "7"}),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, {"OMP_WAIT_POLICY": "ACTIVE"}),
    ],
)
def test_how_threads_wait_is_set_unless_the_user_did(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, str], after: dict[str, str]
) -> None:
    names = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    let_threads_spin_briefly()
    assert {name: os.environ[name] for name in names if name in os.environ} == after
