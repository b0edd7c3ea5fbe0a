"""Simulate what the statistics promise, render docs/results/validity.md from it, or check that it has not drifted.

    python scripts/validity_results.py --measure 30    simulate, write docs/results/validity.json and the page
    python scripts/validity_results.py --only compare  one section anew, on the machine that the others were made on
    python scripts/validity_results.py                 write the page
    python scripts/validity_results.py --check         exit 1 if the page would change

The number multiplies the draws of `make test`.
Exit code 1 also where a measured promise is broken beyond Monte-Carlo error. The worlds are those of tests/validity.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from marked_blocks import filled

ROOT = Path(__file__).resolve().parents[1]
JSON = ROOT / "docs" / "results" / "validity.json"
PAGE = ROOT / "docs" / "results" / "validity.md"
SECTIONS = {
    "units": "worlds_units",
    "identical runs": "worlds_identical",
    "choice": "worlds_choice",
    "break-even": "worlds_break_even",
    "compare": "worlds_compare",
    "graded rows": "worlds_graded",
    "whole-set scores": "worlds_whole_set",
    "shared fields": "worlds_shared_field",
}


def measure(times: int, sections: Sequence[str]) -> dict[str, Any]:
    """Every world of these sections, with the machine and the versions that it ran on."""
    sys.path.insert(0, str(ROOT / "tests"))
    from importlib import import_module
    from importlib.metadata import version

    started, used = time.perf_counter(), time.process_time()
    worlds = {section: import_module(f"validity.{SECTIONS[section]}").WORLDS for section in sections}
    found = {section: [_simulated(world, times) for world in of_section] for section, of_section in worlds.items()}
    return {
        "times": times,
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "processor": _processor(),
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "scipy": version("scipy"),
        },
        "seconds": round(time.perf_counter() - started),
        "core_seconds": round(time.process_time() - used),
        "sections": found,
    }


def _with_section(known: dict[str, Any], section: str) -> dict[str, Any]:
    """What is known with one section in place of the old one."""
    fresh = measure(known["times"], [section])
    if fresh["machine"] != known["machine"]:
        raise SystemExit(f"the others were made on {known['machine']}, not on {fresh['machine']}: measure all of them")
    spent = {key: known[key] + fresh[key] for key in ("seconds", "core_seconds")}
    return known | spent | {"sections": known["sections"] | fresh["sections"]}


def _keep(measured: dict[str, Any]) -> None:
    JSON.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def _simulated(world: Any, times: int) -> dict[str, Any]:
    findings = world.run(times)
    print(world.name, *(f"{found.what}: {found.value:.3f}" for found in findings), sep="\n    ", file=sys.stderr)
    return {"world": world.name, "findings": [asdict(found) | {"kept": found.kept} for found in findings]}


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "not known"


def blocks(measured: dict[str, Any]) -> dict[str, str]:
    """What the page shows, by name of its place."""
    tables = {f"validity {section}": _table(worlds) for section, worlds in measured["sections"].items()}
    return {"validity machine": _machine(measured), **tables}


def _machine(measured: dict[str, Any]) -> str:
    machine = measured["machine"]
    kept = [found["kept"] for found in _findings(measured) if found["promise"]]
    return (
        f"{sum(kept)} of {len(kept)} promises are kept within Monte-Carlo error. Simulated with {measured['times']} "
        f"times the draws of `make test`, in {measured['core_seconds'] / 60:.0f} minutes of one core: "
        f"{machine['processor']}, {machine['system']}, Python {machine['python']}, numpy {machine['numpy']}, "
        f"scipy {machine['scipy']}."
    )


def _findings(measured: dict[str, Any]) -> list[dict[str, Any]]:
    return [found for worlds in measured["sections"].values() for world in worlds for found in world["findings"]]


def _table(worlds: Sequence[dict[str, Any]]) -> str:
    lines = ["| world | measured | found | promised | kept | draws |", "|---|---|---|---|---|---|"]
    for world in worlds:
        for place, found in enumerate(world["findings"]):
            name = world["world"] if place == 0 else ""
            lines.append(
                f"| {name} | {found['what']} | {_value(found)} | {_promise(found)} "
                f"| {'' if not found['promise'] else 'yes' if found['kept'] else '**no**'} | {found['draws']} |"
            )
    return "\n".join(lines)


def _value(found: dict[str, Any]) -> str:
    digits, unit = (3, "") if found["unit"] == "share" else (2, f" {found['unit']}")
    error = "" if found["error"] is None else f" ± {found['error']:.{digits}f}"
    return f"{found['value']:.{digits}f}{error}{unit}"


def _promise(found: dict[str, Any]) -> str:
    return "" if not found["promise"] else f"{found['promise'][0]} {found['promise'][1]:g}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write or check."""
    parser = argparse.ArgumentParser(description="the page on simulated guarantees, from docs/results/validity.json")
    parser.add_argument("--measure", type=int, metavar="TIMES", help="simulate, with so many times the quick draws")
    parser.add_argument("--only", choices=list(SECTIONS), help="simulate one section, as often as the others were")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        _keep(measure(chosen.measure, list(SECTIONS)))
    elif chosen.only:
        _keep(_with_section(json.loads(JSON.read_text(encoding="utf-8")), chosen.only))
    measured = json.loads(JSON.read_text(encoding="utf-8"))
    old = PAGE.read_text(encoding="utf-8")
    new, unplaced = filled(old, blocks(measured))
    if unplaced:
        raise SystemExit(f"{PAGE.name} has no place for: {', '.join(unplaced)}")
    if new != old and not chosen.check:
        PAGE.write_text(new, encoding="utf-8")
    broken = [found["what"] for found in _findings(measured) if not found["kept"]]
    print(json.dumps({"differs" if chosen.check else "written": new != old, "broken": broken}))
    return int((new != old and chosen.check) or bool(broken))


if __name__ == "__main__":
    sys.exit(main())
