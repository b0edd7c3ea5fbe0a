"""Drafts become models: rules, base models, lineages and corrections, every fact under the source that states it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.families import apply, rules
from catalogue.matching import Draft, key
from catalogue.rows import HERE, LISTS, NUMBERS, Row, month_of_paper, read
from tuningfork.foundation.strict_yaml import parse_yaml

_STATED = (
    *("branch", "organisations", "date", "access", "offered", "architecture", "objective", "use", "parameters"),
    *("context", "languages", "domains", "corpus", "modalities", "licence", "commercial", "restrictions"),
    *("training_flop", "capability", "api", "weights", "link", "survey"),
)
_REVISED = 3
"""Months by which a date may pass its paper's number before it is taken for that of a revision."""

_SIZE_IN_NAME = re.compile(r"(?:^|[ (-])(\d+(?:\.\d+)?)[Bb](?![a-z0-9]| words)")
SIZE_IN_NAME = "size-in-name"
PAPER, HANDED_DOWN, GENERATION, VERSION = "arxiv-number", "handed-down", "next-generation", "size-or-version"
KIN = "kin-of-another-maker"
SENTENCES = {
    PAPER: (
        "The number of its only linked arXiv paper gives year and month, where no row has a date or the row's is over "
        "three months later (a revision or a conference)."
    ),
    SIZE_IN_NAME: (
        "The only number with B in its name is its parameters in billions, where no source tells them. Of two such "
        "numbers (an encoder's and a decoder's) neither is."
    ),
    HANDED_DOWN: "A model trained on from another keeps its branch.",
    GENERATION: "A generation of a family grows from the lead of the one before it.",
    VERSION: "Sizes and versions of one generation hang on its lead; older ones grow from the generation before.",
    KIN: "What another maker built like the lead of a generation follows it; it is no version of it.",
}


def assembled(drafts: list[Draft], corrections: Iterable[Row]) -> list[dict[str, Any]]:
    """The entries of the catalogue's file, sorted by name."""
    found, people = rules(), _people(drafts)
    for draft in drafts:
        _date_by_paper(draft)
        _parameters_by_name(draft)
    _correct(drafts, corrections)
    for draft in drafts:
        apply(found, draft, last=False)
    parents = {draft.name: _base(draft, people) for draft in drafts}
    _grow(drafts, parents)
    for draft in drafts:
        _hand_down(draft, parents, people)
        apply(found, draft, last=True)
        apply(found, draft, last=False)
    return sorted((_entry(draft, parents[draft.name]) for draft in drafts), key=lambda entry: entry["name"].casefold())


def _correct(drafts: list[Draft], corrections: Iterable[Row]) -> None:
    """Corrections go before all claims.

    Raises:
        ValueError: a correction of a model that is not there.
    """
    named = {draft.name: draft for draft in drafts}
    for row in corrections:
        if row["model"] not in named:
            raise ValueError(f"corrections: no model {row['model']!r}")
        value: Any = row["value"]
        if row["field"] in LISTS:
            value = value.split(";")
        elif row["field"] in NUMBERS:
            value = int(value)
        told = f"correction: {row['reason']} ({row['link']})"
        named[row["model"]].claims.insert(0, (told, {row["field"]: value}))


def _people(drafts: list[Draft]) -> dict[str, Draft]:
    """By name and alias; names win."""
    aliases = {key(alias): draft for draft in drafts for alias in draft.aliases}
    return aliases | {key(draft.name): draft for draft in drafts}


def _date_by_paper(draft: Draft) -> None:
    """The month of the one paper that is linked, where no row has a date or the row's is of a later revision."""
    month, date = month_of_paper(draft.get("links") or ""), draft.get("date")
    if month is not None and (date is None or _months(date) - _months(month) > _REVISED):
        draft.claims.insert(0, (f"rule: {PAPER}", {"date": month}))


def _parameters_by_name(draft: Draft) -> None:
    sizes = _SIZE_IN_NAME.findall(draft.name)
    if len(sizes) == 1 and draft.get("parameters") is None:
        draft.claims.append((f"rule: {SIZE_IN_NAME}", {"parameters": round(float(sizes[0]) * 1e9)}))


def _months(date: str) -> int:
    return 12 * int(date[:4]) + int(date[5:7] or 1)


_Parent = tuple[str, str, str]
"""Name, relation, source."""

_TRAINED = "trained from"
_STAND_INS = {row["base"]: row["model"] for row in read(HERE / "base_models.csv")}


def _base(draft: Draft, people: Mapping[str, Draft]) -> _Parent | None:
    """The parent that a source names, or Figure 1's line, as far as the catalogue has it.

    The relation is the one that the same row tells; a base model without one is trained from. Figure 1's line wins; it
    is one of training where another source names a base model too.
    """
    told = [(source, facts) for source, facts in draft.claims if "parent" in facts]
    relations = [facts.get("relation", _TRAINED) for _, facts in told]
    for (source, facts), relation in zip(told, relations, strict=True):
        bases = facts["parent"]
        for name in (bases, *bases.split(",")):
            base = people.get(key(_STAND_INS.get(name.strip(), name.strip())))
            if base is not None and base is not draft:
                drawn = "survey" in facts
                return base.name, _TRAINED if drawn and _TRAINED in relations else relation, source
    return None


def _grow(drafts: list[Draft], parents: dict[str, _Parent | None]) -> None:
    """Fill the parents that no source names from the lineages.

    Raises:
        ValueError: a lineage names a lead that is not there.
    """
    names = {draft.name: draft for draft in drafts}
    lineages = parse_yaml((HERE / "lineages.yaml").read_text(encoding="utf-8")).content
    for family, generations in lineages.items():
        before: str | None = None
        for lead, pattern in generations:
            if lead not in names:
                raise ValueError(f"lineages.yaml, {family}: no model {lead!r}")
            for name, draft in names.items():
                if parents[name] is None and (name == lead or re.search(pattern, name)):
                    parents[name] = _place(draft, names[lead], before)
            before = lead


def _place(draft: Draft, lead: Draft, before: str | None) -> _Parent | None:
    """The parent of a member of a generation: its lead, or for what is older than the lead, the generation before."""
    if draft is lead or _months(draft.get("date")) < _months(lead.get("date")):
        return None if before is None else (before, "follows", f"rule: {GENERATION}")
    if _makers(draft).isdisjoint(_makers(lead)):
        return lead.name, "follows", f"rule: {KIN}"
    return lead.name, "version of", f"rule: {VERSION}"


def _makers(draft: Draft) -> set[str]:
    """Its organisations, those of a joint name one by one."""
    return {maker for name in draft.get("organisations") or () for maker in name.split("/")}


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
