"""Everything that the catalogue knows of one model, for a terminal: facts with their sources, and its family."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from tuningfork.atlas.catalogue import Catalogue, Model
from tuningfork.atlas.selection import Listed
from tuningfork.atlas.table import UNKNOWN, as_dict, price_text

_SHOWN = (
    *("organisations", "date", "branch", "architecture", "objective", "use", "parameters", "context", "modalities"),
    *("languages", "domains", "corpus", "access", "offered", "licence", "commercial", "restrictions"),
    *("training_flop", "capability", "api", "weights", "link"),
)
_SOURCE_A_ROW = ("encoders", "added")
"""Collections of which every row has a source of its own, which is the model's link."""
_HEADING = 15
_CHILDREN = 12


def facts_as_dict(catalogue: Catalogue, model: Model) -> dict[str, Any]:
    """The model with its price, and its ancestors and descendants by name, nearest first."""
    return as_dict(Listed(model)) | {
        "ancestors": [ancestor.name for ancestor in catalogue.ancestors(model)],
        "descendants": [descendant.name for descendant in catalogue.descendants(model)],
    }


def facts_text(catalogue: Catalogue, model: Model, *, width: int = 80) -> str:
    """A page for a terminal, lines of at most `width` letters where words allow; facts that nobody states last."""
    known = [name for name in _SHOWN if name in model.sources]
    unknown = [name for name in _SHOWN if name not in model.sources]
    told = sorted({model.sources[name] for name in [*known, *(["parent"] if model.parent else [])]}, key=_rank)
    notes = {source: number for number, source in enumerate(told, start=1)}
    lines = [model.name, *_wrapped("also known as", ", ".join(model.aliases), width)]
    for name in known:
        lines += _wrapped(name.replace("_", " "), f"{_value(model, name)} [{notes[model.sources[name]]}]", width)
    lines += _wrapped("price", f"$ {price_text(Listed(model))} a million tokens in/out", width) if model.api else []
    lines += _wrapped("not known", ", ".join(name.replace("_", " ") for name in unknown), width)
    lines += ["", *_family(catalogue, model, notes, width), "", "Sources"]
    for source, number in notes.items():
        lines += _hanging(f" [{number}] ", _told(catalogue, model, source), width)
    return "\n".join(lines)


def _value(model: Model, name: str) -> str:
    value = getattr(model, name)
    if isinstance(value, tuple):
        return ", ".join(value)
    if name == "training_flop":
        return f"{value:.2g} floating-point operations"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _family(catalogue: Catalogue, model: Model, notes: dict[str, int], width: int) -> Iterator[str]:
    line = [model, *catalogue.ancestors(model)]
    if len(line) > 1:
        grown = " < ".join(_dated(ancestor) for ancestor in line)
        how = f"{grown} ({model.relation} {model.parent} [{notes[model.sources['parent']]}])"
        yield from _wrapped("ancestors", how, width)
    else:
        yield from _wrapped("ancestors", "none known", width)
    children = catalogue.descendants(model)
    if not children:
        yield from _wrapped("descendants", "none known", width)
        return
    named = ", ".join(_dated(child) for child in children[:_CHILDREN])
    more = f" and {len(children) - _CHILDREN} more (--json lists all)" if len(children) > _CHILDREN else ""
    yield from _wrapped("descendants", f"{len(children)}: {named}{more}", width)


def _dated(model: Model) -> str:
    return f"{model.name} ({model.date[:4] if model.date else UNKNOWN})"


def _rank(source: str) -> tuple[bool, str]:
    """Rows before corrections and rules."""
    return (source.startswith(("rule", "correction")), source)


def _told(catalogue: Catalogue, model: Model, source: str) -> str:
    kind, _, row = source.partition(": ")
    if kind == "rule":
        return f"rule {row}: {catalogue.rules[row]}"
    if kind == "correction":
        return f"corrected: {row}"
    found = catalogue.sources[kind]
    where = model.link if kind in _SOURCE_A_ROW and model.link is not None else found.link
    return f"row {row!r} of {found.title} ({found.licence}), {where}"


def _wrapped(heading: str, text: str, width: int) -> list[str]:
    return _hanging(f"  {heading:<{_HEADING}}", text, width) if text else []


def _hanging(start: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
