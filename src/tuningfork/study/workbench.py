"""What trials work with: encoders and chat models, each opened once, with everything counted and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tuningfork.arms.family import Progress, Services
from tuningfork.arms.spec import ArmSpec
from tuningfork.atlas.prices import parse_price
from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.llm.opening import CHAT_OPTIONS, check_chat_model, open_chat_model
from tuningfork.models.llm.providers import LOCAL
from tuningfork.models.ports import Journal, Meter
from tuningfork.models.store import ModelStore


class Workbench:
    """Opens models on demand and closes them all at the end.

    Args:
        folder: the study's folder; caches go below it.
        store: where weights come from.
        prices: 'MODEL=IN,OUT' as the user gave them.
        not_counted: told the seconds that downloads took.
    """

    def __init__(
        self,
        folder: Path,
        *,
        store: ModelStore,
        journal: Journal,
        meter: Meter,
        prices: Sequence[str],
        announce: Callable[[str], None],
        not_counted: Callable[[float], None],
    ) -> None:
        self.store = store
        self._folder, self._journal, self._meter = folder, journal, meter
        self._prices = dict(parse_price(text) for text in prices)
        self._announce, self._not_counted = announce, not_counted
        self._encoders: dict[str, _TimedEncoder] = {}
        self._vectors = EmbeddingCache(folder / "models" / "embeddings")
        self._open_chat: tuple[str, ChatModel] | None = None
        self._chats = ExitStack()
        self.owed_seconds = 0.0

    def services(self, progress: Progress) -> Services:
        """The services of one trial; what `progress` raises ends its fitting."""
        return Services(
            encoder=self.encoder,
            embed=lambda reference, texts: self.embed(reference, texts, progress),
            chat=self.chat,
            model_folder=self.locate,
            workspace=self._folder / "models",
            progress=progress,
        )

    def locate(self, reference: str) -> Path:
        """Weights on disk, fetched if need be; the time of a download is not counted against the budget."""
        if self.store.is_present(reference):
            return self.store.locate(reference)
        started = time.monotonic()
        try:
            return self.store.locate(reference)
        finally:
            self._not_counted(time.monotonic() - started)

    def encoder(self, reference: str) -> Encoder:
        """The encoder, opened once."""
        if reference not in self._encoders:
            self.locate(reference)
            self._encoders[reference] = _TimedEncoder(open_encoder(reference, self.store))
        return self._encoders[reference]

    def embed(self, reference: str, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors, each text computed once a study. What cached texts would have taken is added to `owed_seconds`,
        so that an arm's training time does not depend on which arm came first."""
        encoder = self.encoder(reference)
        assert isinstance(encoder, _TimedEncoder)
        fresh_before = encoder.characters
        vectors = self._vectors.embed(encoder, texts, progress)
        cached = sum(map(len, texts)) - (encoder.characters - fresh_before)
        self.owed_seconds += max(0, cached) * encoder.seconds_per_character
        return vectors

    def chat(self, spec: ArmSpec) -> ChatModel:
        """The chat model of a spec. One is open at a time: two local ones would share memory and cores."""
        name = f"{spec.model}@{spec.url}?{sorted((k, v) for k, v in spec.options.items() if k in CHAT_OPTIONS)}"
        if self._open_chat is None or self._open_chat[0] != name:
            self.close_chat()
            if check_chat_model(spec.model, spec.url, spec.options, self.store, prices=self._prices).provider == LOCAL:
                self.locate(spec.model)
            model = self._chats.enter_context(
                open_chat_model(
                    spec.model,
                    spec.url,
                    {key: value for key, value in spec.options.items() if key in CHAT_OPTIONS},
                    store=self.store,
                    journal=self._journal,
                    meter=self._meter,
                    prices=self._prices,
                    announce=self._announce,
                )
            )
            self._open_chat = (name, model)
        return self._open_chat[1]

    def close_chat(self) -> None:
        """Stop whatever LLM server is running."""
        self._open_chat = None
        self._chats.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_chat()


class _TimedEncoder:
    """An encoder that knows how fast it has been."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.characters, self._seconds = 0, 0.0
        self.name, self.fingerprint = encoder.name, encoder.fingerprint
        self.dimensions, self.max_tokens = encoder.dimensions, encoder.max_tokens

    @property
    def seconds_per_character(self) -> float:
        """0 until it has embedded anything."""
        return self._seconds / self.characters if self.characters else 0.0

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> Vectors:
        started = time.perf_counter()
        vectors = self._encoder.embed(texts, progress=progress)
        self._seconds += time.perf_counter() - started
        self.characters += sum(map(len, texts))
        return vectors
