"""What the pages of results say, made from the published verdicts."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studies.listing import CASES, StudyCase
from studies.publishing import PICTURE, VERDICT
from studies.running import Made, made_in
from tuningfork.arms.spec import ArmSpec
from tuningfork.report import numbers
from tuningfork.report.thrift import thrift_sentences
from tuningfork.report.words import sorted_arms
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.label_counts import Kind, place_of
from tuningfork.verdict.names import name_of
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

EARLIER = "earlier.json"
"""Figures of studies as they stood before they were measured anew."""
_MOST_WARNINGS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One study as it is committed: what it is, its verdict, and how it was made, if that was kept."""

    case: StudyCase
    record: VerdictRecord
    made: Made | None
    has_picture: bool


def published_studies(results: Path) -> list[Published]:
    """The studies that have a verdict, in the order of the list."""
    return [
        Published(
            case=case,
            record=read_verdict(results / case.name / VERDICT),
            made=made_in(results / case.name),
            has_picture=(results / case.name / PICTURE).is_file(),
        )
        for case in CASES
        if (results / case.name / VERDICT).is_file()
    ]


def overview(studies: list[Published]) -> str:
    """One line a study: who stands for each side, both on the rows that both answered, the break-even, the call."""
    if not studies:
        return "No study of these sets is committed yet."
    lines = [
        "| rows | LLM | trained model | trained minus LLM, points [95 %] | break-even labels [95 %] | verdict |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_overview_line, studies)])


def _overview_line(study: Published) -> str:
    record, pair = study.record, study.record.comparison
    told = f"**{study.case.name}**: {study.case.about[0].lower()}{study.case.about[1:]}"
    if pair is None:
        return f"| {told} | – | – | – | – | {record.recommendation} |"
    arms = {row.arm: row for row in record.arms}
    low, high = (100 * bound for bound in pair.ci95)
    return (
        f"| {told} | {_name(arms[pair.llm_arm])} {pair.score_llm:.3f} "
        f"| {_name(arms[pair.fine_tuned_arm])} {pair.score_fine_tuned:.3f} "
        f"| {100 * pair.difference:+.1f} [{low:+.1f}, {high:+.1f}], {pair.n_shared} rows | {break_even(record)} "
        f"| {record.recommendation} |"
    )


def break_even(record: VerdictRecord) -> str:
    """Both kinds of break-even with their intervals, or why there is none."""
    mean, reliable = (place_of(record.break_even_labels, kind) for kind in ("mean", "reliable"))
    if not mean.known and not reliable.known and mean.reason == reliable.reason:
        return f"not known: {mean.reason}"
    return f"{_place(record, 'mean', 'in the mean')}; {_place(record, 'reliable', 'reliably')}"


def _place(record: VerdictRecord, kind: Kind, how: str) -> str:
    """'in the mean 4,900 [610, above 9,774]'; an interval that says what the bound says is told in words."""
    place = place_of(record.break_even_labels, kind)
    if not place.known:
        return f"{how} not known ({place.reason})"
    if place.ci95 is None:
        why = f": {place.reason}" if place.at is not None and place.reason else ""
        return f"{how} {place.told} [no interval{why}]"
    if not place.interval:
        return f"{how} {place.told} [{'all of it' if place.is_wholly_beyond else 'anywhere'}]"
    return f"{how} {place.told}"


def sections(studies: list[Published]) -> str:
    """A section a study: what it is of, its picture, its reason, what limits it, its arms, and how it was made."""
    return "\n\n".join("\n\n".join(_section(study)) for study in studies)


def _section(study: Published) -> Iterator[str]:
    name, record = study.case.name, study.record
    yield f"## {name}"
    yield f"{study.case.about}. Source: {study.case.source}."
    if study.has_picture:
        yield f"![The first page of the report on {name}: the verdict, and the score against labels]({name}/{PICTURE})"
    yield " ".join([record.reason, *thrift_sentences(record)])
    if record.warnings:
        more = len(record.warnings) - _MOST_WARNINGS
        told = [f"- {warning.message}" for warning in record.warnings[:_MOST_WARNINGS]]
        yield "\n".join(["What limits it:", "", *told, *([f"- and {more} more in its `verdict.json`"] * (more > 0))])
    yield arms_table(record)
    yield from _how(study.made)


def arms_table(record: VerdictRecord) -> str:
    """Every arm of one study, best score first."""
    lines = [
        "| arm | what ran | labels | rows | seeds | score | macro-F1 | $ a thousand | ms a row | training, s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*lines, *map(_arm_line, sorted_arms(record))])


def _arm_line(row: ArmRow) -> str:
    elsewhere = ArmSpec.parse(row.arm).family == "predictions"
    arm = _name(row) if elsewhere else f"`{row.arm}`"
    ran = "answers made elsewhere" if elsewhere else row.model
    return (
        f"| {arm} | {ran} | {_dash(row.n_labels, ',')} | {row.n_eval} | {row.seeds} | {_score(row)} "
        f"| {_dash(row.macro_f1, '.3f')} | {numbers.usd(row.usd_per_1k)} | {_dash(row.ms_per_row, '.2f')} "
        f"| {_dash(row.seconds_train, '.1f')} |"
    )


def _how(made: Made | None) -> Iterator[str]:
    if made is None:
        yield "Made before the command and the machine were kept."
        return
    machine = dict(made.machine)
    system = f"{machine.get('processor', 'a machine that is not known')}, GPU: {machine.get('GPU', 'not known')}"
    versions = ", ".join(f"{name} {version}" for name, version in made.machine if name not in ("processor", "GPU"))
    sittings = "one sitting" if len(made.sittings) == 1 else f"{len(made.sittings)} sittings"
    yield f"Made on {made.sittings[-1].ended[:10]} in {sittings} on {system}; {versions}."
    yield f"```text\ntuningfork {_wrapped(made.command)}\n```"


def _wrapped(command: tuple[str, ...]) -> str:
    """The command as it is typed, a line for the files and one an arm."""
    lines: list[list[str]] = [[]]
    for part in command:
        if part == "--arm":
            lines.append([])
        lines[-1].append(shlex.quote(part))
    return " \\\n  ".join(" ".join(line) for line in lines)


def trained_beside_large(studies: list[Published]) -> str:
    """Each trained arm beside the large model that stands for its side: how far it is ahead, at how many labels."""
    found = [study for study in studies if study.case.answers and study.record.comparison is not None]
    trained = list(dict.fromkeys(row.arm for one in found for row in one.record.arms if row.side == "fine-tuned"))
    lines = [
        f"| rows | LLM | {' | '.join(f'`{arm}`' for arm in trained)} | verdict |",
        "|---" * (len(trained) + 3) + "|",
    ]
    return "\n".join([*lines, *(_beside_large(study.record, study.case.name, trained) for study in found)])


def _beside_large(record: VerdictRecord, name: str, trained: list[str]) -> str:
    assert record.comparison is not None
    arms = {row.arm: row for row in record.arms}
    llm = arms[record.comparison.llm_arm]
    cells = [_ahead(arms.get(arm), llm) for arm in trained]
    return f"| **{name}** | {_name(llm)} {llm.score:.3f} | {' | '.join(cells)} | {record.recommendation} |"


def _ahead(row: ArmRow | None, llm: ArmRow) -> str:
    """'-15.2 (2,048)': points ahead of the LLM, and labels; both on the same rows, or nothing."""
    if row is None or row.score is None or llm.score is None or row.n_eval != llm.n_eval:
        return "–"
    return f"{100 * (row.score - llm.score):+.1f} ({_dash(row.n_labels, ',')})"


def large_model(studies: list[Published], *, folder: str) -> str:
    """The picture of a verdict against large LLMs, for a page; the first such study that has one."""
    for study in studies:
        if study.case.answers and study.has_picture:
            name, names = study.case.name, ", ".join(study.case.answers)
            return (
                f"![The report of the study {name}, against {names}: the verdict, the difference with its interval, "
                f"break-even labels, money, and the score against labels]({folder}/{name}/{PICTURE})"
            )
    return "No study against large models is committed yet."


def changes(studies: list[Published], earlier: Mapping[str, Any]) -> str:
    """Old figures against new ones, an arm a line, and who was recommended."""
    lines = ["| rows | arm | then: score, labels, rows | now: score, labels, rows |", "|---|---|---|---|"]
    for study in studies:
        old = earlier.get(study.case.name)
        if old is None:
            continue
        record = study.record
        lines.append(f"| **{study.case.name}** | verdict | {_told(old)} | {_told(summary(record))} |")
        new = {row.arm: row for row in record.arms}
        for arm in dict.fromkeys((*old["arms"], *new)):
            now = new.get(arm)
            lines.append(
                f"| {study.case.name} | `{arm}` | {_figures(old['arms'].get(arm))} "
                f"| {_figures(None if now is None else _of_arm(now))} |"
            )
    return "\n".join(lines)


def summary(record: VerdictRecord) -> dict[str, Any]:
    """What is kept of a verdict that is to be replaced."""
    pair = record.comparison
    return {
        "recommendation": record.recommendation,
        "call": record.call,
        "compared": None if pair is None else [pair.llm_arm, pair.fine_tuned_arm],
        "difference": None if pair is None else pair.difference,
        "ci95": None if pair is None else list(pair.ci95),
        "arms": {row.arm: _of_arm(row) for row in record.arms},
    }


def earlier_in(results: Path) -> dict[str, Any]:
    """Summaries of replaced verdicts, by study."""
    path = results / EARLIER
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _of_arm(row: ArmRow) -> dict[str, Any]:
    return {"score": row.score, "n_labels": row.n_labels, "n_eval": row.n_eval}


def _figures(told: Mapping[str, Any] | None) -> str:
    if told is None or told["score"] is None:
        return "–"
    return f"{told['score']:.3f}, {_dash(told['n_labels'], ',')}, {told['n_eval']}"


def _told(told: Mapping[str, Any]) -> str:
    if told["difference"] is None:
        return str(told["recommendation"])
    low, high = (100 * end for end in told["ci95"])
    llm, tuned = told["compared"]
    return (
        f"{told['recommendation']}: {100 * told['difference']:+.1f} [{low:+.1f}, {high:+.1f}], `{tuned}` minus `{llm}`"
    )


def _name(row: ArmRow) -> str:
    return name_of(row.arm, row.side).short


def _score(row: ArmRow) -> str:
    if row.score is None or row.ci95 is None:
        return "–"
    return f"{row.score:.3f} [{row.ci95[0]:.3f}, {row.ci95[1]:.3f}]"


def _dash(value: float | int | None, form: str = "") -> str:
    return "–" if value is None else format(value, form)
