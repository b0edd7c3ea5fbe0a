"""Pages of which some parts are rendered: what stands between `<!-- NAME -->` and `<!-- /NAME -->`."""

from __future__ import annotations

import re
from collections.abc import Mapping


def filled(page: str, made: Mapping[str, str]) -> tuple[str, list[str]]:
    """The page with its blocks filled in, and the names that it has no block for."""
    unplaced = []
    for name, text in made.items():
        marker = re.escape(name)
        pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
        page, times = pattern.subn(lambda match, text=text: f"{match[1]}{text}\n{match[2]}", page)  # type: ignore[misc]
        if not times:
            unplaced.append(name)
    return page, unplaced
