"""What this machine lends to a local model: cores, memory, and which processor it is."""

from __future__ import annotations

import hashlib
import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tuningfork.models.hardware import CGROUP, free_memory_bytes


def usable_cores() -> int:
    """Physical cores that this process may use: machine, affinity and container quota, whichever is least; at least 1.

    Threads on the second half of a core slow llama.cpp down, so hyper-threads do not count.
    """
    import psutil

    logical = os.cpu_count() or 1
    limits = [psutil.cpu_count(logical=False) or logical, logical]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    quota = _core_quota(CGROUP)
    if quota is not None:
        limits.append(quota)
    return max(1, min(limits))


def available_memory() -> int:
    """Bytes that can be had without swapping: the machine's, or what a container's limit leaves, whichever is less."""
    return free_memory_bytes(CGROUP)


@cache
def machine_key() -> str:
    """Sixteen hex digits that change with the processor's abilities or the llama.cpp build, on which speeds depend."""
    abilities = "\n".join([platform.machine(), _processor(), version("xllamacpp")])
    return hashlib.sha256(abilities.encode()).hexdigest()[:16]


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if not listing.is_file():
        return platform.processor()
    lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
    telling = {line for line in lines if line.split(":")[0].strip() in {"model name", "flags", "Features", "CPU part"}}
    return "\n".join(sorted(telling))


def _core_quota(folder: Path) -> int | None:
    words = _words(folder / "cpu.max")
    if len(words) != 2 or not words[0].isdigit():
        return None
    return max(1, int(words[0]) // int(words[1]))


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
