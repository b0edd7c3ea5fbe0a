"""Render README.md and docs/results/index.md from the committed verdicts, or check that they have not drifted.

    python scripts/results.py            write
    python scripts/results.py --check    exit 1 if anything would change, or a committed verdict holds rows

Every folder of docs/results holds the verdict.json of one study; `make studies` writes them. What stands between
`<!-- NAME -->` and `<!-- /NAME -->` in the two pages is made from them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from marked_blocks import filled
from studies.pages import (
    changes,
    earlier_in,
    large_model,
    overview,
    published_studies,
    sections,
    trained_beside_large,
)

from tuningfork.report.terminal import plain_text
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.published import published

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
PAGES = (ROOT / "README.md", RESULTS / "index.md")
DEMO = RESULTS / "demo" / "verdict.json"


def blocks() -> dict[str, str]:
    """Everything that the pages may show, by name."""
    studies = published_studies(RESULTS)
    found = {
        "results": overview(studies),
        "large model": large_model(studies, folder="docs/results"),
        "studies": sections(studies),
        "trained beside large": trained_beside_large(studies),
        "changes": changes(studies, earlier_in(RESULTS)),
    }
    if DEMO.is_file():
        found["demo"] = f"```text\n{plain_text(read_verdict(DEMO)).rstrip()}\n```"
    return found


def with_rows() -> list[str]:
    """Committed verdicts that are no published form: something of rows or folders is in them."""
    verdicts = sorted(RESULTS.glob("*/verdict.json"))
    labels = {path: _labels_told(path) for path in verdicts}
    return [
        str(path.relative_to(ROOT))
        for path in verdicts
        if published(read := read_verdict(path), labels=labels[path]) != read
    ]


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
    if unfit := with_rows():
        print(json.dumps({"hold rows or folders": unfit}))
    verb = "differ from docs/results" if "--check" in arguments else "written"
    print(json.dumps({verb: [str(path) for path in drifted]}))
    return 1 if unfit or (drifted and "--check" in arguments) else 0


def _labels_told(path: Path) -> set[str]:
    """Labels that a verdict names: those that were confused."""
    confusions = read_verdict(path).confusions
    return {label for one in confusions for label in (one.gold, one.predicted) if label is not None}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
