"""An event loop whose clock jumps to the next thing that is due: minutes of waiting take milliseconds, always the same.

with virtual_time(monkeypatch, pacing) as loop:
    loop.run_until_complete(...)         # asyncio.sleep(60) returns at once, 60 seconds later
    loop.time()                          # and the module's time.monotonic() agrees
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


class _JumpingSelector(selectors.DefaultSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never waits. For work without sockets or threads."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@contextmanager
def virtual_time(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Iterator[VirtualLoop]:
    """A loop of that kind; the modules, which import `time`, see its clock."""
    loop = VirtualLoop()
    for module in modules:
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=loop.time))
    try:
        yield loop
    finally:
        loop.close()
