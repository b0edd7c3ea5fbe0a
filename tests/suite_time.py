"""How the suite is shared out over processes, and what it took: a pytest plugin that `conftest.py` loads.

Files that take long begin first, so that no process ends alone with one of them; there are two processes a core, since
many tests wait for servers, clocks and processes of their own. Every run ends with its time, the processor's share of
it, and the files that took longest; a whole run that passes `BUDGET_MINUTES` says so. `docs/reference/tests.md` tells
how the time is kept.
"""

from __future__ import annotations

import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tuningfork.models.hardware import usable_cores

BUDGET_MINUTES = 10.0
"""Of a whole run, alone on two cores."""

WHOLE_RUN = 3000
"""Tests from which on a run counts as the whole."""

SHORTEST_SHOWN_MINUTES = 0.5
"""A run that ends sooner says nothing of its time."""

LONG_SECONDS = 15.0
"""A file that takes longer belongs into `LONGEST_FIRST`."""

PROCESSES_A_CORE = 2

LONGEST_FIRST = (
    "integration/test_study_costs.py",
    "integration/test_study_servers.py",
    "integration/test_study_survives.py",
    "integration/test_docs_examples.py",
    "integration/test_hostile_input.py",
    "integration/test_arms_finetune.py",
    "integration/test_shared_beginning.py",
    "integration/test_local_server.py",
    "integration/test_field_cases_replies.py",
    "integration/test_llm_client_local.py",
    "integration/test_study_local_llm_killed.py",
    "integration/test_hostile_processes.py",
    "integration/test_study_disk.py",
    "integration/test_study_interrupted.py",
    "integration/test_study_api.py",
    "unit/arms/test_label_names_learned.py",
    "unit/models/llm/test_llm_client.py",
    "integration/test_prompt_real_model.py",
    "integration/test_study_budgets.py",
    "integration/test_report_browser.py",
    "integration/test_study_questions.py",
    "integration/test_field_cases_twins.py",
    "integration/test_terminal_text.py",
    "integration/test_study_faults.py",
    "integration/test_field_cases_verdict.py",
    "integration/test_key_safety.py",
    "integration/test_field_cases_files.py",
    "integration/test_field_cases_addresses.py",
    "validity/test_simulated_promises.py",
    "validity/test_comparison_guarantees.py",
    "validity/test_shift_validity.py",
    "property/test_budget_properties.py",
)
"""Files that take long, the longest first."""

_TESTS = Path(__file__).parent
_PROCESSOR = "processor_seconds"


def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` is; the environment's own number stays."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") or PROCESSES_A_CORE * usable_cores())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first. The order within a file stays."""
    places = {_TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def processor_seconds() -> float:
    """Of this process and of those it has started and seen end."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Note where the processor's time stood before the test."""
    item.stash[_BEFORE] = processor_seconds()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Send what it took along with the report on the test's end."""
    try:
        return (yield)
    finally:
        item.user_properties.append((_PROCESSOR, processor_seconds() - item.stash[_BEFORE]))


_BEFORE = pytest.StashKey[float]()


@dataclass
class Spent:
    """Seconds that went by, and seconds of the processor."""

    seconds: float = 0.0
    processor: float = 0.0

    def add(self, report: pytest.TestReport) -> None:
        """One phase of a test."""
        self.seconds += report.duration
        self.processor += sum(value for name, value in report.user_properties if name == _PROCESSOR)


@dataclass(eq=False)
class SuiteTime:
    """What every file took, as the process that reports sees it."""

    began: float = field(default_factory=time.monotonic)
    files: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    tests: int = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a phase of a test to its file."""
        self.files[report.nodeid.partition("::")[0]].add(report)
        self.tests += report.when == "teardown"

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The time, the longest files, and what ought to be done about them."""
        minutes = (time.monotonic() - self.began) / 60
        processor = sum(spent.processor for spent in self.files.values()) / 60
        if minutes < SHORTEST_SHOWN_MINUTES:
            return
        terminalreporter.section("time", sep="-")
        terminalreporter.line(f"{self.tests} tests in {minutes:.1f} min, {processor:.1f} of them on a processor")
        longest = sorted(self.files.items(), key=lambda item: -item[1].seconds)
        for name, spent in longest[:10]:
            terminalreporter.line(f"{spent.seconds:7.1f} s, processor {spent.processor:6.1f} s  {name}")
        if self.tests >= WHOLE_RUN:
            for line in self._to_mend(minutes):
                terminalreporter.line(line, yellow=True)

    def _to_mend(self, minutes: float) -> Iterator[str]:
        if minutes > BUDGET_MINUTES:
            yield f"over the budget of {BUDGET_MINUTES:.0f} min: see docs/reference/tests.md"
        for name, spent in self.files.items():
            if spent.processor > LONG_SECONDS and not name.endswith(LONGEST_FIRST):
                yield f"{name} takes long and begins late: name it in LONGEST_FIRST of tests/suite_time.py"


def pytest_configure(config: pytest.Config) -> None:
    """Count where reports come together: not in the processes that only run tests."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(SuiteTime(), "suite_time_report")
