"""`advise`: the decision flow, by questions, by answers typed, or from the rows."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tuningfork.cli import options as o
from tuningfork.errors import InputError

if TYPE_CHECKING:
    from tuningfork.guide.answers import Answer
    from tuningfork.guide.facts import Facts
    from tuningfork.guide.flow import Flow

_GUIDE = "Guide"
_TASK_FILES = (".yaml", ".yml")


def advise_command(
    data: Annotated[
        Path | None,
        typer.Argument(metavar="[DATA]", help="Labelled rows or a task.yaml: what they can answer is not asked."),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option("--answer", "-a", help="NAME=yes|no|unknown; repeat for more.", rich_help_panel=_GUIDE),
    ] = None,
    flow: Annotated[
        Path | None, typer.Option(help="Another flow, as a YAML or JSON file.", rich_help_panel=_GUIDE)
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(help="A study's folder: its learning curve answers few_labels.", rich_help_panel=_GUIDE),
    ] = None,
    text: o.Text = None,
    label: o.Label = None,
    test: o.Test = None,
    label_names: o.LabelNames = None,
    encoding: o.Encoding = None,
    delimiter: o.Delimiter = None,
    svg: Annotated[
        Path | None, typer.Option(help="Write the flow, the walked path lit, as an SVG file.", rich_help_panel="Output")
    ] = None,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the flow as a Mermaid chart.", rich_help_panel="Output")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Walk the decision flow: prompt an LLM or fine-tune a model? Without DATA it needs no rows."""
    from tuningfork.guide.answers import parse_answers
    from tuningfork.guide.flow import load_flow

    chosen = load_flow(flow)
    given = parse_answers(chosen, answer or ())
    rows = {"text": text, "label": label, "test": test, "label_names": label_names}
    rows |= {"encoding": encoding, "delimiter": delimiter}
    measured = _measured(
        chosen, _facts(data, study, {name: value for name, value in rows.items() if value is not None})
    )
    if not given and (_is_terminal() or not (measured or mermaid or svg)):
        given = _ask(chosen, measured)
    _show(chosen, given, measured, svg=svg, mermaid=mermaid, as_json=as_json)


def _show(
    flow: Flow, given: dict[str, Answer], measured: dict[str, Answer], *, svg: Path | None, mermaid: bool, as_json: bool
) -> None:
    from rich.console import Console

    from tuningfork.foundation.files import write_text
    from tuningfork.guide.advice import advise
    from tuningfork.guide.answers import merge
    from tuningfork.report.advice import advice_text
    from tuningfork.report.flow_tree import flow_mermaid
    from tuningfork.report.plots.flow import flow_svg

    answers, clashes = merge(given, measured)
    advice = advise(flow, answers, clashes=clashes)
    if svg is not None:
        write_text(svg, flow_svg(flow, advice.answers))
    if as_json:
        typer.echo(json.dumps(advice.as_dict(), ensure_ascii=False, indent=2))
    elif mermaid:
        typer.echo(flow_mermaid(flow, advice.answers), nl=False)
    else:
        console = Console(highlight=False)
        console.print(advice_text(advice, width=min(console.width, 100)))


def _ask(flow: Flow, measured: dict[str, Answer]) -> dict[str, Answer]:
    """Ask on the terminal; elsewhere there is nobody to ask."""
    if not _is_terminal():
        remedy = f"Give answers (--answer {flow.start}=no …), or DATA with rows that can answer."
        raise InputError("no answers, and no terminal to ask on", remedy=remedy)
    from rich.console import Console

    from tuningfork.cli.asking import ask_all

    console = Console(stderr=True, highlight=False)
    return ask_all(flow, measured, lambda: console.input("> "), console)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _measured(flow: Flow, facts: Facts) -> dict[str, Answer]:
    from tuningfork.guide.facts import answers_from

    return {name: answer for name, answer in answers_from(facts).items() if name in flow.questions}


def _facts(data: Path | None, study: Path | None, options: dict[str, Any]) -> Facts:
    """What DATA and a study say; nothing where neither is given."""
    from dataclasses import replace

    from tuningfork.guide.facts import Facts

    facts = Facts() if data is None else _facts_of_rows(data, options)
    if data is None and options:
        given = next(iter(options)).replace("_", "-")
        raise InputError(f"--{given} is about rows, and none are given", remedy="Name the file: tuningfork advise DATA")
    if study is None:
        return facts
    from tuningfork.api import load
    from tuningfork.verdict.guidance import break_even_facts, labels_at_hand

    record = load(study).record
    rows = facts.labelled_rows if facts.labelled_rows is not None else labels_at_hand(record)
    return replace(facts, labelled_rows=rows, break_even=break_even_facts(record))


def _facts_of_rows(data: Path, options: dict[str, Any]) -> Facts:
    from tuningfork.api import Task
    from tuningfork.guide.facts import Facts, facts_of
    from tuningfork.task.task_type import TASK_TYPES
    from tuningfork.task.to_label import NoLabelledRows

    is_task_file = data.suffix.lower() in _TASK_FILES
    task = Task.from_yaml(data).with_options(**options) if is_task_file else Task.from_file(data, **options)
    try:
        return facts_of(task.prepare())
    except NoLabelledRows:
        return Facts(output_kind=TASK_TYPES.get(task.spec.type).output_kind, labelled_rows=0)
