"""The plan before a run: what, why, how long, how much, and what could go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tuningfork.models.llm.addresses import passes_on
from tuningfork.report import numbers
from tuningfork.report.text import one_line
from tuningfork.study.decided_by import margin_of, metric_of
from tuningfork.study.plan import StudyPlan
from tuningfork.study.planned import PlannedArm, PlannedTrial
from tuningfork.study.prices import lacks_price
from tuningfork.study.settings import StudySettings
from tuningfork.task.read import FileRead
from tuningfork.task.rows import Evaluation
from tuningfork.task.schema import Note, TaskData
from tuningfork.task.units import n_units
from tuningfork.verdict.names import SIDE_NAMES, name_of
from tuningfork.verdict.numbers import POINTS, UNKNOWN, about, amount, count


def plan_text(
    plan: StudyPlan,
    task_data: TaskData,
    *,
    left_out: Sequence[str],
    settings: StudySettings,
    smallest_difference: float,
    smallest_margin: float,
) -> RenderableType:
    """The plan as an estimate.

    Args:
        left_out: arms that are not in, with the reason, a sentence each.
        smallest_difference, smallest_margin: what these rows can show, as fractions of the score.
    """
    details = [
        *_read((*task_data.read, *plan.read)),
        *_rows(task_data),
        ("Time", _time(plan, settings)),
        ("Money", _money(plan, settings)),
        *_traffic(plan),
        ("Privacy", _privacy(plan.hosts)),
        *_power(task_data, smallest_difference, smallest_margin),
        *_headed("Left out", left_out),
        *_headed("Know this", [note.message for note in (*_notes(task_data), *plan.notes)]),
    ]
    return Group(Text(_title(plan, task_data), style="bold"), Text(), _arms(plan), Text(), _sheet(details))


def _title(plan: StudyPlan, task_data: TaskData) -> str:
    name = one_line(task_data.spec.name or task_data.spec.data.stem)
    arms, trials = len(plan.arms), len(plan.trials)
    return f"Plan for {name}: {_plural(arms, 'arm')}, {_plural(trials, 'trial')}"


def _arms(plan: StudyPlan) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("arm", overflow="fold", min_width=16)
    table.add_column("side", no_wrap=True)
    table.add_column("labels x seeds", overflow="fold")
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    table.add_column("why", overflow="fold")
    for arm in plan.arms:
        trials = [trial for trial in plan.trials if trial.arm is arm]
        table.add_row(*(Text(one_line(cell)) for cell in _arm_cells(arm, trials)))
    return table


def _arm_cells(arm: PlannedArm, trials: Sequence[PlannedTrial]) -> tuple[str, ...]:
    low, high = arm.factor.extremes
    seconds = sum(trial.seconds for trial in trials)
    return (
        name_of(arm.spec.text, arm.side).short,
        SIDE_NAMES[arm.side],
        _schedule(trials),
        count(arm.allotment.rows),
        numbers.duration_range(seconds * low, seconds * high),
        arm.why,
    )


def _schedule(trials: Sequence[PlannedTrial]) -> str:
    """Label counts with their repetitions: '8 to 256 (6 counts) x 20, 512 x 5'; equal neighbours stand together."""
    runs: list[tuple[list[PlannedTrial], int, int]] = []
    for level in sorted({trial.plan.level for trial in trials}):
        of_level = [trial for trial in trials if trial.plan.level == level]
        if runs and runs[-1][1] == len(of_level):
            before, repeats, levels = runs[-1]
            runs[-1] = ([*before, *of_level], repeats, levels + 1)
        else:
            runs.append((of_level, len(of_level), 1))
    return ", ".join(f"{_counts(run, levels)} x {repeats}" for run, repeats, levels in runs)


def _counts(trials: Sequence[PlannedTrial], levels: int) -> str:
    known = sorted({trial.plan.n_labels for trial in trials if trial.plan.n_labels is not None})
    if not known:
        return UNKNOWN
    span = count(known[0]) if len(known) == 1 else f"{count(known[0])} to {count(known[-1])}"
    return f"{span} ({levels} counts)" if levels > 1 else span


def _read(read: Sequence[FileRead]) -> Iterator[tuple[str, str]]:
    """One line a file."""
    for place, one in enumerate(read):
        yield "" if place else "Read", one.line()


def _notes(task_data: TaskData) -> Iterator[Note]:
    """The task's notes; what is read from which column stands above already."""
    return (note for note in task_data.notes if not (task_data.read and note.code == "guessed_columns"))


def _rows(task_data: TaskData) -> Iterator[tuple[str, str]]:
    parts = [
        f"{count(len(task_data.pool))} to train on",
        f"{count(len(task_data.validation))} to choose within a side",
        f"{count(len(task_data.evaluation))} to decide",
    ]
    labels = f"; {_plural(len(task_data.labels), 'label')}" if len(task_data.labels) else ""
    yield "Rows", f"{', '.join(parts)}{labels}"
    metric = metric_of(task_data.spec.type, task_data.metric)
    yield "Judged by", f"{metric.display_name}, margin {amount(margin_of(task_data.spec), metric.unit)}"


def _time(plan: StudyPlan, settings: StudySettings) -> str:
    told = numbers.duration_range(*plan.seconds)
    limit = numbers.duration(settings.budget_minutes * 60)
    unmeasured = any(not arm.factor.measured for arm in plan.arms)
    ground = (
        "from shipped figures, corrected after the first trials" if unmeasured else "from this machine's own figures"
    )
    return f"{told} ({ground}); never more than {limit}"


def _money(plan: StudyPlan, settings: StudySettings) -> str:
    limit = "" if settings.budget_usd is None else f"; never more than {numbers.usd(settings.budget_usd)}"
    if plan.usd is None:
        prices = " ".join(f"--price '{model}=IN,OUT'" for model in _without_price(plan))
        give = prices or "--price MODEL=IN,OUT"
        return f"price not known; give {give} to have it counted (dollars a million tokens; 0,0 if free){limit}"
    return f"no bill{limit}" if plan.usd == 0 else f"about {numbers.usd(plan.usd)}{limit}"


def _without_price(plan: StudyPlan) -> tuple[str, ...]:
    """Models that may be billed at a price that nobody has said."""
    return tuple(dict.fromkeys(t.arm.spec.model for t in plan.trials if lacks_price(t.estimate)))


def _privacy(hosts: Sequence[str]) -> str:
    """Who receives rows; of a server on this machine, that it may not be the last to have them."""
    if not hosts:
        return "nothing leaves this machine"
    told = f"rows go to {', '.join(one_line(host) for host in hosts)}"
    here = [one_line(host) for host in hosts if passes_on(host)]
    if not here:
        return told
    own = "(say ?local=yes if it is a model of your own)"
    if len(hosts) == 1:
        return f"{told}; where it sends them is not known {own}"
    return f"{told}; where {' and '.join(here)} sends them is not known {own}"


def _traffic(plan: StudyPlan) -> Iterator[tuple[str, str]]:
    if plan.llm_requests:
        yield (
            "LLM calls",
            f"about {about(plan.llm_requests)}, with {about(plan.prompt_tokens)} tokens in prompts and "
            f"{about(plan.completion_tokens)} in answers",
        )


def _power(task_data: TaskData, smallest_difference: float, smallest_margin: float) -> Iterator[tuple[str, str]]:
    """Of answers that are right or wrong; how far others spread is not known before they are seen."""
    if not task_data.evaluation.answers.right_or_wrong:
        return
    difference, margin = (amount(fraction, POINTS) for fraction in (smallest_difference, smallest_margin))
    yield (
        "It can show",
        f"differences from about {difference} on, and sameness from a margin of about {margin} on, with "
        f"{_draws(task_data.evaluation)} (4 times in 5, training luck aside)",
    )


def _draws(rows: Evaluation) -> str:
    """'360 evaluation rows of 120 different texts'; of rows in groups, how many draws they are."""
    told, units = f"{count(len(rows))} evaluation rows", n_units(rows.units)
    if units == len(rows):
        return told
    if rows.groups is None:
        return f"{told} of {_plural(units, 'different text')}, equal texts being one draw"
    return f"{told} that are {_plural(units, 'draw')}, equal texts and rows of one group being one"


def _headed(name: str, sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
    for place, sentence in enumerate(dict.fromkeys(sentences)):
        yield "" if place else name, f"- {sentence}"


def _sheet(details: Sequence[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=12, style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in details:
        table.add_row(Text(name), Text(one_line(text)))
    return table


def _plural(number: int, noun: str) -> str:
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"
