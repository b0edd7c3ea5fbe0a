"""Render the practical guide from its data files and the committed studies, or check that its pages have not drifted.

    python scripts/guide.py            write
    python scripts/guide.py --check    exit 1 if anything would change

The pages stand twice: in docs/guide for the site, and in the package, so that `tuningfork guide` has them where nothing
but the package is installed. Figures of this project's own studies come from docs/results/*/verdict.json.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tuningfork.guide.evidence import Finding, findings, key_points
from tuningfork.guide.flow import LEAF_TITLES, Branch, Flow, load_flow
from tuningfork.guide.sections import CITATION, OVERVIEW, Section, findings_of, overview, sections
from tuningfork.report.numbers import milliseconds, percent
from tuningfork.report.plots.flow import flow_svg
from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.names import name_of, parameters_in
from tuningfork.verdict.numbers import score
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
SITE = ROOT / "docs" / "guide"
PACKAGE = ROOT / "src" / "tuningfork" / "guide" / "pages"
WIDTH = 120
READ = {"abstract": "read in its abstract", "source": "read in the source", "report": "from another's account"}

Studies = Mapping[str, VerdictRecord]


def studies() -> Studies:
    """The committed verdicts by name."""
    return {path.parent.name: read_verdict(path) for path in sorted(RESULTS.glob("*/verdict.json"))}


def pages(records: Studies) -> dict[str, str]:
    """Every page by name, as the package has it."""
    return {OVERVIEW: front_page(records)} | {
        name: page(name, section, records) for name, section in sections().items()
    }


def page(name: str, section: Section, records: Studies) -> str:
    """One section."""
    parts = [f"# {section.title}", section.lead, "## When an LLM", section.llm]
    parts += ["## When a fine-tuned model", section.fine_tuned, "## Why", section.why]
    parts += ["## What has changed since 2023", section.changed]
    measured = [line for kind in section.studies for line in MEASURED[kind](records)]
    if measured:
        parts += ["## What our own studies found", *measured]
    parts += [
        "## The survey's key points",
        *(f"**{point}.** {key_points()[point].text}" for point in section.key_points),
    ]
    if section.questions:
        asked = ", ".join(f"`{question}`" for question in section.questions)
        parts.append(f"In the decision flow: {asked} (`tuningfork advise`).")
    parts += ["## The findings", *_findings(findings_of(name))]
    return _finished(parts)


def front_page(records: Studies) -> str:
    """The page before the sections."""
    flow, texts = load_flow(), overview()
    survey = f"[{flow.source.title}]({flow.source.link})" if flow.source else flow.title
    parts = [f"# {texts.title}", texts.lead, "## The two sides", texts.sides]
    parts += ["## The decision flow", texts.flow.format(survey=survey), *_flow_lines()]
    parts += ["## The sections", *(_told(name, section) for name, section in sections().items())]
    parts += ["## Where flow and measurement met", *_agreement(records)]
    parts += ["## How far to trust this", texts.caution.format(findings=len(findings()))]
    return _finished(parts)


def _told(name: str, section: Section) -> str:
    return f"**[{section.title}]({name}.md)** (`tuningfork guide {name}`). {_first_sentence(section.lead)}"


def _flow_lines() -> Iterator[str]:
    flow = load_flow()
    for name in flow.order:
        question = flow.questions[name]
        leads = "; ".join(f"{choice}: {_leads(flow, branch)}" for choice, branch in question.branches)
        yield f"{flow.number(name)}. **{question.ask}** `{name}`. {question.meaning} ({leads})"


def _leads(flow: Flow, branch: Branch) -> str:
    return f"question {flow.number(branch.to)}" if branch.leaf is None else _in_a_sentence(branch.leaf)


def _in_a_sentence(leaf: str) -> str:
    return LEAF_TITLES[leaf][0].lower() + LEAF_TITLES[leaf][1:]


def _first_sentence(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].rstrip(".") + "."


def _findings(found: Iterable[Finding]) -> Iterator[str]:
    """For the survey's advice, then against it or mixed, newest first."""
    ordered = sorted(found, key=lambda finding: -finding.year)
    for heading, stances in (("For the survey's advice", ("for",)), ("Against it, or mixed", ("against", "mixed"))):
        told = [finding for finding in ordered if finding.stance in stances]
        if told:
            yield f"### {heading}"
            yield from (
                f"- {finding.cited}, [{finding.title}]({finding.link}): {finding.found} ({READ[finding.read]})"
                for finding in told
            )


def _finished(parts: Iterable[str]) -> str:
    """Paragraphs wrapped, citations linked; items of one list stand close."""
    lines: list[str] = []
    for part in parts:
        text = _cite(" ".join(part.split())).replace(" %", "\u00a0%")
        if lines and not (_is_item(text) and _is_item(lines[-1])):
            lines.append("")
        lines.append(text)
    wrapped = [line if line.startswith("#") else _wrapped(line) for line in lines]
    return "\n".join(wrapped) + "\n"


def _is_item(line: str) -> bool:
    return line.startswith("- ") or line.partition(". ")[0].isdecimal()


def _wrapped(line: str) -> str:
    indent = "    " if line.partition(". ")[0].isdecimal() else "  " if line.startswith("- ") else ""
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _cite(text: str) -> str:
    by_id = {finding.id: finding for finding in findings()}
    return (
        CITATION.sub(
            lambda match: (
                f"([{by_id[match[1]].authors}, {by_id[match[1]].year}]({by_id[match[1]].link}))"
                if match[1] in by_id
                else match[0]
            ),
            text,
        )
        .replace(")) ([", "); [")
        .replace("))(", "); (")
    )


# What this project measured itself.


def _verdicts(records: Studies) -> list[str]:
    return [f"**{name}**{_of_what(name, record)}. {record.reason}" for name, record in records.items()]


def _of_what(name: str, record: VerdictRecord) -> str:
    """What the study calls its task, where that says more than the study's own name and the file's."""
    return "" if record.task in (name, "train") else f" ({record.task})"


def _break_evens(records: Studies) -> list[str]:
    return [
        f"**{name}**. {break_even_sentence(record.break_even_labels, record.call)}" for name, record in records.items()
    ]


def _speeds(records: Studies) -> list[str]:
    told = []
    for name, record in records.items():
        if record.comparison is None:
            continue
        rows = {row.arm: row for row in record.arms}
        pair = [rows[record.comparison.fine_tuned_arm], rows[record.comparison.llm_arm]]
        named = [(name_of(row.arm, row.side).short, row.ms_per_row) for row in pair]
        times = " and ".join(f"{milliseconds(ms)} ms for {short}" for short, ms in named if ms is not None)
        unknown = "".join(f" How long {short} took is not known." for short, ms in named if ms is None)
        told.append(f"**{name}**. A row took {times}, on two CPU cores.{unknown}")
    return told


def _sizes(records: Studies) -> list[str]:
    told = []
    for name, record in records.items():
        prompts = [row for row in record.arms if row.side == "llm" and row.score is not None]
        sized = sorted((parameters_in(row.arm) or 0.0, row.arm, row) for row in prompts)
        if len({size for size, _, _ in sized if size}) > 1:
            told.append(f"**{name}**. By size: {'; '.join(_scored(row) for size, _, row in sized if size)}.")
    return told or ["No committed study has prompted LLMs of more than one size yet."]


def _answers(records: Studies) -> list[str]:
    """What can be trusted of the answers: how many are no label, how well probabilities are calibrated."""
    told = []
    for name, record in records.items():
        pair = record.comparison
        compared = () if pair is None else (pair.llm_arm, pair.fine_tuned_arm)
        parts = [part for row in record.arms if row.arm in compared for part in _habits(row)]
        if parts:
            sentence = "; ".join(parts)
            told.append(f"**{name}**. {sentence[0].upper()}{sentence[1:]}.")
    return told


def _habits(row: ArmRow) -> Iterator[str]:
    short = name_of(row.arm, row.side).short
    if row.side == "llm" and row.invalid is not None:
        yield f"{percent(row.invalid)} of the answers of {short} were no label"
    if row.ece is not None:
        yield f"the probabilities of {short} were off by {row.ece:.2f} on average (expected calibration error)"


def _agreement(records: Studies) -> list[str]:
    told = []
    agreed = {True: "They agree", False: "They disagree", None: "One of them names no side"}
    for name, record in records.items():
        if record.guide is not None:
            said, found = _in_a_sentence(record.guide.leaf), record.recommendation
            told.append(f"**{name}**. The flow: {said}. Measured: {found}. {agreed[record.guide.agrees]}.")
    return told or ["No committed study has the flow's advice beside it yet."]


def _scored(row: ArmRow) -> str:
    return f"{name_of(row.arm, row.side).short} {score(row.score, row.ci95)}"


MEASURED: dict[str, Callable[[Studies], list[str]]] = {
    "overview": _verdicts,
    "break_even": _break_evens,
    "speed": _speeds,
    "sizes": _sizes,
    "answers": _answers,
}


def files() -> dict[Path, str]:
    """Every file that this script makes, with its content."""
    made: dict[Path, str] = {SITE / "flow.svg": flow_svg(load_flow(), {})}
    picture = "\n![The decision flow: ten questions from left to right and back, each with its leaf](flow.svg)\n"
    for name, text in pages(studies()).items():
        made[PACKAGE / f"{name}.md"] = text
        shown = text.replace("\n1. **", f"{picture}\n1. **", 1) if name == OVERVIEW else text
        made[SITE / f"{'index' if name == OVERVIEW else name}.md"] = shown
    return made


def main(arguments: list[str]) -> int:
    """Write, or check."""
    drifted = []
    for path, text in files().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            drifted.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
    verb = "differ from the guide's data" if "--check" in arguments else "written"
    print(json.dumps({verb: [str(path) for path in drifted]}))
    return 1 if drifted and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
