"""The tree as one interactive HTML file: search, filters, facts and zoom, without any request."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from tuningfork.atlas.tree import Entry, Tree
from tuningfork.report.plots.atlas_tree import tree_drawing
from tuningfork.report.text import harmless
from tuningfork.report.tree import Heading

_STYLES = ("standalone.css", "tree.css", "tree_page.css")


def tree_page(tree: Tree, words: Heading) -> str:
    """One HTML document. Its content security policy allows its own style and script, known by SHA-256, and no request.

    Every model of the selection is in it: one that folded is found by the search and told under the leaf that holds it.
    """
    style, script = "".join(map(_resource, _STYLES)), _resource("tree.js")
    return Template(_resource("tree.html")).substitute(
        title=escape(words.title),
        subtitle=escape(words.subtitle),
        source=escape(words.source),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        drawing=tree_drawing(tree, words).markup,
        models=_data(tree),
    )


def _data(tree: Tree) -> str:
    """JSON that cannot end the element it stands in."""
    homes = {name: leaf.entry.name for leaf in tree.leaves for name in (leaf.entry.name, *leaf.holds)}
    told = [entry.as_dict() | {"home": homes.get(entry.name), "facts": _facts(entry)} for entry in tree.entries]
    text = json.dumps(_harmless(told), ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _harmless(value: Any) -> Any:
    """The same with every text freed of characters that steer."""
    if isinstance(value, dict):
        return {key: _harmless(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_harmless(inner) for inner in value]
    return harmless(value) if isinstance(value, str) else value


def _facts(entry: Entry) -> dict[str, str]:
    return dict(_known(entry))


def _known(entry: Entry) -> Iterator[tuple[str, str]]:
    """What the panel tells of a model, as far as it is known."""
    model = entry.model
    yield "organisation", entry.organisation or "not known"
    yield "date", entry.date or "not known"
    yield "weights", "not known" if entry.access == "unknown" else entry.access
    yield "branch", entry.branch
    if entry.parent:
        yield "grew from", entry.parent
    if model.parameters:
        yield "parameters", f"{model.parameters:,}"
    if model.context:
        yield "context", f"{model.context:,} tokens"
    for title, value in (("licence", model.licence), ("trained on", model.corpus), ("described at", model.link)):
        if value:
            yield title, value


def _resource(name: str) -> str:
    return files("tuningfork.report.templates").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
