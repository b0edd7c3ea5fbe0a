"""Family rules: facts of a model that follow from its kind, each rule a sentence that a person can check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from catalogue.matching import Draft
from catalogue.rows import HERE

_CONDITIONS = {"name", "not", "names", "since", "until", "organisation", "task", "offered", "access"}
_CONDITIONS |= {"licence", "priced", "branch"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the folder `rules`."""

    id: str
    statement: str
    conditions: dict[str, Any]
    facts: dict[str, Any]
    last: bool

    def fits(self, draft: Draft) -> bool:
        """Whether it speaks of this model, as far as that is known."""
        told, names = self.conditions, [draft.name, *draft.aliases]
        date, makers = draft.get("date") or "", draft.get("organisations") or []
        checks = (
            "name" not in told or any(re.search(told["name"], name, re.IGNORECASE) for name in names),
            "not" not in told or not any(re.search(told["not"], name, re.IGNORECASE) for name in names),
            "names" not in told or bool(set(told["names"]) & set(names)),
            "since" not in told or date >= told["since"],
            "until" not in told or "" < date <= told["until"],
            "organisation" not in told or bool(set(told["organisation"]) & set(makers)),
            "task" not in told or re.search(told["task"], draft.get("task") or "") is not None,
            "offered" not in told or draft.get("offered") == told["offered"],
            "access" not in told or draft.get("access") == told["access"],
            "priced" not in told or bool(draft.get("api")) == told["priced"],
            "licence" not in told or re.search(told["licence"], draft.get("licence") or "") is not None,
            "branch" not in told or draft.get("branch") == told["branch"],
        )
        return all(checks)


def rules() -> list[Rule]:
    """All rules, in the order in which they win.

    Raises:
        ValueError: a condition that is none, or two rules of one name.
    """
    files = sorted((HERE / "rules").glob("*.yaml"))
    found = [_rule(dict(entry)) for path in files for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]
    if len({rule.id for rule in found}) < len(found):
        raise ValueError("rules: two of them have one id")
    return found


def _rule(entry: dict[str, Any]) -> Rule:
    told = {"id": entry.pop("id"), "statement": entry.pop("statement"), "facts": entry.pop("facts")}
    last = bool(entry.pop("last", False))
    if unknown := entry.keys() - _CONDITIONS:
        raise ValueError(f"rule {told['id']}: {', '.join(unknown)} is no condition")
    return Rule(conditions=entry, last=last, **told)


def apply(found: list[Rule], draft: Draft, *, last: bool) -> None:
    """Let every rule that fits state what no claim before it states."""
    for rule in found:
        added = {name: value for name, value in rule.facts.items() if draft.get(name) is None}
        if added and rule.last is last and rule.fits(draft):
            draft.claims.append((f"rule: {rule.id}", added))
