"""What `tuningfork models list` shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from tuningfork.models.starters import StarterKind, starters
from tuningfork.models.store import ModelStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSummary:
    """One starter model, for people.

    Attributes:
        kind: 'encoder', 'static-encoder' or 'llm'.
        bytes: size of its files.
        present: whether it is in the cache, whole.
        sources: where it is, or would come from, in the order in which they are tried.
    """

    name: str
    kind: StarterKind
    title: str
    parameters: int
    quantisation: str | None
    context_tokens: int | None
    bytes: int
    licence: str
    present: bool
    sources: tuple[str, ...]

    @property
    def size(self) -> str:
        """The size for people: '92 MB'."""
        return f"{self.bytes / 1e6:.0f} MB"

    @property
    def source(self) -> str:
        """Where it is, or the first place it would come from."""
        return self.sources[0]

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return asdict(self)


def describe_models(store: ModelStore) -> list[ModelSummary]:
    """All starter models, encoders first, then LLMs; no request is made."""
    return [
        ModelSummary(
            name=model.name,
            kind=model.kind,
            title=model.title,
            parameters=model.parameters,
            quantisation=model.quantisation,
            context_tokens=model.context_tokens,
            bytes=model.bytes,
            licence=model.licence,
            present=store.is_present(model.name),
            sources=store.sources(model),
        )
        for model in starters()
    ]
