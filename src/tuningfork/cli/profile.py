"""`profile`: what the rows say before any arm runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tuningfork.cli import options as o
from tuningfork.cli.unfolding import unfolded

if TYPE_CHECKING:
    from tuningfork.profile.document import ProfileDocument


@unfolded(without=("eval_rows", "label_names", "description", "metric", "margin", "twins"))
def profile_command(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A CSV, TSV, JSONL, JSON or Parquet file of rows, labelled or not, or a task.yaml."
        ),
    ],
    asked: o.RowOptions,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with plots.", rich_help_panel="Output")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Say what the rows are: labels, lengths, repeats, languages, personal data, domain, and how files differ."""
    from tuningfork.cli.rows import task_of
    from tuningfork.cli.steps import Steps
    from tuningfork.guide.from_rows import documented

    options = asked.typed()
    task = task_of(data, options)
    with Steps() as steps:
        document = documented(task.profile(steps.tell, announce=steps.announce), task.spec)
    typed = [_as_typed(name, one) for name, one in _single(options)]
    _show(document, " ".join(["tuningfork run", quote(str(data)), *typed]), out, as_json=as_json)


def _as_typed(name: str, value: object) -> str:
    option = "--field" if name == "fields" else f"--{name.replace('_', '-')}"
    return option if value is True else f"{option} {quote(str(value))}"


def _single(options: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """Options that were typed, a repeated one once for each time."""
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            yield name, one


def _show(document: ProfileDocument, run: str, out: Path | None, *, as_json: bool) -> None:
    from rich.console import Console

    from tuningfork.cli.show import note
    from tuningfork.foundation.steering import json_text
    from tuningfork.report.profile.terminal import profile_text

    if out is not None:
        from tuningfork.report.profile.page import write_profile_page

        write_profile_page(out, document)
        note(f"The page is {out}")
    if as_json:
        typer.echo(json_text(document.as_dict()))
        return
    console = Console(highlight=False)
    next_step = f"To measure both sides on these rows: {run}"
    console.print(profile_text(document, width=min(console.width, 100), next_step=next_step))
