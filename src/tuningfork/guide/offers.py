"""What there is to measure, from the starter store and the atlas, as one kind of record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tuningfork.atlas.catalogue import Model, load
from tuningfork.atlas.listed import list_price
from tuningfork.models.llm.providers import providers
from tuningfork.models.starters import starter
from tuningfork.models.suggestions import Suggestion, suggestions
from tuningfork.task.documents import parse_document

_HUB = "https://huggingface.co/"
_SERVER = "http://127.0.0.1:8000/v1"
"""Where a server of one's own is taken to listen; vLLM's default."""
_GB = 1e9
_BYTES_QUANTISED = 0.7
"""Bytes a parameter of an LLM with four-bit weights, its working memory included: a rule of thumb."""
_BYTES_TRAINED = 16.0
"""Bytes a parameter of a model that is trained whole: weights, gradients and Adam's two moments in single precision."""
_BYTES_FROZEN = 4.0
_LAST_PLACE = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One model with what is known of it.

    Attributes:
        arm: how to measure it; None where no way is known, and `missing` says what is.
        place: among those that run here at once, from 0; the rest have the last place.
        local: it runs on the user's own machine.
        bounded: it reads no more than its window (a bag of words has none).
        price_of: the atlas's model whose list price counts, None without a bill.
    """

    model: str
    side: Literal["llm", "fine-tuned"]
    arm: str | None
    missing: str = ""
    why: str = ""
    place: int = _LAST_PLACE
    access: str = "unknown"
    commercial: str = "unknown"
    local: bool = True
    bounded: bool = True
    memory_gb: float | None = None
    context: int | None = None
    languages: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    capability: float | None = None
    year: float | None = None
    price_of: Model | None = None

    @property
    def runs_here(self) -> bool:
        """Whether it needs no server and no provider."""
        return self.place < _LAST_PLACE

    def price(self) -> float | None:
        """Dollars a million prompt tokens, None where there is no bill or it is not known."""
        found = None if self.price_of is None else list_price(self.price_of)
        return None if found is None else found.prompt


class _Here(BaseModel):
    """An arm that runs here as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    arm: str
    model: str
    side: Literal["llm", "fine-tuned"]
    why: str
    starter: str | None = None
    languages: tuple[str, ...] = ()
    context: int | None = None
    trained: bool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    here: tuple[_Here, ...]
    encoders: Mapping[str, str]


@cache
def offers() -> tuple[Offer, ...]:
    """Everything that could be measured; no request is made."""
    text = files("tuningfork.guide.data").joinpath("candidates.yaml").read_text(encoding="utf-8")
    known = parse_document(text, "candidates.yaml").as_model(_File)
    return (*_here(known), *map(_as_suggested, _encoders(known)), *_suggested(), *_llms())


def _here(known: _File) -> Iterator[Offer]:
    for place, row in enumerate(known.here):
        model = None if row.starter is None else starter(row.starter)
        size = _BYTES_TRAINED if row.trained else _BYTES_QUANTISED if row.side == "llm" else _BYTES_FROZEN
        context = row.context if model is None else model.context_tokens or row.context
        yield Offer(
            model=row.model,
            side=row.side,
            arm=row.arm,
            why=row.why,
            place=place,
            access="open",
            commercial="yes",
            bounded=context is not None,
            memory_gb=0.1 if model is None else model.parameters * size / _GB,
            context=context,
            languages=row.languages,
        )


def _encoders(known: _File) -> Iterator[Offer]:
    """Encoders of the atlas that can be had."""
    for model in load():
        if model.branch != "encoder-only" or model.access != "open":
            continue
        repository = known.encoders.get(model.name)
        yield Offer(
            model=model.name,
            side="fine-tuned",
            arm=None if repository is None else f"finetune:hf:{repository}",
            missing="it is not among the encoders that are known to load here",
            why=f"open weights, {model.date[:4]}" if model.date else "open weights",
            access=model.access,
            commercial=model.commercial,
            memory_gb=None if model.parameters is None else model.parameters * _BYTES_TRAINED / _GB,
            context=model.context,
            languages=model.languages,
            domains=model.domains,
            year=model.when,
        )


def _as_suggested(offer: Offer) -> Offer:
    """An encoder of the atlas, with what the suggestions know of it."""
    one = _suggestions_by_name().get(_bare(offer.model))
    if one is None or offer.arm is not None:
        return offer
    context, year = offer.context or one.context, offer.year or float(one.release[:4])
    return replace(offer, arm=one.spec, memory_gb=_memory_of(one), context=context, year=year)


def _suggested() -> Iterator[Offer]:
    """Suggested encoders that the atlas has not."""
    in_the_atlas = {_bare(model.name) for model in load()}
    for name, one in _suggestions_by_name().items():
        if name not in in_the_atlas:
            yield Offer(
                model=one.name,
                side="fine-tuned",
                arm=one.spec,
                why=f"open weights, {one.release[:4]}",
                access="open",
                commercial="yes",
                memory_gb=_memory_of(one),
                context=one.context,
                languages=(one.languages,),
                year=float(one.release[:4]),
            )


def _suggestions_by_name() -> dict[str, Suggestion]:
    return {_bare(one.name): one for one in suggestions()}


def _memory_of(one: Suggestion) -> float:
    return one.parameters * (_BYTES_FROZEN if one.arm == "head" else _BYTES_TRAINED) / _GB


def _bare(name: str) -> str:
    """'Ettin encoder 17M' and 'ettin-encoder-17m' are one model."""
    return "".join(character for character in name.lower() if character.isalnum())


def _llms() -> Iterator[Offer]:
    """LLMs of the atlas that have a capability index: without one there is no ranking them."""
    for model in load():
        if model.side == "fine-tuned" or model.capability is None:
            continue
        offered = model.api is not None and model.api.partition("/")[0] in providers()
        arm = f"prompt:{model.api}" if offered else _on_a_server(model)
        yield Offer(
            model=model.name,
            side="llm",
            arm=arm,
            missing="no provider that is known here offers it, and no address of weights is known",
            why="at its maker's API" if offered else "open weights, on a server of your own" if arm else "",
            access=model.access,
            commercial="yes" if offered else model.commercial,
            local=not offered,
            memory_gb=None if model.parameters is None else model.parameters * _BYTES_QUANTISED / _GB,
            context=model.context,
            languages=model.languages,
            domains=model.domains,
            capability=model.capability,
            year=model.when,
            price_of=model if offered else None,
        )


def _on_a_server(model: Model) -> str | None:
    """The spec for open weights that a server of one's own runs under their Hub name."""
    if model.access != "open" or model.weights is None or not model.weights.startswith(_HUB):
        return None
    name = model.weights.removeprefix(_HUB).strip("/")
    return f"prompt:{name}@{_SERVER}" if name.count("/") == 1 else None
