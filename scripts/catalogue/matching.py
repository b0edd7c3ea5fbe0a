"""Who is who: claims of several sources about one model come together under one name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from catalogue.rows import HERE, Claim, read

_SIZE = re.compile(r" ?[\d.]+(?:x\d+)?b(?: ?a\d+b)?| ?(?:base|chat|instruct)|")
_POINTER = re.compile(r" \(latest\)$|[ -](?:instruct|preview|it)$", re.IGNORECASE)
_NO_NAME = re.compile(r"\(latest\)|series of models")
_SHARED_BY_SIZES = ("branch", "access", "context", "licence", "commercial", "corpus", "weights", "domains")


@dataclass(slots=True)
class Draft:
    """A model in the making: its claims, the winning one first."""

    name: str
    aliases: list[str] = field(default_factory=list)
    claims: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def get(self, name: str) -> Any:
        """The field as the first claim states it that does, or None."""
        return next((facts[name] for _, facts in self.claims if name in facts), None)

    def rows(self, source: str) -> list[str]:
        """Its rows in one source."""
        return [told.partition(": ")[2] for told, _ in self.claims if told.startswith(f"{source}: ")]


@cache
def key(name: str) -> str:
    """A name as it is compared between sources."""
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter in ".+")


def matched(claims: Iterable[Claim]) -> list[Draft]:
    """One draft a model; rows that are no language model, or only point at another model, are left out."""
    merges = {(row["source"], row["row"]): row["model"] for row in read(HERE / "merges.csv")}
    excluded = {(row["source"], row["row"]) for row in read(HERE / "excluded.csv")}
    drafts: dict[str, Draft] = {}
    for claim in claims:
        if (claim.source, claim.row) in excluded or not _is_of_language(claim):
            continue
        _take(claim, merges.get((claim.source, claim.row)), drafts)
    return list(drafts.values())


def _is_of_language(claim: Claim) -> bool:
    """Whether a row that is not of a collection of language models speaks of one."""
    if claim.source == "models.dev":
        return claim.facts.get("outputs") == "text" and "text" in claim.facts.get("modalities", ())
    if claim.source == "ecosystem-graphs":
        takes, _, gives = claim.facts.get("modality", "").partition(";")
        return "text" in takes and gives.strip() in ("text", "code", "code, text", "text, code", "")
    return True


def _take(claim: Claim, merged: str | None, drafts: dict[str, Draft]) -> None:
    """Give the claim to its model; to all sizes of its release; or make a model of it."""
    name = merged or claim.row
    names = [key(name)]
    if claim.source == "models.dev" and merged is None:
        names.append(key(_POINTER.sub("", name)))
    draft = next((drafts[found] for found in names if found in drafts), None)
    if draft is not None:
        _add(draft, claim, claim.facts)
        return
    if claim.source == "epoch-eci":
        return
    sizes = _sizes(claim.row, drafts) if claim.family and merged is None else []
    for size in sizes:
        _add(size, claim, {field: value for field, value in claim.facts.items() if field in _SHARED_BY_SIZES})
    if not sizes:
        drafts[names[0]] = draft = Draft(name)
        _add(draft, claim, claim.facts)


def _sizes(release: str, drafts: dict[str, Draft]) -> list[Draft]:
    """The drafts of a release's sizes: 'Llama 2' has 'Llama 2-7B' and 'Llama 2-70B', not 'Llama 2 Guard'."""
    start = _spelt(release)
    found = ((draft, _spelt(draft.name)) for draft in drafts.values())
    return [draft for draft, name in found if name.startswith(start) and _SIZE.fullmatch(name[len(start) :])]


@cache
def _spelt(name: str) -> str:
    """A name with its words kept apart: 'Qwen 1.5 14B' and 'Qwen1.5-14B' are both 'qwen1.5 14b'."""
    return re.sub(r"(?<=[a-z]) (?=\d)", "", re.sub(r"[-_ ]+", " ", name.casefold()))


def _add(draft: Draft, claim: Claim, facts: dict[str, Any]) -> None:
    draft.claims.append((f"{claim.source}: {claim.row}", facts))
    new = claim.row not in (draft.name, *draft.aliases) and _NO_NAME.search(claim.row) is None
    if new and len(facts) == len(claim.facts):
        draft.aliases.append(claim.row)
