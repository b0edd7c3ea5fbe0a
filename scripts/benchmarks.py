"""Render docs/benchmarks.md from the committed results, or check that it has not drifted.

    python scripts/benchmarks.py            write
    python scripts/benchmarks.py --check    exit 1 if anything would change

Every JSON file of benchmarks/results is one section, in the order of `ORDER`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from marked_blocks import filled

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
ORDER = (
    "start",
    "again",
    "pairs",
    "head_curve",
    "embedding",
    "linear_curve",
    "finetune_trainer",
    "autointent",
    "prompt_local",
    "prompt_remote",
    "size",
    "compare",
)


def sections() -> str:
    """All sections, the ones that were never run left out."""
    found = [RESULTS / f"{name}.json" for name in ORDER]
    return "\n\n".join(section(json.loads(file.read_text(encoding="utf-8"))) for file in found if file.is_file())


def section(result: dict[str, Any]) -> str:
    """One benchmark: question, figures with their spread, goals, limit, machine and versions."""
    lines = [f"## {result['bench'].replace('_', ' ')}", "", result["question"], ""]
    lines += [f"| | median, {result['unit']} | lowest to highest | runs |", "|---|---|---|---|"]
    for name, figures in result["measured"].items():
        spread = f"{_number(figures['lowest'])} to {_number(figures['highest'])}"
        lines.append(f"| {name} | {_number(figures['median'])} | {spread} | {len(figures['runs'])} |")
    lines += ["", "| goal | reached | |", "|---|---|---|"]
    lines += [
        f"| {goal['what']} | {_number(goal['value'])} | {'met' if goal['met'] else '**missed**'} |"
        for goal in result["goals"]
    ]
    lines += ["", result["limit"], ""]
    machine, versions = result["machine"], result["versions"]
    used = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    lines.append(
        f"*{result['day']}: {machine['processor']}, {machine['vectors']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB; {used}.*"
    )
    return "\n".join(lines)


def _number(value: float) -> str:
    """Three figures that count, whole numbers from 100 on."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def main(arguments: list[str]) -> int:
    """Write, or check."""
    old = PAGE.read_text(encoding="utf-8")
    new, _ = filled(old, {"benchmarks": sections()})
    if new == old:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.relative_to(ROOT)} differs from benchmarks/results; run python scripts/benchmarks.py")
        return 1
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
