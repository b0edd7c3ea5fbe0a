"""`compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuningfork.cli.options import Json, margin_points

_READING = "How the files are read"


def compare_command(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="File with the right labels.")],
    answers: Annotated[
        list[str],
        typer.Argument(
            metavar="ANSWERS",
            help="Two or more files with predicted labels; NAME=FILE,FILE… for several runs of one recipe.",
        ),
    ],
    metric: Annotated[str, typer.Option(help="accuracy or macro_f1.")] = "accuracy",
    margin: Annotated[
        float, typer.Option(help="Smallest difference that matters, in points.", parser=margin_points, metavar="POINTS")
    ] = 3.0,
    text: Annotated[
        str | None,
        typer.Option(help="Column with the text: rows with equal texts are one draw. Default: found by its name."),
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Column of GOLD: rows with equal values in it are one draw.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(help="Column of GOLD with the right labels.", rich_help_panel=_READING)
    ] = None,
    answer: Annotated[
        str | None, typer.Option(help="Column of ANSWERS that answers.", rich_help_panel=_READING)
    ] = None,
    answer_column: Annotated[
        list[str] | None,
        typer.Option(help="Column that answers in one file.", metavar="FILE=COL", rich_help_panel=_READING),
    ] = None,
    row_id: Annotated[
        str | None, typer.Option("--id", help="Column that tells rows apart.", rich_help_panel=_READING)
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Match rows by id, by text, or row by row.", metavar="KEY", rich_help_panel=_READING),
    ] = None,
    label_names: Annotated[
        Path | None,
        typer.Option(help="File that says which code is which label: label,name.", rich_help_panel=_READING),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files. Default utf-8.", rich_help_panel=_READING)
    ] = None,
    delimiter: Annotated[str | None, typer.Option(help="Delimiter of CSV files.", rich_help_panel=_READING)] = None,
    incumbent: Annotated[
        str | None,
        typer.Option(help="The system in use: says whether to keep it or to switch.", metavar="FILE|NAME"),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            help="Exit code 3 where any other system is this against the incumbent: worse, not-shown-no-worse, "
            "undecided.",
            metavar="WHAT",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write a page, with a forest plot.", metavar="FILE.html")] = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Markdown, for a pull request.")] = False,
    as_json: Json = False,
) -> None:
    """Compare predictions made anywhere, on the same rows."""
    from tuningfork.cli.compared_files import CompareOptions
    from tuningfork.cli.comparing import ShownAs, compare_files

    options = CompareOptions(
        label=label,
        answer=answer,
        answer_column=tuple(answer_column or ()),
        id=row_id,
        text=text,
        group=group,
        match=match,
        label_names=label_names,
        encoding=encoding,
        delimiter=delimiter,
    )
    shown = ShownAs(as_json=as_json, as_markdown=as_markdown, incumbent=incumbent, fail_on=fail_on, out=out)
    code = compare_files(gold, answers, metric=metric, margin=margin / 100, options=options, shown=shown)
    if code:
        raise typer.Exit(code)
