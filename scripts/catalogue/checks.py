"""What a catalogue must hold to be committed."""

from __future__ import annotations

import re
from typing import Any

from catalogue.matching import key
from tuningfork.atlas.catalogue import ACCESSES, BRANCHES, COMMERCIAL, RELATIONS, Catalogue, parse

_DATE = re.compile(r"20\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
FEWEST = 1000


def problems(content: dict[str, Any]) -> list[str]:
    """All that is wrong with the content of the file, one sentence each; empty where nothing is."""
    try:
        catalogue = parse(content)
    except (TypeError, KeyError, ValueError) as error:
        return [f"the file does not follow its schema: {error}"]
    return [*_names(catalogue), *_values(catalogue), *_parents(catalogue), *_sources(catalogue), *_survey(catalogue)]


def _names(catalogue: Catalogue) -> list[str]:
    if len(catalogue) < FEWEST:
        return [f"{len(catalogue)} models, fewer than {FEWEST}"]
    seen: dict[str, list[str]] = {}
    for model in catalogue:
        seen.setdefault(key(model.name), []).append(model.name)
    return [f"{' and '.join(names)} are one name" for names in seen.values() if len(names) > 1]


def _values(catalogue: Catalogue) -> list[str]:
    return [
        f"{model.name}: {what}"
        for model in catalogue
        for what, wrong in (
            (f"branch {model.branch!r}", model.branch not in BRANCHES),
            (f"access {model.access!r}", model.access not in ACCESSES),
            (f"commercial {model.commercial!r}", model.commercial not in COMMERCIAL),
            (f"relation {model.relation!r}", model.relation not in (None, *RELATIONS)),
            (f"date {model.date!r}", model.date is not None and not _DATE.fullmatch(model.date)),
            (f"parameters {model.parameters!r}", model.parameters is not None and model.parameters <= 0),
            (f"context {model.context!r}", model.context is not None and model.context <= 0),
        )
        if wrong
    ]


def _parents(catalogue: Catalogue) -> list[str]:
    names = {model.name: model for model in catalogue}
    found = []
    for model in catalogue:
        if model.parent is None:
            continue
        if model.parent not in names:
            found.append(f"{model.name}: its parent {model.parent!r} is not there")
            continue
        line, current = [model.name], names[model.parent]
        while current.parent in names and current.name not in line:
            line.append(current.name)
            current = names[current.parent]
        if current.name in line:
            found.append(f"{model.name}: its own ancestor")
    return found


def _sources(catalogue: Catalogue) -> list[str]:
    found = []
    for model in catalogue:
        for field, told in model.sources.items():
            kind, _, row = told.partition(": ")
            known = row in catalogue.rules if kind == "rule" else kind in {"correction", *catalogue.sources}
            if not known or not row:
                found.append(f"{model.name}, {field}: {told!r} is no source")
    return found


def _survey(catalogue: Catalogue) -> list[str]:
    """Every model of Figure 1 has branch, organisation, date and access."""
    return [
        f"{model.name} of Figure 1: {field} is not known"
        for model in catalogue.survey()
        for field, known in (
            ("branch", model.branch != "unknown"),
            ("organisation", bool(model.organisations)),
            ("date", model.date is not None),
            ("access", model.access != "unknown"),
        )
        if not known
    ]
