"""What every benchmark shares: alternating runs, the machine and versions beside the figures, one JSON file each."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tuningfork.models.hardware import hardware

RESULTS = Path(__file__).parent / "results"
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""The public data sets; the benchmarks that need them say so and stop where they are absent."""


@dataclass(frozen=True)
class Goal:
    """What was aimed for, what was reached.

    Attributes:
        what: in words, with the number that is aimed for.
        value: the number reached.
        met: whether that is enough.
    """

    what: str
    value: float
    met: bool


def timed(work: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def side_by_side(candidates: Mapping[str, Callable[[], Any]], *, repeats: int = 3) -> dict[str, list[float]]:
    """Seconds of each candidate, in turns, so that a slow minute of the machine meets all of them.

    Every candidate runs once before, uncounted.
    """
    for work in candidates.values():
        work()
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(repeats):
        for name, work in candidates.items():
            found[name].append(timed(work))
    return found


def rows(name: str, split: str = "train", *, limit: int | None = None, column: str = "text") -> list[dict[str, str]]:
    """Rows of a public data set, in the file's order.

    Raises:
        SystemExit: the data sets are not beside the project.
    """
    import csv

    file = DATA / name / f"{split}.csv"
    if not file.is_file():
        raise SystemExit(f"this benchmark needs {file.name} of {name} in ../shared/data")
    with file.open(encoding="utf-8", newline="") as lines:
        found = [row for row in csv.DictReader(lines) if row[column]]
    return found[:limit]


def write(
    bench: str,
    question: str,
    measured: Mapping[str, Sequence[float]],
    *,
    unit: str,
    goals: Sequence[Goal],
    limit: str,
    packages: Sequence[str],
    more: Mapping[str, Any] | None = None,
) -> None:
    """Print the result and keep it in `results/BENCH.json`.

    Args:
        bench: its file's name.
        question: what it answers, in one sentence.
        measured: figures by what was measured, one a repeat.
        unit: of all figures.
        limit: the physical limit and how far from it this is, in one sentence with numbers.
        packages: distributions whose versions matter.
        more: further figures.
    """
    result = {
        "bench": bench,
        "question": question,
        "unit": unit,
        "measured": {name: _summary(values) for name, values in measured.items()},
        "goals": [asdict(goal) for goal in goals],
        "limit": limit,
        "more": dict(more or {}),
        "machine": machine(),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in packages},
        "day": datetime.now(UTC).date().isoformat(),
    }
    text = json.dumps(result, indent=1, ensure_ascii=False)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{bench}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def machine() -> dict[str, Any]:
    """Processor, its widest vector instructions, cores this process may use, memory."""
    found = hardware()
    described = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    vectors = "AVX-512" if "avx512f" in described else "AVX2" if "avx2" in described else "unknown"
    return {
        "processor": found.processor,
        "vectors": vectors,
        "cores": found.cores,
        "memory_gib": round(found.memory_bytes / 2**30, 1),
    }


def _summary(values: Sequence[float]) -> dict[str, Any]:
    return {
        "median": statistics.median(values),
        "lowest": min(values),
        "highest": max(values),
        "runs": [round(value, 6) for value in values],
    }


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
