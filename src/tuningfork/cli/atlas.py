"""`atlas models`, `atlas show`, `atlas trends`, `atlas tree`: facts on language models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuningfork.cli.atlas_options import FILTERS, Branch, Organisation, Since, Until
from tuningfork.cli.atlas_tree import tree_command
from tuningfork.cli.options import Json
from tuningfork.cli.show import note
from tuningfork.foundation.steering import json_text

_LIMIT = 40
_WIDEST = 200

_SHOWN = "How they are shown"

atlas_app = typer.Typer(
    no_args_is_help=True, help="Language models: a table, one model, the field's trends, their tree."
)
atlas_app.command("tree")(tree_command)


@atlas_app.command("models")
def models_command(
    name: Annotated[str | None, typer.Option(help="Text in the name.", rich_help_panel=FILTERS)] = None,
    is_open: Annotated[bool, typer.Option("--open", help="Weights can be had.", rich_help_panel=FILTERS)] = False,
    is_closed: Annotated[
        bool, typer.Option("--closed", help="Weights cannot be had.", rich_help_panel=FILTERS)
    ] = False,
    commercial: Annotated[
        bool,
        typer.Option("--commercial", help="Commercial use is allowed, perhaps on terms.", rich_help_panel=FILTERS),
    ] = False,
    max_params: Annotated[
        str | None, typer.Option(metavar="N", help="Parameters at most: 8B, 350M.", rich_help_panel=FILTERS)
    ] = None,
    context: Annotated[
        str | None, typer.Option(metavar="N", help="Context window at least: 32k.", rich_help_panel=FILTERS)
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="Made for code, legal, medical, finance, …", rich_help_panel=FILTERS)
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Knows a language: de, fr, zh, …", rich_help_panel=FILTERS)
    ] = None,
    max_price: Annotated[
        float | None,
        typer.Option(metavar="USD", help="Dollars a million prompt tokens at most.", rich_help_panel=FILTERS),
    ] = None,
    branch: Branch = None,
    organisation: Organisation = None,
    since: Since = None,
    until: Until = None,
    sort: Annotated[
        str,
        typer.Option(
            help="date, name, organisation, parameters, context, price or capability.", rich_help_panel=_SHOWN
        ),
    ] = "date",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.", rich_help_panel=_SHOWN)] = False,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="Lines of the table; 0 shows all.", rich_help_panel=_SHOWN)
    ] = _LIMIT,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.", rich_help_panel=_SHOWN)] = False,
    as_json: Json = False,
) -> None:
    """Language models in a table: what they are, who made them, how large, how open, at what price."""
    from tuningfork.atlas.catalogue import load
    from tuningfork.atlas.selection import Conditions, amount, order_named, select
    from tuningfork.atlas.table import as_dict, csv_table, text_table

    if is_open and is_closed:
        raise typer.BadParameter("--open and --closed leave nothing: name one of them.")
    conditions = Conditions(
        name=name,
        access="open" if is_open else "closed" if is_closed else None,
        commercial=commercial or None,
        branch=branch,
        organisation=organisation,
        domain=domain,
        language=language,
        max_parameters=amount(max_params) if max_params else None,
        context=amount(context) if context else None,
        max_price=max_price,
        since=since,
        until=until,
    )
    found = select(load(), conditions, order=order_named(sort), reverse=reverse)
    if as_json:
        told = {"models": [as_dict(row) for row in found.listed], "left_out_unknown": found.unknown}
        typer.echo(json_text(told))
    elif as_csv:
        typer.echo(csv_table(found.listed), nl=False)
    else:
        shown = found.listed[: limit or None]
        priced = max_price is not None or sort == "price"
        typer.echo(text_table(shown, width=_terminal_width(), priced=priced))
        typer.echo(f"\n{found.summary(len(shown))}", err=True)


@atlas_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")],
    as_json: Json = False,
) -> None:
    """One model: its facts, each with its source, its ancestors and descendants."""
    from tuningfork.atlas.catalogue import load
    from tuningfork.atlas.facts import facts_as_dict, facts_text

    catalogue = load()
    model = catalogue.get(name)
    if as_json:
        typer.echo(json_text(facts_as_dict(catalogue, model)))
    else:
        typer.echo(facts_text(catalogue, model, width=min(_terminal_width(), 100)))


@atlas_app.command("trends")
def trends_command(
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the yearly series as one SVG file.")] = None,
    as_json: Json = False,
) -> None:
    """The survey's five observations on the field, computed from the catalogue: then, and today."""
    from tuningfork.atlas.catalogue import load
    from tuningfork.atlas.trends import observations

    catalogue = load()
    seen = observations(catalogue)
    if svg is not None:
        from tuningfork.foundation.files import write_text
        from tuningfork.report.plots.atlas_trends import trends_svg

        write_text(svg, trends_svg(seen, today=catalogue.built))
        note(f"The yearly series are drawn in {svg}")
    if as_json:
        told = {"today": catalogue.built, "observations": [observation.as_dict() for observation in seen]}
        typer.echo(json_text(told))
    else:
        from tuningfork.report.trends import trends_text

        typer.echo(trends_text(seen, today=catalogue.built, width=min(_terminal_width(), 100)))


def _terminal_width() -> int:
    from rich.console import Console

    return min(Console().width, _WIDEST)
