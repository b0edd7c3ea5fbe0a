"""Drafts become models: rules, base models, lineages and corrections, every fact under the source that states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from catalogue.families import Rule, applied, rules
from catalogue.matching import Draft, key
from catalogue.rows import HERE, month_of_paper, read

_LISTS = {"organisations", "languages", "domains", "modalities"}
_NUMBERS = {"parameters", "context"}
_STATED = (
    *("branch", "organisations", "date", "access", "offered", "architecture", "objective", "use", "parameters"),
    *("context", "languages", "domains", "corpus", "modalities", "licence", "commercial", "training_flop"),
    *("capability", "priced_as", "weights", "link", "survey"),
)
PAPER, HANDED_DOWN, GENERATION, VERSION = "arxiv-number", "handed-down", "next-generation", "size-or-version"
SENTENCES = {
    PAPER: "Where no source has a date, the number of its arXiv paper gives year and month.",
    HANDED_DOWN: "A model trained on from another keeps its branch.",
    GENERATION: "A generation of a family grows from the one before it (scripts/catalogue/lineages.yaml).",
    VERSION: "Sizes and versions of one generation hang on its lead (scripts/catalogue/lineages.yaml).",
}


def assembled(drafts: list[Draft]) -> list[dict[str, Any]]:
    """The entries of the catalogue's file, sorted by name."""
    _correct(drafts)
    found = rules()
    people = _people(drafts)
    for draft in drafts:
        _date_by_paper(draft)
        _state(draft, found, last=False)
    parents = {draft.name: _base(draft, people) for draft in drafts}
    _grow(drafts, parents)
    for draft in drafts:
        _hand_down(draft, parents, people)
        _state(draft, found, last=True)
        _state(draft, found, last=False)
    return sorted((_entry(draft, parents[draft.name]) for draft in drafts), key=lambda entry: entry["name"].casefold())


def _correct(drafts: list[Draft]) -> None:
    """Corrections go before all claims.

    Raises:
        ValueError: a correction of a model that is not there.
    """
    named = {draft.name: draft for draft in drafts}
    for row in read(HERE / "corrections.csv"):
        if row["model"] not in named:
            raise ValueError(f"corrections.csv: no model {row['model']!r}")
        value: Any = row["value"]
        if row["field"] in _LISTS:
            value = value.split(";")
        elif row["field"] in _NUMBERS:
            value = int(value)
        told = f"correction: {row['reason']} ({row['link']})"
        named[row["model"]].claims.insert(0, (told, {row["field"]: value}))


def _people(drafts: list[Draft]) -> dict[str, Draft]:
    """By name and alias; names win."""
    aliases = {key(alias): draft for draft in drafts for alias in draft.aliases}
    return aliases | {key(draft.name): draft for draft in drafts}


def _date_by_paper(draft: Draft) -> None:
    if draft.get("date") is None and (month := month_of_paper(draft.get("link") or "")):
        draft.claims.append((f"rule: {PAPER}", {"date": month}))


def _state(draft: Draft, found: list[Rule], *, last: bool) -> None:
    for rule, added in list(applied(found, draft, last=last)):
        draft.claims.append((f"rule: {rule.id}", added))


_Parent = tuple[str, str, str]
"""Name, relation, source."""

_STAND_INS = {row["base"]: row["model"] for row in read(HERE / "base_models.csv")}


def _base(draft: Draft, people: Mapping[str, Draft]) -> _Parent | None:
    """The base model that a source names, or Figure 1's line, as far as the catalogue has it."""
    for told, facts in draft.claims:
        if not facts.get("parent"):
            continue
        relation = "follows" if told.startswith("figure1") else "trained from"
        for name in (facts["parent"], *facts["parent"].split(",")):
            base = people.get(key(_STAND_INS.get(name.strip(), name.strip())))
            if base is not None and base is not draft:
                return base.name, relation, told
    return None


def _grow(drafts: list[Draft], parents: dict[str, _Parent | None]) -> None:
    """Fill the parents that no source names from the lineages.

    Raises:
        ValueError: a lineage names a lead that is not there.
    """
    names = {draft.name: draft for draft in drafts}
    for family, generations in yaml.safe_load((HERE / "lineages.yaml").read_text(encoding="utf-8")).items():
        before: str | None = None
        for lead, pattern in generations:
            if lead not in names:
                raise ValueError(f"lineages.yaml, {family}: no model {lead!r}")
            if before is not None and parents[lead] is None:
                parents[lead] = (before, "follows", f"rule: {GENERATION}")
            for name in names:
                if name != lead and re.search(pattern, name) and parents[name] is None:
                    parents[name] = (lead, "version of", f"rule: {VERSION}")
            before = lead


def _hand_down(draft: Draft, parents: Mapping[str, _Parent | None], people: Mapping[str, Draft]) -> None:
    """The branch of the nearest ancestor by training that has one."""
    seen, current = {draft.name}, draft
    while current.get("branch") is None:
        parent = parents[current.name]
        if parent is None or parent[0] in seen:
            return
        current = people[key(parent[0])]
        seen.add(current.name)
    if draft.get("branch") is None:
        draft.claims.append((f"rule: {HANDED_DOWN}", {"branch": current.get("branch")}))


def _entry(draft: Draft, parent: _Parent | None) -> dict[str, Any]:
    facts: dict[str, dict[str, Any]] = {}
    if parent is not None:
        facts[parent[2]] = {"parent": parent[0], "relation": parent[1]}
    for name in _STATED:
        told, value = next(((told, f[name]) for told, f in draft.claims if name in f), (None, None))
        if told is not None and value not in ("unknown", None):
            facts.setdefault(told, {})[name] = value
    entry: dict[str, Any] = {"name": draft.name}
    if draft.aliases:
        entry["aliases"] = sorted(set(draft.aliases) - {draft.name})
    return entry | {"facts": facts}
