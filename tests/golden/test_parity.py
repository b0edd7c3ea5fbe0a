"""The small studies of `scripts/parity.py` that hang on no processor find what they found when they were kept.

Where a figure is meant to change, `python scripts/parity.py --golden` keeps the new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from script_modules import SCRIPTS, scripts

KEPT = Path(__file__).parent / "parity"
CASES = sorted(path.stem for path in KEPT.glob("*.json") if path.stem != "replies")


@pytest.fixture(scope="module")
def modules() -> Iterator[tuple[ModuleType, ...]]:
    with scripts("sameness.cases", "sameness.differences", "sameness.replies", "sameness.running") as found:
        yield found


@pytest.fixture(scope="module")
def measured(modules: tuple[ModuleType, ...], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    cases, _, replies, running = modules
    with replies.ReplayServer(replies.read_journal()) as server:
        golden = [case for case in cases.CASES if case.golden]
        found: dict[str, Any] = running.measure_all(SCRIPTS.parent, golden, tmp_path_factory.mktemp("parity"), server)
    return found


def test_every_case_that_hangs_on_no_processor_is_kept(modules: tuple[ModuleType, ...]) -> None:
    assert sorted(case.name for case in modules[0].CASES if case.golden) == CASES


@pytest.mark.parametrize("case", CASES)
def test_no_figure_moved(case: str, measured: dict[str, Any], modules: tuple[ModuleType, ...]) -> None:
    differences = modules[1]
    kept = json.loads((KEPT / f"{case}.json").read_text(encoding="utf-8"))
    found = differences.differences(kept, differences.lasting(measured[case]), case)
    assert not found, f"\n{differences.table(differences.account(found, ()))}"
