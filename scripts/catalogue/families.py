"""Family rules: facts of a model that follow from its kind, each rule a sentence that a person can check."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalogue.matching import Draft
from catalogue.rows import HERE
from tuningfork.foundation.strict_yaml import parse_yaml

_CONDITIONS = {"name", "not", "names", "since", "until", "organisation", "task", "offered", "access"}
_CONDITIONS |= {"licence", "priced", "branch", "domain"}
_EDGE = r"(?<![^\W\d_])|(?![^\W\d_])|(?<=[a-z])(?=[A-Z])"
"""Where a word of a name begins or ends: not between two letters, but where small ones turn to capitals."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the folder `rules`."""

    id: str
    statement: str
    conditions: dict[str, Any]
    facts: dict[str, Any]
    last: bool

    def fits(self, draft: Draft) -> bool:
        """Whether it speaks of this model, as far as that is known.

        A rule that states a branch speaks of a kind of network: never of a model that is known to be of another branch,
        whatever its name is like.
        """
        told, names = self.conditions, [draft.name, *draft.aliases]
        date, makers = draft.get("date") or "", draft.get("organisations") or []
        checks = (
            draft.get("branch") in (None, self.facts.get("branch", draft.get("branch"))),
            "name" not in told or _any_named(told["name"], names),
            "not" not in told or not _any_named(told["not"], names),
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
            "domain" not in told or told["domain"] in (draft.get("domains") or ()),
        )
        return all(checks)


def _any_named(pattern: str, names: list[str]) -> bool:
    """Whether the pattern covers whole words of a name, case aside: 'Coder' is in 'DeciCoder', not in 'encoder'."""
    return any(_whole(pattern).search(name) for name in names)


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    """The pattern from edge to edge; a plural's s may follow."""
    return re.compile(f"(?-i:{_EDGE})(?:{pattern})(?-i:{_EDGE}|(?=s(?![^\\W\\d_])))", re.IGNORECASE)


def rules() -> list[Rule]:
    """All rules, in the order in which they win.

    Raises:
        ValueError: a condition that is none, or two rules of one name.
    """
    files = sorted((HERE / "rules").glob("*.yaml"))
    found = [_rule(dict(entry)) for path in files for entry in parse_yaml(path.read_text(encoding="utf-8")).content]
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
