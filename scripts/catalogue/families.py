"""Family rules: facts of a model that follow from its kind, each rule a sentence that a person can check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from catalogue.matching import Draft
from catalogue.rows import HERE

_CONDITIONS = {"name", "not", "names", "since", "until", "organisation", "task", "offered", "branch"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of families.yaml."""

    id: str
    statement: str
    conditions: dict[str, Any]
    facts: dict[str, Any]
    last: bool

    def fits(self, draft: Draft, branch: str | None) -> bool:
        """Whether it speaks of this model, whose branch is known so far as `branch`."""
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
            "branch" not in told or branch == told["branch"],
        )
        return all(checks)


def rules() -> list[Rule]:
    """All rules, in the order in which they win.

    Raises:
        ValueError: a condition that is none, or two rules of one name.
    """
    entries = yaml.safe_load((HERE / "families.yaml").read_text(encoding="utf-8"))
    found = [_rule(dict(entry)) for entry in entries]
    if len({rule.id for rule in found}) < len(found):
        raise ValueError("families.yaml: two rules have one id")
    return found


def _rule(entry: dict[str, Any]) -> Rule:
    told = {"id": entry.pop("id"), "statement": entry.pop("statement"), "facts": entry.pop("facts")}
    last = bool(entry.pop("last", False))
    if unknown := entry.keys() - _CONDITIONS:
        raise ValueError(f"families.yaml, {told['id']}: {', '.join(unknown)} is no condition")
    return Rule(conditions=entry, last=last, **told)


def applied(found: list[Rule], draft: Draft, *, last: bool) -> Iterator[tuple[Rule, dict[str, Any]]]:
    """The rules that add something to a draft, with what each adds; the draft is not changed."""
    known = {name for _, facts in draft.claims for name in facts}
    branch = draft.get("branch")
    for rule in found:
        if rule.last is last and rule.fits(draft, branch):
            added = {name: value for name, value in rule.facts.items() if name not in known}
            branch = branch or added.get("branch")
            known |= added.keys()
            if added:
                yield rule, added
