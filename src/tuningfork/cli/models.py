"""`models list` and `models pull`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from tuningfork.cli.options import Json, Mirror

models_app = typer.Typer(no_args_is_help=True, help="The starter models: what there is, what is here, fetching it.")


@models_app.command("list")
def list_command(as_json: Json = False) -> None:
    """Starter models: kind, size, licence, and whether they are here."""
    from rich.console import Console
    from rich.table import Table

    from tuningfork.models.store import ModelStore
    from tuningfork.models.summary import describe_models

    rows = describe_models(ModelStore())
    if as_json:
        typer.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True, min_width=max(len(row.name) for row in rows))
    for heading in ("kind", "size", "here", "licence", "comes from"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row.name, row.kind, row.size, "yes" if row.present else "no", row.licence, row.source)
    Console(highlight=False).print(table)


@models_app.command("pull")
def pull_command(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Starter names, or hf:OWNER/NAME.")],
    mirror: Mirror = None,
) -> None:
    """Fetch models now, so that nothing is fetched later; checked by SHA-256."""
    from tuningfork.cli.downloads import pull

    pull(names, mirror=mirror)
