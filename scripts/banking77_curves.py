"""Render docs/results/banking77-curves.md and its picture, or check that they have not drifted.

    python scripts/banking77_curves.py            write
    python scripts/banking77_curves.py --check    exit 1 if anything would change

Made from the committed verdict on Banking77 and from banking77-published.json: scores that others published.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from marked_blocks import filled
from studies.curves import Passing, Point, at_count, curve_of, passing, variance_of
from studies.curves_picture import curves_svg
from studies.running import made_in

from tuningfork.arms.results import Side
from tuningfork.report import numbers
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.names import name_of
from tuningfork.verdict.numbers import about, count
from tuningfork.verdict.verdict_json import VerdictRecord

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
STUDY = RESULTS / "banking77"
PUBLISHED = RESULTS / "banking77-published.json"
PAGE = RESULTS / "banking77-curves.md"
PICTURE = RESULTS / "banking77-curves.svg"
_SIDE: Side = "fine-tuned"
_PICTURED = {"head:minilm": "MiniLM, frozen", "finetune:minilm": "MiniLM, fine-tuned"}
"""Arms of the picture, as it names them; the tables have all of the trained side."""


def trained_curves(record: VerdictRecord) -> dict[str, list[Point]]:
    """Curves of two counts or more, by arm, of the trained side."""
    curves = {row.arm: curve_of(record, row.arm) for row in record.arms if row.side == _SIDE}
    return {arm: curve for arm, curve in curves.items() if len(curve) > 1}


def by_count(curves: dict[str, list[Point]], published: dict[str, Any]) -> str:
    """At each published label count, theirs and ours."""
    theirs = {
        curve["name"]: {n: (score, seconds) for n, score, seconds in curve["points"]} for curve in _curves(published)
    }
    names = [name_of(arm, _SIDE).short for arm in curves]
    lines = [f"| labels | {' | '.join(theirs)} | {' | '.join(names)} |", "|---" * (1 + len(theirs) + len(names)) + "|"]
    for labels in sorted({n for points in theirs.values() for n in points}):
        told = [_theirs(points.get(labels)) for points in theirs.values()]
        ours = [_ours(at_count(curve, labels)) for curve in curves.values()]
        lines.append(f"| {count(labels)} | {' | '.join([*told, *ours])} |")
    return "\n".join(lines)


def passings(curves: dict[str, list[Point]], published: dict[str, Any]) -> str:
    """From how many labels each of our arms passes each published score, and how long it trained for that."""
    levels = [(f"{level['name']}, {level['how']}", level["score"], level["rows"]) for level in published["levels"]]
    for curve in _curves(published):
        labels, score, _ = curve["points"][-1]
        levels.append((f"{curve['name']}, fine-tuned on {count(labels)}", score, published["test_rows"]))
    names = [f"{name_of(arm, _SIDE).short} (`{arm}`)" for arm in curves]
    lines = [f"| published | score | {' | '.join(names)} |", "|---" * (2 + len(names)) + "|"]
    for name, level, rows in levels:
        half = 1.96 * variance_of(level, rows) ** 0.5
        ours = [_passing(passing(curve, level, rows), curve) for curve in curves.values()]
        lines.append(f"| {name} | {level:.3f} ± {half:.3f} on {count(rows)} rows | {' | '.join(ours)} |")
    return "\n".join(lines)


def machine() -> str:
    """What our arms were trained on."""
    made = made_in(STUDY)
    if made is None:
        return "The machine of this study was not kept: two cores of a server, without a GPU."
    told = dict(made.machine)
    return f"Ours: {told.get('processor', 'not known')}, GPU: {told.get('GPU', 'not known')}."


def rendered() -> dict[Path, str]:
    """Page and picture."""
    record = read_verdict(STUDY / "verdict.json")
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    curves = trained_curves(record)
    made = {
        "by count": by_count(curves, published),
        "passings": passings(curves, published),
        "machine": machine(),
    }
    page, unplaced = filled(PAGE.read_text(encoding="utf-8"), made)
    assert not unplaced, f"{PAGE} has no place for {unplaced}"
    named = {name: curves[arm] for arm, name in _PICTURED.items() if arm in curves}
    return {PAGE: page, PICTURE: curves_svg(named, published)}


def main(arguments: Sequence[str]) -> int:
    """Write, or check."""
    drifted = [
        path for path, text in rendered().items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in drifted:
            print(f"{path.relative_to(ROOT)} has drifted; run python scripts/banking77_curves.py")
        return 1 if drifted else 0
    for path, text in rendered().items():
        path.write_text(text, encoding="utf-8")
    return 0


def _curves(published: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from published["curves"]


def _theirs(told: Sequence[float] | None) -> str:
    return "–" if told is None else f"{told[0]:.3f} ({told[1]:g} s)"


def _ours(told: tuple[float, float] | None) -> str:
    if told is None:
        return "–"
    score, half = told
    return f"{score:.3f} [{max(0.0, score - half):.3f}, {min(1.0, score + half):.3f}]"


def _passing(found: Passing, curve: Sequence[Point]) -> str:
    first, last = count(curve[0].labels), count(curve[-1].labels)
    if found.at is None:
        earliest = found.ends[0]
        return f"not by {last} labels" + (f" [from {about(earliest)} at the earliest]" if earliest is not None else "")
    value = f"at or below {first}" if found.at_first else about(found.at)
    low, high = (
        about(end) if end is not None else beyond
        for end, beyond in zip(found.ends, (f"below {first}", f"above {last}"), strict=True)
    )
    seconds = f", {numbers.duration(found.seconds)}" if found.seconds is not None else ""
    return f"{value} [{low}, {high}]{seconds}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
