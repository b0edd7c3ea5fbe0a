"""MkDocs hook: the page of decisions lists the records that are there, whichever they are."""

from __future__ import annotations

from typing import Any

PLACE = "<!-- records -->"


def on_page_markdown(markdown: str, /, *, page: Any, config: Any, files: Any) -> str:
    """Put the list of records, by number, where the page asks for it."""
    if PLACE not in markdown:
        return markdown
    records = sorted(file.src_uri for file in files.documentation_pages() if file.src_uri.startswith("decisions/0"))
    return markdown.replace(PLACE, "\n".join(_entry(config.docs_dir, uri) for uri in records))


def _entry(docs_dir: str, uri: str) -> str:
    """'- [0010 Title](0010-title.md)', the title being the record's own first line."""
    with open(f"{docs_dir}/{uri}", encoding="utf-8") as record:  # noqa: PTH123 (MkDocs has its paths as strings)
        title = record.readline().strip("# \n")
    return f"- [{title}]({uri.removeprefix('decisions/')})"
