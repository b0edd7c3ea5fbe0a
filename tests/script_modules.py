"""The modules of `scripts`, importable for a test."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@contextmanager
def scripts(*names: str) -> Iterator[tuple[ModuleType, ...]]:
    """These modules, with the folder of scripts on the path while they are used."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        yield tuple(importlib.import_module(name) for name in names)
    finally:
        sys.path.remove(str(SCRIPTS))
