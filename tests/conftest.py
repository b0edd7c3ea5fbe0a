"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tuningfork.models.store import ModelStore

pytest_plugins = ["suite_time"]

# Libraries read these when they are loaded, whichever test does so first, in these processes and in those that tests
# start. Tests run side by side on all cores: threads of one would only wait, and spin, for those of another.
for _library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# By the clock on the wall an example takes as long as the other tests let it.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


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
