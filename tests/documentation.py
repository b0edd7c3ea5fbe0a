"""Reads the documentation's pages: their examples, options, specs and links, for the tests that hold them true.

What a page may say to these tests:

- A block of `bash` or `python` is run, one page from top to bottom in one folder.
- A block with `title="NAME"` is a file: it is written to NAME.
- `<!-- not run: REASON -->` directly above a block keeps it from being run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```\s*$", re.DOTALL | re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>[^>]+) -->\s*\Z")
_TITLE = re.compile(r'title="(?P<title>[^"]+)"')
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        page: the file that it stands in.
        line: of its fence, from 1.
        language: 'bash', 'python', 'text', … or ''.
        title: the file that it is, or None.
        not_run: why it is not run, or None.
    """

    page: Path
    line: int
    language: str
    title: str | None
    not_run: str | None
    text: str

    @property
    def place(self) -> str:
        """'README.md:12'."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """README and every page of the documentation; decision records are not examples."""
    return [ROOT / "README.md", *sorted(p for p in DOCS.rglob("*.md") if "decisions" not in p.relative_to(DOCS).parts)]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [_block(page, text, match) for match in _FENCE.finditer(text)]


def inline_code(page: Path) -> Iterator[str]:
    """What stands between single backticks, outside fenced blocks."""
    yield from _CODE.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def _block(page: Path, text: str, match: re.Match[str]) -> Block:
    language, _, rest = match["info"].strip().partition(" ")
    title, marked = _TITLE.search(rest), _NOT_RUN.search(text[: match.start()])
    indent = len(match["indent"])
    return Block(
        page=page,
        line=text.count("\n", 0, match.start()) + 1,
        language=language,
        title=title["title"] if title else None,
        not_run=marked["reason"] if marked else None,
        text="".join(line[indent:] for line in match["body"].splitlines(keepends=True)),
    )
