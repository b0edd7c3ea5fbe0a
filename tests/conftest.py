"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.models.hardware import let_threads_spin_briefly
from tuningfork.models.store import ModelStore

# PyTorch reads this when it is loaded, whichever test does so first: its threads then soon sleep while they wait,
# instead of taking the cores from tests that run beside them.
let_threads_spin_briefly()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the project; tests that need it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data sets are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of field cases beside the project; tests that need it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip(f"field cases are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def store() -> ModelStore:
    """The real starter store with the cache that all tests share: `TUNINGFORK_CACHE`, or the user's own."""
    return ModelStore()
