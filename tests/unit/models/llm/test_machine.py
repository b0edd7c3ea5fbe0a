"""What a container's limits leave."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from tuningfork.models.llm import machine


@pytest.fixture
def cgroup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "CGROUP", tmp_path)
    return tmp_path


def test_without_limits_the_machine_counts(cgroup: Path) -> None:
    assert 1 <= machine.usable_cores() <= (os.cpu_count() or 1)
    assert 0 < machine.available_memory() <= psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("quota", "cores"), [("150000 100000", 1), ("50000 100000", 1), ("400000 100000", 4), ("max 100000", 8)]
)
def test_a_quota_of_cores_is_respected(cgroup: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cores: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 16)
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: 16 if logical else 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)
    (cgroup / "cpu.max").write_text(f"{quota}\n")
    assert machine.usable_cores() == cores


def test_affinity_is_respected(cgroup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert machine.usable_cores() == 1


def test_a_memory_limit_is_respected_and_file_cache_is_no_use_of_it(cgroup: Path) -> None:
    (cgroup / "memory.max").write_text("1000000\n")
    (cgroup / "memory.current").write_text("700000\n")
    assert machine.available_memory() == 300_000
    (cgroup / "memory.stat").write_text("anon 500000\ninactive_file 200000\n")
    assert machine.available_memory() == 500_000
    (cgroup / "memory.max").write_text("max\n")
    assert machine.available_memory() > 1_000_000


def test_the_machines_key_is_stable() -> None:
    machine.machine_key.cache_clear()
    first = machine.machine_key()
    machine.machine_key.cache_clear()
    assert machine.machine_key() == first
    assert len(first) == 16
