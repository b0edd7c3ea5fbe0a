"""`compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuningfork.cli.options import Json, margin_points


def compare_command(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="File with the right labels.")],
    answers: Annotated[list[Path], typer.Argument(metavar="ANSWERS", help="Two or more files with predicted labels.")],
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
    as_json: Json = False,
) -> None:
    """Compare predictions made anywhere, on the same rows."""
    from tuningfork.cli.comparing import compare_files

    compare_files(gold, answers, metric=metric, margin=margin / 100, text=text, group=group, as_json=as_json)
