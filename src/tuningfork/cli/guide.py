"""`guide`: the practical guide, section by section."""

from __future__ import annotations

from typing import Annotated

import typer

_NAMES = "data, understanding, generation, knowledge, scale, miscellaneous, real-world, efficiency, trust"


def guide_command(
    section: Annotated[
        str | None, typer.Argument(metavar="[SECTION]", help=f"One of {_NAMES}. Without it: the overview.")
    ] = None,
) -> None:
    """Read the practical guide: when an LLM, when a fine-tuned model, why, and what speaks against it."""
    from rich.console import Console
    from rich.markdown import Markdown

    from tuningfork.guide.sections import page

    text = page(section)
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(Markdown(text, hyperlinks=True), width=min(console.width, 100))
    else:
        typer.echo(text, nl=False)
