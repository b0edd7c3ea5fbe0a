"""`plan`, `run` and `demo`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from tuningfork.cli import options as o
from tuningfork.cli.rows import TASK_FILES, field_columns, kept_values
from tuningfork.cli.unfolding import unfolded
from tuningfork.errors import InputError, TuningforkError
from tuningfork.foundation.files import require_place_for_folder
from tuningfork.task.wording import quoted

if TYPE_CHECKING:
    from tuningfork.api import Study

DEMO_FOLDER = Path("tuningfork-demo")
_DEMO_COUNTS = (8, 32, 128)
_DEMO_ROWS = 120
_DEMO_MINUTES = 5.0


@unfolded()
def run_command(
    data: o.Data, asked: o.StudyOptions, out: o.Out = None, as_json: o.Json = False, yes: o.Yes = False
) -> None:
    """Run the study: measure every arm on the same rows and say which side wins."""
    _run(_study(data, asked, out), as_json=as_json, ask=not yes)


@unfolded()
def plan_command(data: o.Data, asked: o.StudyOptions, out: o.Out = None, as_json: o.Json = False) -> None:
    """Show what `run` would do: trials, calls, tokens, dollars, minutes. Sends no request, starts no model."""
    from tuningfork.cli.show import show_plan

    show_plan(_study(data, asked, out), as_json=as_json)


def demo_command(
    out: o.Out = None,
    as_json: o.Json = False,
    yes: o.Yes = False,
) -> None:
    """Run a whole study on the bundled sample with the small local LLM: offline, no account, a few minutes."""
    from tuningfork.api import Study, Task
    from tuningfork.cli.show import note
    from tuningfork.sample import sample_path
    from tuningfork.study.arm_choice import demo_arms

    arms, missing = demo_arms()
    for line in missing:
        note(line)
    task = Task.from_yaml(sample_path("task.yaml")).with_options(eval_rows=_DEMO_ROWS)
    study = Study(task, arms, out=out or DEMO_FOLDER, label_counts=_DEMO_COUNTS, budget_minutes=_DEMO_MINUTES)
    _run(study, as_json=as_json, ask=False)


def _run(study: Study, *, as_json: bool, ask: bool) -> None:
    from tuningfork.cli.progress import Progress
    from tuningfork.cli.show import show_failed_sides, show_plan, show_verdict
    from tuningfork.foundation.steering import json_text
    from tuningfork.verdict.failures import failed_sides

    require_place_for_folder(study.folder)
    show_plan(study, as_json=False, to_stderr=True)
    if ask and not typer.confirm("Run it?", default=True, err=True):
        raise typer.Exit(0)
    with Progress() as progress:
        verdict = study.run(progress, on_verdict=progress.verdict)
    if as_json:
        typer.echo(json_text(verdict.to_dict()))
    else:
        show_verdict(verdict)
    failed = failed_sides(verdict.record.arms, study.choose_arms().sides)
    if failed:
        show_failed_sides(failed, verdict.record.arms)
        raise typer.Exit(TuningforkError.exit_code)


def _study(data: Path, asked: o.StudyOptions, out: Path | None) -> Study:
    """A study from a data file or a task.yaml; what is typed wins over what the file says."""
    from tuningfork.api import Study, Task
    from tuningfork.cli.rows import with_typed
    from tuningfork.study.settings import StudySettings

    given = asked.typed()
    typed = given | {name: read(given[name]) for name, read in _READ.items() if name in given}
    settings = {name: typed.pop(name) for name in list(typed) if name in StudySettings.model_fields}
    if data.suffix.lower() in TASK_FILES:
        task, written = Task.and_settings_from_yaml(data)
        return Study(with_typed(task, typed), out=out, **{**written, **settings})
    return Study(Task.from_file(data, **typed), out=out, **settings)


def _answers(typed: list[str]) -> dict[str, str]:
    """Answers to the decision flow's questions, by name."""
    from tuningfork.guide.answers import parse_answers
    from tuningfork.guide.flow import load_flow

    return {name: answer.reply for name, answer in parse_answers(load_flow(), typed).items()}


def _rows(text: str) -> int | str:
    if text == "all":
        return text
    number = _above_zero(text)
    if number is None:
        raise InputError(f"--eval-rows {quoted(text)} is neither a whole number above 0 nor 'all'")
    return number


def _counts(text: str) -> tuple[int, ...]:
    parts = [_above_zero(part.strip()) for part in text.split(",") if part.strip()]
    counts = {part for part in parts if part is not None}
    if None in parts or not counts:
        problem = f"--label-counts {quoted(text)} is no list of whole numbers above 0"
        raise InputError(problem, remedy="Write 8,32,128.")
    return tuple(sorted(counts))


def _above_zero(text: str) -> int | None:
    """The whole number from 1 up that is written there; more than 18 digits are none."""
    return int(text) if text.isdecimal() and len(text) <= 18 and int(text) > 0 else None


def _share(points: float) -> float:
    return points / 100


_READ: Mapping[str, Callable[[Any], Any]] = {
    "eval_rows": _rows,
    "label_counts": _counts,
    "margin": _share,
    "arms": tuple,
    "prices": tuple,
    "answers": _answers,
    "keep": kept_values,
    "fields": field_columns,
}
"""Option -> what a task or a study takes for what was typed there."""
