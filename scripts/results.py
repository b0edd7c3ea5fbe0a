"""Render README.md and docs/results/index.md from the committed verdicts, or check that they have not drifted.

    python scripts/results.py            write
    python scripts/results.py --check    exit 1 if anything would change

Every folder of docs/results holds the verdict.json of one study. What stands between `<!-- NAME -->` and
`<!-- /NAME -->` in the two pages is made from them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from marked_blocks import filled

from tuningfork.report.terminal import plain_text
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.label_counts import Place, place_of
from tuningfork.verdict.records import ArmRow, VerdictRecord

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
PAGES = (ROOT / "README.md", RESULTS / "index.md")
DEMO = "demo"


def studies() -> dict[str, VerdictRecord]:
    """The committed verdicts by name, the demo not among them."""
    found = {path.parent.name: read_verdict(path) for path in sorted(RESULTS.glob("*/verdict.json"))}
    return {name: record for name, record in found.items() if name != DEMO}


def overview(records: dict[str, VerdictRecord]) -> str:
    """One line a study: the arm that stands for each side, their difference, the break-even, the call."""
    if not records:
        return "No study of these sets is committed yet."
    lines = [
        "| rows | prompt | trained model | difference on shared rows, points | break-even labels | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for name, record in records.items():
        pair = record.comparison
        if pair is None:
            lines.append(f"| {name} | – | – | – | – | {record.recommendation} |")
            continue
        arms = {row.arm: row for row in record.arms}
        low, high = (100 * bound for bound in pair.ci95)
        lines.append(
            f"| {name} | {_cell(arms[pair.llm_arm])} | {_cell(arms[pair.fine_tuned_arm])} "
            f"| {100 * pair.difference:+.1f} [{low:+.1f}, {high:+.1f}] | {_break_even(record)} "
            f"| {record.recommendation} |"
        )
    return "\n".join(lines)


def arms_table(record: VerdictRecord) -> str:
    """Every arm of one study."""
    lines = [
        "| arm | what ran | labels | rows | seeds | score | accuracy | macro-F1 | ms a row | training, s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_arm_line(row) for row in sorted(record.arms, key=lambda row: -(row.score or 0))]
    return "\n".join(lines)


def _arm_line(row: ArmRow) -> str:
    return (
        f"| `{row.arm}` | {row.model} | {_dash(row.n_labels)} | {row.n_eval} | {row.seeds} | {_score(row)} "
        f"| {_dash(row.accuracy, '.3f')} | {_dash(row.macro_f1, '.3f')} | {_dash(row.ms_per_row, '.2f')} "
        f"| {_dash(row.seconds_train, '.1f')} |"
    )


def blocks() -> dict[str, str]:
    """Everything that the pages may show, by name."""
    records = studies()
    found = {"results": overview(records)}
    for name, record in records.items():
        found[f"arms {name}"] = f"{record.reason}\n\n{arms_table(record)}"
    demo = RESULTS / DEMO / "verdict.json"
    if demo.is_file():
        found["demo"] = f"```text\n{plain_text(read_verdict(demo)).rstrip()}\n```"
    return found


def main(arguments: list[str]) -> int:
    """Write, or check."""
    made, drifted = blocks(), []
    for path in PAGES:
        old = path.read_text(encoding="utf-8")
        new, _ = filled(old, made)  # a page holds some of the blocks
        if new != old:
            drifted.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    verb = "differ from docs/results" if "--check" in arguments else "written"
    print(json.dumps({verb: [str(path) for path in drifted]}))
    return 1 if drifted and "--check" in arguments else 0


def _cell(row: ArmRow) -> str:
    return f"`{row.arm}` {_score(row)}"


def _score(row: ArmRow) -> str:
    if row.score is None or row.ci95 is None:
        return "–"
    return f"{row.score:.3f} [{row.ci95[0]:.3f}, {row.ci95[1]:.3f}]"


def _break_even(record: VerdictRecord) -> str:
    mean, reliable = (place_of(record.break_even_labels, kind) for kind in ("mean", "reliable"))
    if not mean.known and not reliable.known and mean.reason == reliable.reason:
        return f"not known: {mean.reason}"
    return f"{_place(mean, 'in the mean')}; {_place(reliable, 'reliably')}"


def _place(place: Place, how: str) -> str:
    return f"{how} {place.told}" if place.known else f"{how} not known ({place.reason})"


def _dash(value: float | int | None, form: str = "") -> str:
    return "–" if value is None else format(value, form)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
