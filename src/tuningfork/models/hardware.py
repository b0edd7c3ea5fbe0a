"""What this machine has to run models on."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
"""Where a container's limits stand on Linux."""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What models may run on.

    Attributes:
        cores: processor cores that this process may use.
        memory_bytes: memory of the machine, or of the container where that is less.
        gpu: the GPU's name as PyTorch sees it, or None: no GPU, or no PyTorch.
        processor: the processor's name, as far as the system tells it.
    """

    cores: int
    memory_bytes: int
    gpu: str | None
    processor: str

    def __str__(self) -> str:
        cores = f"{self.cores} core{'s' if self.cores != 1 else ''}"
        return f"{self.gpu or 'no GPU'}, {cores}, {self.memory_bytes / 1e9:.0f} GB memory ({self.processor})"


def hardware() -> Hardware:
    """Look at the machine. PyTorch is imported only where it is installed and a GPU may be there."""
    return Hardware(cores=usable_cores(), memory_bytes=memory_bytes(), gpu=gpu_name(), processor=_processor())


def gpu_name() -> str | None:
    """The first GPU that PyTorch can use, or None."""
    if find_spec("torch") is None or not _may_have_a_gpu():
        return None
    import torch

    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None


def usable_cores() -> int:
    """Cores this process may use: those it is pinned to, and no more than the container's share."""
    pinned = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _read(CGROUP / "cpu.max").split()
    if len(quota) == 2 and quota[0].isdigit() and int(quota[1]) > 0:
        return max(1, min(pinned, round(int(quota[0]) / int(quota[1]))))
    return pinned


@cache
def multiplies_in_bfloat16() -> bool:
    """Whether the processor has tiles that multiply matrices of bfloat16 (AMX). Elsewhere they would be slower."""
    return "amx_bf16" in _read(Path("/proc/cpuinfo")).split()


def let_threads_spin_briefly() -> None:
    """Have the threads of a library that loads OpenMP from now on spin for some microseconds and then sleep.

    While they spin without end, as by default, a busy machine takes twice the time; when they sleep at once, an idle
    one takes up to half as long again. A user's own setting stays.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def memory_bytes() -> int:
    """Memory of the machine, or of the container where that is less."""
    import psutil

    machine = int(psutil.virtual_memory().total)
    limit = _container_bytes(CGROUP, "memory.max", "memory.limit_in_bytes")
    return machine if limit is None else min(machine, limit)


def free_memory_bytes(groups: Path = CGROUP) -> int:
    """Memory that can be had without swapping: of the machine, or of the container where that is less. What the system
    keeps there of files it gives up when asked.

    Args:
        groups: where the container's limits stand.
    """
    import psutil

    free = int(psutil.virtual_memory().available)
    limit = _container_bytes(groups, "memory.max", "memory.limit_in_bytes")
    used = _container_bytes(groups, "memory.current", "memory.usage_in_bytes")
    return free if limit is None or used is None else min(free, max(0, limit - used + _container_files(groups)))


def _container_bytes(groups: Path, name: str, older: str) -> int | None:
    """A number of the container's memory, by its name in version 2 of control groups or in version 1."""
    for file in (groups / name, groups / "memory" / older):
        if (found := _read(file)).isdigit():
            return int(found)
    return None


def _container_files(groups: Path) -> int:
    """What of the container's memory is files that were read a while ago."""
    for file in (groups / "memory.stat", groups / "memory" / "memory.stat"):
        for line in _read(file).splitlines():
            name, _, size = line.partition(" ")
            if name in {"inactive_file", "total_inactive_file"} and size.isdigit():
                return int(size)
    return 0


def _may_have_a_gpu() -> bool:
    """On Linux a GPU that PyTorch can use has a device file, which is looked at faster than PyTorch is imported."""
    return sys.platform != "linux" or any(Path("/dev", name).exists() for name in ("nvidiactl", "kfd", "dxg"))


def _processor() -> str:
    for line in _read(Path("/proc/cpuinfo")).splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
