"""Models to measure: what the starter store and the atlas offer for a task, ranked, with the reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from tuningfork.guide.offers import Offer, offers
from tuningfork.guide.traits import RowTraits
from tuningfork.guide.walk import Outcome

Side = Literal["llm", "fine-tuned"]
Access = Literal["open", "api"]
ACCESSES: tuple[Access, ...] = get_args(Access)
_SIDES: tuple[Side, ...] = ("fine-tuned", "llm")
_NOTHING_MEASURED = RowTraits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a model must be; None and False ask nothing.

    Attributes:
        access: 'open' (weights that can run in the house) or 'api' (offered by a provider).
        commercial: commercial use must be allowed, perhaps on terms.
        memory_gb: gigabytes that training and running it may take.
        context: window in tokens, at least.
        language: ISO 639-1 code that it must know.
        domain: that it should be made for; it moves the ranking and rules nothing out.
        max_price: dollars a million prompt tokens, at most; what runs here has no bill.
    """

    access: Access | None = None
    commercial: bool = False
    memory_gb: float | None = None
    context: float | None = None
    language: str | None = None
    domain: str | None = None
    max_price: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One model that could be measured.

    Attributes:
        model: its name.
        side: where it would stand.
        status: 'in', or 'ruled out' by a limit.
        reasons: why it is in at its place, or what rules it out.
        arm: the arm spec that measures it; None where it is ruled out or no way to run it is known.
    """

    model: str
    side: Side
    status: Literal["in", "ruled out"]
    reasons: tuple[str, ...]
    arm: str | None = field(default=None)

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return asdict(self) | {"reasons": list(self.reasons)}


def candidates(
    limits: Limits, leaf: Outcome, *, rows: RowTraits = _NOTHING_MEASURED, most: int = 4
) -> tuple[Candidate, ...]:
    """The models to measure first, the leaf's side before the other, and the best of those that a limit rules out.

    Fine-tuned models are ranked by what runs here at once, then newest first; LLMs by the general capability index,
    then what runs here. Models made for the asked domain come before others of their side. A limit on a fact that is
    not known of a model rules it out, and says so.

    What was measured on the rows counts where a person has asked for nothing: models made for their domain come right
    behind the first of their side, so that what leads without it is still compared; models that do not know their
    language come last, unless they are made for a domain that was asked for. Each says so among its reasons.

    Args:
        leaf: where the flow ended; its side comes first.
        rows: domain and language of the rows, as far as they are known.
        most: models a side and status.
    """
    order = _SIDES if leaf == "fine-tuned" else tuple(reversed(_SIDES))
    rows = rows.without(domain=limits.domain is not None, language=limits.language is not None)
    found = sorted(offers(), key=lambda offer: _rank(offer, limits))
    listed: list[Candidate] = []
    for side in order:
        of_side = [offer for offer in found if offer.side == side]
        fitting = _suited([offer for offer in of_side if not any(_against(offer, limits))], limits, rows)
        barred = _suited([offer for offer in of_side if any(_against(offer, limits))], limits, rows)
        barred.sort(key=lambda offer: offer.arm is None)
        listed += [_in(offer, limits, rows) for offer in _with_one_from_here(fitting, most)]
        listed += [_ruled_out(offer, limits, rows) for offer in barred[:most]]
    return tuple(sorted(listed, key=lambda candidate: candidate.status == "ruled out"))


def _suited(ranked: Sequence[Offer], limits: Limits, rows: RowTraits) -> list[Offer]:
    """The same offers, moved by what was measured on the rows; what was asked for stays ahead."""

    def last(offer: Offer) -> bool:
        return rows.foreign_to(offer) and limits.domain not in offer.domains

    known = sorted(ranked, key=last)
    return known[:1] + sorted(known[1:], key=lambda offer: (last(offer), rows.made_for(offer) is None))


def _with_one_from_here(fitting: Sequence[Offer], most: int) -> list[Offer]:
    """The first few, the last of them one that runs here at once where there is any: it can be tried today."""
    first = list(fitting[:most])
    here = [offer for offer in fitting if offer.runs_here]
    if here and not any(offer.runs_here for offer in first):
        first[-1] = here[0]
    return first


def _rank(offer: Offer, limits: Limits) -> tuple[bool, int, float, str]:
    """Smaller is better: made for the domain; runs here or ranked by capability; capability or date; name."""
    off_domain = limits.domain is not None and limits.domain not in offer.domains
    if offer.side == "fine-tuned":
        return off_domain, offer.place, -(offer.year or 0.0), offer.model
    return off_domain, 0 if offer.capability is not None else 1 + offer.place, -(offer.capability or 0.0), offer.model


def _against(offer: Offer, limits: Limits) -> Iterator[str]:
    """What rules the offer out."""
    if offer.arm is None:
        yield offer.missing
    if limits.access == "open" and offer.access != "open":
        yield "its weights are not open" if offer.access == "closed" else "whether its weights are open is not known"
    if limits.access == "api" and offer.side == "llm" and offer.local:
        yield "no provider that is known here offers it"
    if limits.commercial and offer.commercial not in ("yes", "conditional"):
        yield (
            "commercial use is not allowed"
            if offer.commercial == "no"
            else "whether commercial use is allowed is not known"
        )
    yield from _too_little(offer, limits)
    if limits.max_price is not None and offer.price_of is not None:
        price = offer.price()
        if price is None or price > limits.max_price:
            yield "its price is not known" if price is None else f"${price:g} a million prompt tokens"


def _too_little(offer: Offer, limits: Limits) -> Iterator[str]:
    if limits.memory_gb is not None and offer.local:
        if offer.memory_gb is None:
            yield "its size is not known"
        elif offer.memory_gb > limits.memory_gb:
            yield f"takes about {_memory(offer.memory_gb)}"
    if limits.context is not None and offer.bounded and (offer.context is None or offer.context < limits.context):
        yield "its window is not known" if offer.context is None else f"its window is {offer.context:,} tokens"
    told = offer.languages
    if limits.language is not None and told and "mul" not in told and limits.language not in told:
        yield f"made for {', '.join(told)} only"


def _in(offer: Offer, limits: Limits, rows: RowTraits) -> Candidate:
    reasons = [*rows.reasons(offer), *([offer.why] if offer.why else [])]
    if limits.domain is not None and limits.domain in offer.domains:
        reasons.insert(0, f"made for {limits.domain}")
    if offer.capability is not None:
        reasons.append(f"capability index {offer.capability:.0f} (Epoch)")
    price = offer.price()
    if price is not None:
        reasons.append(f"${price:g} a million prompt tokens")
    reasons += _size(offer)
    return Candidate(model=offer.model, side=offer.side, status="in", reasons=tuple(reasons), arm=offer.arm)


def _size(offer: Offer) -> Sequence[str]:
    told = []
    if offer.local and offer.memory_gb is not None:
        told.append(f"about {_memory(offer.memory_gb)}")
    if offer.context is not None and offer.bounded:
        told.append(f"window of {offer.context:,} tokens")
    return told


def _memory(gigabytes: float) -> str:
    return f"{gigabytes:.1f} GB" if gigabytes >= 0.95 else f"{1000 * gigabytes:.0f} MB"


def _ruled_out(offer: Offer, limits: Limits, rows: RowTraits) -> Candidate:
    reasons = (*_against(offer, limits), *rows.reasons(offer))
    return Candidate(model=offer.model, side=offer.side, status="ruled out", reasons=reasons)
