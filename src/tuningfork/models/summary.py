"""What `tuningfork models list` shows."""

from __future__ import annotations

from dataclasses import dataclass

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
