"""A picture as PNG: the style that browsers resolve is resolved here, and `resvg` draws it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tuningfork.errors import InputError

_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_VARIABLE = re.compile(r"var\((--[\w-]+)\)")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def png_of(svg: str) -> bytes:
    """The light version of one of our own SVG files, a pixel each drawing unit.

    Raises:
        InputError: the extra `png` is not installed.
    """
    try:
        import resvg_py
    except ImportError as error:
        raise InputError(
            "a PNG needs the extra 'png'", remedy="pip install 'tuningfork-nlp[png]', or draw an SVG: --svg FILE"
        ) from error
    plain = _STYLE.sub(lambda found: f"<style>{resolved(found[1])}</style>", svg, count=1)
    return bytes(resvg_py.svg_to_bytes(svg_string=plain))


def resolved(style: str) -> str:
    """A style sheet without media queries and variables: what it says in light mode.

    Variables of the whole drawing stand in rules for `svg`. A variable of a class ('.tree .encoder-only { --leaf: … }')
    counts for elements of that class and within it, so that each rule that uses it is written once a class.
    """
    rules = [(one.strip(), body) for one, body in _RULE.findall(_MEDIA.sub("", style))]
    overall: dict[str, str] = {}
    by_class: dict[str, dict[str, str]] = {}
    for selector, body in rules:
        home = overall if selector.startswith("svg") else by_class.setdefault(selector.split(".")[-1], {})
        home.update(_variables(body))
    by_class = {name: told for name, told in by_class.items() if told}
    return "\n".join(line for selector, body in rules for line in _plain(selector, body, overall, by_class))


def _plain(
    selector: str, body: str, overall: Mapping[str, str], by_class: Mapping[str, Mapping[str, str]]
) -> list[str]:
    kept = ";".join(part.strip() for part in body.split(";") if part.strip() and not part.strip().startswith("--"))
    if not kept:
        return []
    if all(name in overall for name in _VARIABLE.findall(kept)):
        return [f"{selector} {{ {_filled(kept, overall)} }}"]
    lines = []
    for name, told in by_class.items():
        selectors = ", ".join(_within(one.strip(), name) for one in selector.split(","))
        lines.append(f"{selectors} {{ {_filled(kept, {**overall, **told})} }}")
    return lines


def _within(selector: str, name: str) -> str:
    """'.tree .leaf rect' as '.tree .leaf.NAME rect, .tree .NAME .leaf rect'."""
    first, second, *rest = selector.split()
    return f"{' '.join([first, f'{second}.{name}', *rest])}, {' '.join([first, f'.{name}', second, *rest])}"


def _variables(body: str) -> dict[str, str]:
    parts = (part.partition(":") for part in body.split(";"))
    return {name.strip(): value.strip() for name, _, value in parts if name.strip().startswith("--")}


def _filled(text: str, values: Mapping[str, str]) -> str:
    """With each variable's value, which may name another variable."""
    while found := _VARIABLE.search(text):
        text = text.replace(found[0], values[found[1]])
    return text
