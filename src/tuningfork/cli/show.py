"""Plans and verdicts on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuningfork.api import Study, Verdict
    from tuningfork.arms.results import Side
    from tuningfork.study.plan import StudyPlan
    from tuningfork.task.schema import TaskData
    from tuningfork.verdict.verdict_json import ArmRow


LIKELY_DISAGREEMENT = 0.12
"""Share of rows on which two arms differ, for what rows can show before anything was measured."""


def note(message: str) -> None:
    """One line for the person, on stderr."""
    from tuningfork.report.text import one_line

    Console(stderr=True, highlight=False).print(Text(one_line(message)))


def show_plan(study: Study, *, as_json: bool, to_stderr: bool = False) -> None:
    """The plan as an estimate, or as JSON."""
    from tuningfork.foundation.steering import json_text
    from tuningfork.report.terminal import plan_text
    from tuningfork.stats.calls import smallest_difference, smallest_margin
    from tuningfork.stats.effective_draws import effective_draws

    plan, rows = study.plan(), max(1, round(effective_draws(study.data.evaluation.units)))
    limits = {
        "smallest_difference": smallest_difference(rows, LIKELY_DISAGREEMENT),
        "smallest_margin": smallest_margin(rows, LIKELY_DISAGREEMENT),
    }
    if as_json:
        typer.echo(json_text(_plan_as_json(plan, study.data) | limits))
        return
    choice = study.choose_arms()
    Console(stderr=to_stderr, highlight=False).print(
        plan_text(plan, study.data, left_out=choice.left_out, settings=study.settings, **limits)
    )


def show_verdict(verdict: Verdict) -> None:
    """The verdict in one screen, on stdout."""
    from tuningfork.report.terminal import verdict_text

    paths = {"report": str(verdict.report), "verdict": str(verdict.folder / "verdict.json")}
    console = Console(highlight=False)
    console.print(verdict_text(verdict.record, width=min(console.width, 100), paths=paths))


def show_failed_sides(failed: Mapping[Side, Sequence[str]], rows: Sequence[ArmRow]) -> None:
    """Why the exit code is 1 although there is a verdict."""
    from tuningfork.task.wording import listed
    from tuningfork.verdict.names import SIDE_NAMES
    from tuningfork.verdict.unread import why

    unread = {row.arm: row.not_read for row in rows if row.is_unread and row.not_read is not None}
    for side, arms in failed.items():
        reasons = [unread[arm] for arm in arms if arm in unread]
        if not reasons:
            note(
                f"tuningfork: every arm of the {SIDE_NAMES[side]} side failed ({listed(arms)}), so nothing was "
                "compared with it; the reasons stand in the table of arms. The same command tries again."
            )
            continue
        what = "no arm" if len(reasons) < len(arms) else "no answer"
        note(
            f"tuningfork: {what} of the {SIDE_NAMES[side]} side could be read ({listed(arms)}), so nothing was "
            f"compared with it: {why(reasons[0])}."
        )


def _plan_as_json(plan: StudyPlan, data: TaskData) -> dict[str, Any]:
    from tuningfork.task.units import n_units

    return {
        "trials": [
            {
                "arm": trial.plan.arm,
                "n_labels": trial.plan.n_labels,
                "seed": trial.plan.seed,
                "eval_rows": trial.arm.allotment.rows,
                "validation_rows": trial.arm.validation_rows,
                "seconds": round(trial.seconds, 2),
            }
            for trial in plan.trials
        ],
        "arms": [{"arm": arm.spec.text, "side": arm.side, "why": arm.why} for arm in plan.arms],
        "llm_requests": plan.llm_requests,
        "prompt_tokens": plan.prompt_tokens,
        "completion_tokens": plan.completion_tokens,
        "usd": plan.usd,
        "minutes": [round(seconds / 60, 2) for seconds in plan.seconds],
        "hosts": list(plan.hosts),
        "eval_units": n_units(data.evaluation.units),
        "read": [read.as_dict() for read in (*data.read, *plan.read)],
        "notes": [{"code": note.code, "message": note.message} for note in (*data.notes, *plan.notes)],
    }
