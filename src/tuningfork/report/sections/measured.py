"""How it was measured: rows and roles, repetitions, recipes, versions, and how to make it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tuningfork.arms.results import FOLLOWS_POSITION, Side, TrialResult
from tuningfork.report import numbers
from tuningfork.report.figure import DataTable
from tuningfork.report.text import harmless, one_line
from tuningfork.report.words import PLANTED_MOVED, lines_read, metric_name
from tuningfork.study.decided_by import metric_of
from tuningfork.study.injections import INJECTIONS
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.arm_rows import CHANGED_ON_REPEAT, WORDING_SCORES, median_of_known
from tuningfork.verdict.names import name_of
from tuningfork.verdict.numbers import UNKNOWN, amount, count
from tuningfork.verdict.numbers import score as score_text
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord
from tuningfork.verdict.warnings import TRIAL_NOTES_THAT_LIMIT_NOTHING

_LONG = 80
"""Characters of a detail from which on it stands in a block of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How one arm works: short facts, and long texts such as a prompt in full."""

    name: str
    spec: str
    facts: tuple[tuple[str, str], ...]
    texts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The last section of the report."""

    roles: DataTable
    read: tuple[str, ...]
    notes: tuple[str, ...]
    trials: DataTable
    recipes: tuple[Recipe, ...]
    facts: tuple[tuple[str, str], ...]
    environment: tuple[tuple[str, str], ...]
    looks: DataTable | None
    command: str


def measured(record: VerdictRecord, records: StudyRecords) -> Measured:
    """What a reader needs to check the study and to repeat it."""
    return Measured(
        roles=_roles(record, records),
        read=tuple(lines_read(record.read, all_files=True)),
        notes=tuple(harmless(message) for message in _noticed(records)),
        trials=_trials(record, records),
        recipes=tuple(_recipe(row) for row in record.arms if row.details),
        facts=tuple(_facts(record, records)),
        environment=tuple((one_line(name), one_line(value)) for name, value in records.environment),
        looks=_looks(record),
        command="tuningfork run task.yaml --out again",
    )


def _looks(record: VerdictRecord) -> DataTable | None:
    """Verdicts of this study that were told before this one; None where this is the first."""
    if not record.looks:
        return None
    return DataTable(
        caption="Verdicts that were told before this one, each at the question of its day",
        head=("when", "margin", "metric", "arms", "call", "recommendation"),
        rows=tuple(
            (
                look.at,
                amount(look.margin, metric_of(record.task_type, look.metric).unit),
                metric_of(record.task_type, look.metric).display_name,
                ", ".join(map(one_line, look.arms)),
                look.call.replace("_", " "),
                look.recommendation,
            )
            for look in record.looks
        ),
    )


def _noticed(records: StudyRecords) -> Iterator[str]:
    """Notes of task and study, and what trials noted without limiting the verdict, each once."""
    of_trials = [note for trial in records.trials for note in trial.notes]
    told_here = [note for note in of_trials if note.code in TRIAL_NOTES_THAT_LIMIT_NOTHING]
    yield from dict.fromkeys(note.message for note in (*records.task.notes, *records.notes, *told_here))


def _roles(record: VerdictRecord, records: StudyRecords) -> DataTable:
    task, chosen = records.task, record.labels_for_choice
    rows = [
        ("pool", count(len(task.pool)), "trained on, shown as examples, and chosen on within a trial"),
        (
            "validation",
            count(len(task.validation)),
            f"ranks arms within a side; {count(chosen)} were used" if chosen else "not needed: no side had two arms",
        ),
        ("evaluation", count(len(task.evaluation)), "the verdict; nothing is chosen on them"),
    ]
    if task.shifted is not None:
        rows.append(("shifted", count(len(task.shifted)), "unlike the pool; scored beside the verdict"))
    if len(task.unlabelled):
        rows.append(("unlabelled", count(len(task.unlabelled)), "kept, not used"))
    return DataTable(caption="Rows and their roles", head=("role", "rows", "what for"), rows=tuple(rows))


def _trials(record: VerdictRecord, records: StudyRecords) -> DataTable:
    rows = tuple(row for arm in record.arms for row in _trials_of(arm, records))
    return DataTable(
        caption="Trials: each is one arm trained or prompted at one label count, once a seed",
        head=("arm", "labels", "seeds", "rows answered", "training", "failed"),
        rows=rows,
    )


def _trials_of(arm: ArmRow, records: StudyRecords) -> Iterator[tuple[str, ...]]:
    ended = [trial for trial in records.trials if trial.plan.arm == arm.arm]
    for level in sorted({trial.plan.level for trial in ended}):
        here = [trial for trial in ended if trial.plan.level == level]
        done = [trial for trial in here if trial.status == "done"]
        yield (
            one_line(name_of(arm.arm, arm.side).short),
            _span([trial.plan.n_labels for trial in here]),
            ", ".join(str(trial.plan.seed) for trial in here) if len(here) < 4 else _seed_span(here),
            _span([len(trial.evaluation) for trial in done if trial.evaluation is not None]),
            numbers.duration(median_of_known([trial.seconds_train for trial in done])),
            count(len(here) - len(done)),
        )


def _seed_span(trials: list[TrialResult]) -> str:
    seeds = [trial.plan.seed for trial in trials]
    return f"{min(seeds)} to {max(seeds)}"


def _span(values: list[int | None] | list[int]) -> str:
    known = sorted({value for value in values if value is not None})
    if not known:
        return UNKNOWN
    return count(known[0]) if len(known) == 1 else f"{count(known[0])} to {count(known[-1])}"


def _recipe(row: ArmRow) -> Recipe:
    details = [_readable(name, value, row.side) for name, value in row.details]
    return Recipe(
        name=one_line(name_of(row.arm, row.side).short),
        spec=row.arm,
        facts=(("model", one_line(row.model)), *(d for d in details if not _is_long(d[1]))),
        texts=tuple(d for d in details if _is_long(d[1])),
    )


def _readable(name: str, value: str, side: Side) -> tuple[str, str]:
    """A detail in words: what is kept for programs is told as people say it."""
    if name == WORDING_SCORES:
        scores = ", ".join(f"{wording} {score_text(score)}" for wording, score in json.loads(value).items())
        return "scores of the wordings, for their spread only", harmless(scores)
    if name == CHANGED_ON_REPEAT:
        return "changed when asked again", numbers.percent(float(value))
    if name == FOLLOWS_POSITION:
        return "answers that keep their letter though another option stands there", numbers.percent(float(value))
    if name == INJECTIONS:
        found = json.loads(value)
        shown = f"{found['flipped']} of {found['tried']}"
        if side == "llm":
            return "planted instructions followed", shown
        return "planted instructions", f"its answer changed to the planted label in {shown} rows ({PLANTED_MOVED})"
    return one_line(name).replace("_", " "), harmless(value)


def _is_long(value: str) -> bool:
    return len(value) > _LONG or "\n" in value


def _facts(record: VerdictRecord, records: StudyRecords) -> Iterator[tuple[str, str]]:
    spec, cost = records.task.spec, record.cost
    yield "judged by", f"{metric_name(record)}, margin {amount(record.margin, record.unit)}"
    if record.comparison is not None:
        yield "test", record.comparison.test
    if len(records.task.labels):
        yield "labels", count(len(records.task.labels))
    yield "split by seed", str(spec.seed)
    yield "time", numbers.duration(cost.seconds)
    yield "LLM calls", count(cost.llm_requests)
    if cost.prompt_tokens is not None and cost.completion_tokens is not None and cost.llm_requests:
        yield "tokens", f"{count(cost.prompt_tokens)} in prompts, {count(cost.completion_tokens)} in answers"
    if cost.llm_requests:
        yield "spent", numbers.usd(cost.usd) if cost.usd is not None else f"{UNKNOWN} (no bill, or price not known)"
    yield "rows (SHA-256)", records.task.fingerprint
