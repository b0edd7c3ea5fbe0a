"""`advise`: the decision flow, by questions, by answers typed, or from the rows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tuningfork.cli import options as o
from tuningfork.cli.unfolding import unfolded
from tuningfork.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuningfork.api import Task
    from tuningfork.guide.advice import Advice
    from tuningfork.guide.answers import Answer
    from tuningfork.guide.candidates import Limits
    from tuningfork.guide.facts import Facts
    from tuningfork.guide.flow import Flow
    from tuningfork.profile.profiling import Setting
    from tuningfork.task.read import FileRead
    from tuningfork.task.unsplit import Unsplit

_GUIDE = "Guide"
_LIMITS = "Limits on the models to measure"


@unfolded(without=("group", "validation", "eval_rows", "description", "metric", "margin", "seed", "twins"))
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
    asked: o.RowOptions = o.RowOptions(),
    access: Annotated[
        str | None, typer.Option(help="'open' (weights) or 'api' (at a provider).", rich_help_panel=_LIMITS)
    ] = None,
    commercial: Annotated[
        bool, typer.Option("--commercial", help="Commercial use must be allowed.", rich_help_panel=_LIMITS)
    ] = False,
    max_memory: Annotated[
        float | None, typer.Option(help="Gigabytes that training and running may take.", rich_help_panel=_LIMITS)
    ] = None,
    context: Annotated[
        str | None, typer.Option(help="Window in tokens, at least: 32k.", rich_help_panel=_LIMITS)
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="ISO 639-1 code that it must know: de.", rich_help_panel=_LIMITS)
    ] = None,
    domain: Annotated[
        str | None, typer.Option(help="What it should be made for: legal, medical, code.", rich_help_panel=_LIMITS)
    ] = None,
    max_price: Annotated[
        float | None, typer.Option(help="Dollars a million prompt tokens, at most.", rich_help_panel=_LIMITS)
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Write the flow, the walked path lit, as an SVG file.", rich_help_panel="Output")
    ] = None,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the flow as a Mermaid chart.", rich_help_panel="Output")
    ] = False,
    as_json: o.Json = False,
) -> None:
    """Walk the decision flow: prompt an LLM or fine-tune a model? Without DATA it needs no rows."""
    from tuningfork.guide.answers import merge, parse_answers
    from tuningfork.guide.flow import load_flow

    chosen = load_flow(flow)
    given = parse_answers(chosen, answer or ())
    task = _task(data, asked.typed())
    given = _written(chosen, task) | given
    source = None if task is None else task.read()
    read = () if source is None else source.read
    _tell(read)
    setting = None if task is None or source is None else _setting(task, source)
    measured = _measured(chosen, task, setting, study)
    known, _ = merge(given, measured)
    if not answer and (_is_terminal() or not (known or mermaid or svg)):
        given |= _ask(chosen, known)
    limits = _limits(access, commercial, max_memory, context, language, domain, max_price)
    advice = _advice(chosen, given, measured, limits, setting)
    _show(advice, read, svg=svg, mermaid=mermaid, as_json=as_json)


def _limits(
    access: str | None,
    commercial: bool,
    max_memory: float | None,
    context: str | None,
    language: str | None,
    domain: str | None,
    max_price: float | None,
) -> Limits:
    from tuningfork.atlas.selection import amount
    from tuningfork.guide.candidates import ACCESSES, Limits

    if access is not None and access not in ACCESSES:
        raise InputError(f"--access {access!r} is neither open nor api")
    return Limits(
        access=next((known for known in ACCESSES if known == access), None),
        commercial=commercial,
        memory_gb=max_memory,
        context=None if context is None else amount(context),
        language=None if language is None else language.lower(),
        domain=None if domain is None else domain.lower(),
        max_price=max_price,
    )


def _advice(
    flow: Flow, given: dict[str, Answer], measured: dict[str, Answer], limits: Limits, setting: Setting | None
) -> Advice:
    from tuningfork.guide.advice import advise
    from tuningfork.guide.answers import merge
    from tuningfork.guide.candidates import candidates
    from tuningfork.guide.traits import RowTraits, traits_of

    rows = RowTraits() if setting is None else traits_of(setting.domains, setting.languages)
    answers, clashes = merge(given, measured)
    advice = advise(flow, answers, clashes=clashes)
    return advice.with_candidates(candidates(limits, advice.walk.leaf, rows=rows))


def _tell(read: Sequence[FileRead]) -> None:
    """What was read of each file, on stderr."""
    from tuningfork.cli.show import note

    for one in read:
        note(one.line())


def _show(advice: Advice, read: Sequence[FileRead], *, svg: Path | None, mermaid: bool, as_json: bool) -> None:
    from rich.console import Console

    from tuningfork.foundation.files import write_text
    from tuningfork.foundation.steering import json_text
    from tuningfork.report.advice import advice_text
    from tuningfork.report.flow_tree import flow_mermaid
    from tuningfork.report.plots.flow import flow_svg

    if svg is not None:
        write_text(svg, flow_svg(advice.flow, advice.answers))
    if as_json:
        typer.echo(json_text(advice.as_dict() | {"read": [one.as_dict() for one in read]}))
    elif mermaid:
        typer.echo(flow_mermaid(advice.flow, advice.answers), nl=False)
    else:
        console = Console(highlight=False)
        console.print(advice_text(advice, width=min(console.width, 100)))


def _ask(flow: Flow, known: dict[str, Answer]) -> dict[str, Answer]:
    """Ask on the terminal what is not known; elsewhere there is nobody to ask."""
    if not _is_terminal():
        remedy = f"Give answers (--answer {flow.start}=no …), or DATA with rows that can answer."
        raise InputError("no answers, and no terminal to ask on", remedy=remedy)
    from rich.console import Console

    from tuningfork.cli.asking import ask_all

    console = Console(stderr=True, highlight=False)
    return ask_all(flow, known, lambda: console.input("Your answer: "), console)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _task(data: Path | None, options: dict[str, Any]) -> Task | None:
    """The task that DATA is about."""
    from tuningfork.cli.rows import task_of

    if data is None:
        if options:
            named = next(iter(options)).replace("_", "-")
            remedy = "Name the file: tuningfork advise DATA"
            raise InputError(f"--{named} is about rows, and none are given", remedy=remedy)
        return None
    return task_of(data, options)


def _written(flow: Flow, task: Task | None) -> dict[str, Answer]:
    """A person's answers in the task file; those to another flow's questions are not for this one."""
    if task is None:
        return {}
    from tuningfork.verdict.guidance import given_answers

    return {name: answer for name, answer in given_answers(task.spec).items() if name in flow.questions}


def _setting(task: Task, source: Unsplit) -> Setting:
    """Language, domain and shift of the rows; the encoder is fetched only where two files are to be compared."""
    from tuningfork.cli.steps import Steps
    from tuningfork.models.store import ModelStore
    from tuningfork.profile.profiling import open_profile_encoder, setting_of

    with Steps() as steps:
        compares = task.spec.test is not None or task.spec.shifted is not None
        encoder = open_profile_encoder(ModelStore(announce=steps.announce), fetch=compares)
        return setting_of(source, encoder, seed=task.spec.seed, progress=steps.tell)


def _measured(flow: Flow, task: Task | None, setting: Setting | None, study: Path | None) -> dict[str, Answer]:
    """What rows and a study's learning curve say."""
    from dataclasses import replace

    from tuningfork.guide.facts import Facts, answers_from

    facts = Facts() if task is None or setting is None else _facts(task, setting)
    if study is not None:
        from tuningfork.api import load
        from tuningfork.verdict.guidance import break_even_facts, labels_at_hand

        record = load(study).record
        rows = facts.labelled_rows if facts.labelled_rows is not None else labels_at_hand(record)
        facts = replace(facts, labelled_rows=rows, break_even=break_even_facts(record))
    return {name: answer for name, answer in answers_from(facts).items() if name in flow.questions}


def _facts(task: Task, setting: Setting) -> Facts:
    from tuningfork.guide.facts import Facts, facts_of
    from tuningfork.guide.from_rows import shift_facts
    from tuningfork.task.task_type import TASK_TYPES
    from tuningfork.task.to_label import NoLabelledRows

    shift = shift_facts(setting.shifts)
    try:
        return facts_of(task.with_options(shifted=None).prepare(), shift=shift)
    except NoLabelledRows:
        return Facts(output_kind=TASK_TYPES.get(task.spec.type).kind, labelled_rows=0, shift=shift)
