"""`report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report_command(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="A folder that `tuningfork run` made.")],
    publish: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a further copy of both for others: no row, no folder of this machine."),
    ] = None,
) -> None:
    """Make verdict and report anew from a study's ledger; nothing is run."""
    from tuningfork.api import report_again
    from tuningfork.cli.show import show_verdict

    show_verdict(report_again(study, publish=publish))
