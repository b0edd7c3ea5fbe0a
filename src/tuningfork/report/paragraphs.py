"""Named paragraphs on a terminal: the name on the left, what it says beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from tuningfork.report.text import one_line


def paragraph(name: str, sentence: str, *, name_width: int = 12) -> RenderableType:
    """One paragraph; `name_width` is in columns."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=name_width, style="dim", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_row(Text(name), Text(one_line(sentence)))
    return table


def listed(name: str, sentences: Sequence[str], *, name_width: int = 12) -> Iterator[RenderableType]:
    """One paragraph a sentence, the name beside the first."""
    for place, sentence in enumerate(sentences):
        yield paragraph("" if place else name, sentence, name_width=name_width)
