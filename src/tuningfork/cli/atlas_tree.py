"""`atlas tree`: the evolutionary tree of language models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tuningfork.cli.atlas_options import FILTERS, Branch, Organisation, Since, Until
from tuningfork.cli.options import Json
from tuningfork.cli.show import note
from tuningfork.errors import InputError, UnknownName

if TYPE_CHECKING:
    from tuningfork.atlas.tree import Tree

_LEAVES = 150
_ACCESSES = ("open", "closed")
_FILES = "Drawn into files"


def tree_command(
    survey: Annotated[
        bool,
        typer.Option("--survey", help="Exactly the survey's Figure 1: its 62 models.", rich_help_panel=FILTERS),
    ] = False,
    organisation: Organisation = None,
    access: Annotated[str | None, typer.Option(help="open or closed.", rich_help_panel=FILTERS)] = None,
    branch: Branch = None,
    since: Since = None,
    until: Until = None,
    leaves: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Models shown at most; minor ones fold into what they grew from.",
            rich_help_panel=FILTERS,
        ),
    ] = _LEAVES,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it as an SVG picture.", rich_help_panel=_FILES)
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw it as a PNG picture (extra 'png').", rich_help_panel=_FILES),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write it as one offline page: search, filters, facts, zoom.", rich_help_panel=_FILES
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """The evolutionary tree: branches, what grew from what, open and closed, by organisation."""
    from tuningfork.foundation.steering import json_text
    from tuningfork.report.tree import heading, tree_text

    filters = {
        "--organisation": organisation,
        "--access": access,
        "--branch": branch,
        "--since": since,
        "--until": until,
    }
    if survey:
        _refuse(filters)
    tree = _survey() if survey else _selected(filters, leaves)
    words = heading(tree, survey=survey)
    if svg is not None:
        from tuningfork.foundation.files import write_text
        from tuningfork.report.plots.atlas_tree import tree_svg

        write_text(svg, tree_svg(tree, words))
        note(f"The tree is drawn in {svg}")
    if png is not None:
        from tuningfork.foundation.files import write_bytes
        from tuningfork.report.bitmap import png_of
        from tuningfork.report.plots.atlas_tree import tree_svg

        write_bytes(png, png_of(tree_svg(tree, words)))
        note(f"The tree is drawn in {png}")
    if html is not None:
        from tuningfork.foundation.files import write_text
        from tuningfork.report.tree_page import tree_page

        write_text(html, tree_page(tree, words))
        note(f"The page is written to {html}")
    if tree.homeless:
        note(f"{len(tree.homeless)} models are on no limb: their branch is not known")
    if as_json:
        typer.echo(json_text(tree.as_dict()))
    elif not (svg or png or html):
        typer.echo(tree_text(tree, words))


def _refuse(filters: dict[str, str | None]) -> None:
    """Figure 1 is drawn as it stands."""
    if given := [option for option, value in filters.items() if value is not None]:
        raise typer.BadParameter(f"--survey draws Figure 1 whole: leave out {', '.join(given)}, or --survey.")


def _survey() -> Tree:
    from tuningfork.atlas.catalogue import load
    from tuningfork.atlas.tree import survey_tree

    return survey_tree(load())


def _selected(filters: dict[str, str | None], leaves: int) -> Tree:
    from tuningfork.atlas.catalogue import load
    from tuningfork.atlas.selection import Conditions, select
    from tuningfork.atlas.tree import tree_of

    access = filters["--access"]
    if access is not None and access not in _ACCESSES:
        raise UnknownName("access", access, known=_ACCESSES)
    asked = {option.removeprefix("--"): value for option, value in filters.items()}
    found = select(load(), Conditions(**asked))  # type: ignore[arg-type]
    tree = tree_of(load(), (listed.model for listed in found.listed), leaves=leaves)
    if found.unknown:
        note(f"{found.unknown} more models may fit, but what was asked is not known of them")
    if not tree.leaves:
        given = ", ".join(f"{option} {value}" for option, value in filters.items() if value is not None)
        raise InputError(
            f"no model of a known branch meets {given}", remedy="tuningfork atlas models lists what there is."
        )
    return tree
