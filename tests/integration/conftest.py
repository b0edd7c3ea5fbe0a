"""Fixtures that all tests of the whole share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tuningfork.models.llm import local_server


@pytest.fixture(scope="session", autouse=True)
def _one_thread_a_local_llm() -> Iterator[None]:
    """Its threads wait for one another at every layer, and beside other tests each of them for a core: two take five
    times as long as one. Servers of processes that tests start have as many as the machine has cores."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_server, "usable_cores", lambda: 1)
        yield
