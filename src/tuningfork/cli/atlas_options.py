"""Options by which both the table and the tree of language models are filtered."""

from __future__ import annotations

from typing import Annotated

import typer

FILTERS = "Which models"

Branch = Annotated[
    str | None,
    typer.Option(help="encoder-only, encoder-decoder, decoder-only, non-transformer.", rich_help_panel=FILTERS),
]
Organisation = Annotated[str | None, typer.Option(help="Text in a maker's name.", rich_help_panel=FILTERS)]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="Published then or later.", rich_help_panel=FILTERS)]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Published then or before.", rich_help_panel=FILTERS)]
