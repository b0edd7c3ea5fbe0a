"""A client of a scripted server, as the tests of the LLM client use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from llm_servers import ScriptedServer
from ports import MemoryJournal, MemoryMeter
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.llm.pacing import Patience
from tuningfork.models.store import ModelStore

Opener = Callable[..., ChatModel]


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key of the person who runs the tests is ever used."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "TUNINGFORK_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("OPENAI_BASE_URL", "OLLAMA_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def meter() -> MemoryMeter:
    return MemoryMeter()


@pytest.fixture
def open_client(journal: MemoryJournal, meter: MemoryMeter) -> Iterator[Opener]:
    """Opens 'MODEL@the server', with short waits."""
    with ExitStack() as stack:

        def open_(server: ScriptedServer | None, model: str = "tiny", **given: Any) -> ChatModel:
            arguments: dict[str, Any] = {
                "store": ModelStore(),
                "journal": journal,
                "meter": meter,
                "prices": {},
                "patience": Patience(first_wait=0.01),
            } | given
            options = arguments.pop("options", {})
            url = server.url if server is not None else None
            return stack.enter_context(open_chat_model(model, url, options, **arguments))

        yield open_
