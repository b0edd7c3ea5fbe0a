"""What trials work with: encoders and chat models, each opened once, with everything counted and kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tuningfork.arms.family import Fitted, Progress, Services
from tuningfork.arms.spec import ArmSpec
from tuningfork.atlas.prices import parse_price
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.llm.opening import CHAT_OPTIONS, check_chat_model, open_chat_model
from tuningfork.models.llm.providers import LOCAL
from tuningfork.models.ports import Journal, Meter
from tuningfork.models.references import ModelKind
from tuningfork.models.store import ModelStore
from tuningfork.study.kept_models import KeptModels
from tuningfork.study.planned import PlannedTrial
from tuningfork.task.schema import Note


class Workbench:
    """Opens models on demand and closes them all at the end.

    Its `stopwatch` takes the times of trials. Opening a model, and fetching it, belongs to no trial: which one comes
    first hangs on where a study was stopped.

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
        self._encoders: dict[str, Encoder] = {}
        self._kept = KeptModels(folder / "models")
        self._vectors = EmbeddingCache(folder / "models" / "embeddings")
        self._open_chat: tuple[str, ChatModel] | None = None
        self._chats = ExitStack()
        self.stopwatch = Stopwatch()

    def services(self, progress: Progress) -> Services:
        """The services of one trial; what `progress` raises ends its fitting."""
        return Services(
            encoder=self.encoder,
            embed=lambda reference, texts: self.embed(reference, texts, progress),
            chat=self.chat,
            model_folder=lambda reference: self.locate(reference, "encoder"),
            workspace=self._folder / "models",
            progress=progress,
            stopwatch=self.stopwatch,
        )

    def locate(self, reference: str, kind: ModelKind) -> Path:
        """Weights on disk, fetched if need be; the time of a download is not counted against the budget."""
        if self.store.is_present(reference, kind):
            return self.store.locate(reference, kind)
        started = time.monotonic()
        try:
            with self.stopwatch.not_counted():
                return self.store.locate(reference, kind)
        finally:
            self._not_counted(time.monotonic() - started)

    def encoder(self, reference: str) -> Encoder:
        """The encoder, opened once."""
        if reference not in self._encoders:
            self.locate(reference, "encoder")
            with self.stopwatch.not_counted():
                self._encoders[reference] = open_encoder(reference, self.store)
        return self._encoders[reference]

    def embed(self, reference: str, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors, each text computed once a study. What known texts would have taken is owed, so that an arm's time
        does not depend on which arm came first, nor on where the study was stopped."""
        encoder = self.encoder(reference)
        found = self._vectors.embed_and_tell(encoder, texts, progress)
        self.stopwatch.owe(found.owed_seconds, earlier_run=found.from_earlier_run)
        return found.vectors

    def keep(self, planned: PlannedTrial, fitted: Fitted) -> Note | None:
        """Keep the model of a trial that has answered, if it is its arm's to be kept; no trial pays for the time.

        Returns:
            Why it was not kept, of a model that should have been.
        """
        with self.stopwatch.not_counted():
            return self._kept.keep(planned, fitted)

    def chat(self, spec: ArmSpec) -> ChatModel:
        """The chat model of a spec. One is open at a time: two local ones would share memory and cores."""
        name = f"{spec.model}@{spec.url}?{sorted((k, v) for k, v in spec.options.items() if k in CHAT_OPTIONS)}"
        if self._open_chat is None or self._open_chat[0] != name:
            with self.stopwatch.not_counted():
                self._open_chat = (name, self._opened_chat(spec))
        return self._open_chat[1]

    def _opened_chat(self, spec: ArmSpec) -> ChatModel:
        self.close_chat()
        if check_chat_model(spec.model, spec.url, spec.options, self.store, prices=self._prices).provider == LOCAL:
            self.locate(spec.model, "llm")
        return self._chats.enter_context(
            open_chat_model(
                spec.model,
                spec.url,
                {key: value for key, value in spec.options.items() if key in CHAT_OPTIONS},
                store=self.store,
                journal=self._journal,
                meter=self._meter,
                prices=self._prices,
                announce=self._announce,
                stopwatch=self.stopwatch,
            )
        )

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
