"""Counts that take minutes a run, in a whole study: what the plan leaves out, what is run after all, what decides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from study_runs import Ended, Rows, films, own_cache, tuningfork, verdict_of

MODULE = '''
import os
from typing import ClassVar
import numpy as np
from tuningfork.answers.category import Categories
from tuningfork.arms.family import Estimate, Family
from tuningfork.arms.results import Prediction, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.errors import ArmFailed


class Patient(Family):
    """Says that a label takes five seconds, and takes none: what most of its rows are, more often with more labels."""

    name: ClassVar[str] = "patient"
    side: ClassVar[str] = "fine-tuned"
    redraws: ClassVar[bool] = True
    sure_labels: ClassVar[int] = 32

    def check(self, spec):
        spec.only_options()

    def schedule(self, spec, setting):
        return trained_schedule(
            spec.text, setting, seeds_at=lambda n: 5 if n >= 32 else 3, redraws=True
        )

    def estimate(self, spec, plan, setting):
        return Estimate(fit_seconds=5.0 * plan.level, row_seconds=1e-6)

    def fit(self, spec, plan, sample, setting, services):
        if plan.level > 150 and plan.seed and os.environ.get("FAIL"):
            raise ArmFailed("the machine was switched off")
        return Fitted(int(np.bincount(sample.gold).argmax()), len(setting.labels), plan)


class Fitted:
    model, fit_usage, details, notes = "patient", Usage(), (), ()

    def __init__(self, label, n_labels, plan):
        self.label, self.n_labels, self.plan = label, n_labels, plan

    def predict(self, rows, *, progress=None):
        labels = np.full(len(rows), self.label, np.int32)
        labels[self.plan.seed :: 9] = 0
        return Prediction(Categories(labels)), Usage()

    def time_rows(self, rows):
        return (0.001,) * len(rows)


FAMILY = Patient()
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("larger")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder)


@pytest.fixture(scope="module")
def site(folder: Path) -> Path:
    site = folder / "site"
    info = site / "patient_arms-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "patient_arms.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: patient-arms\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tuningfork.arms]\npatient = patient_arms:FAMILY\n")
    return site


@pytest.fixture
def environment(tmp_path: Path, site: Path) -> dict[str, str]:
    """With a cache of its own: what one study learns of the arm's speed is news to the next."""
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"TUNINGFORK_CACHE": str(own_cache(tmp_path)), "PYTHONPATH": path}


def call(verb: str, rows: Rows, folder: Path, environment: dict[str, str], out: str, *more: str) -> Ended:
    options = ("--arm=patient", "--out", out, *more)
    return tuningfork(verb, *rows.arguments, *options, cwd=folder, **environment)


def runs_by_count(study: Path) -> dict[int, int]:
    found: dict[int, int] = {}
    for point in verdict_of(study)["curve"]:
        found[point["n_labels"]] = found.get(point["n_labels"], 0) + 1
    return found


def row(study: Path) -> dict[str, Any]:
    (found,) = verdict_of(study)["arms"]
    return found  # type: ignore[no-any-return]


def codes(study: Path) -> set[str]:
    return {warning["code"] for warning in verdict_of(study)["warnings"]}


def test_what_seemed_to_have_no_room_is_run_where_time_is_left_and_a_finished_study_stays_so(
    rows: Rows, folder: Path, environment: dict[str, str]
) -> None:
    """160 rows to train on: by its estimate the whole pool has room for one run, and 64 labels for three."""
    budget = ("--budget-minutes", "55")
    planned = call("plan", rows, folder, environment, "early", *budget, "--json")
    assert planned.code == 0, planned.err
    (told,) = [note["message"] for note in planned.json["notes"] if note["code"] == "labels_left_out"]
    assert "patient is compared at 64 labels or fewer" in told
    assert "4 with 160" in told
    assert "--budget-minutes" in told
    ended = call("run", rows, folder, environment, "early", *budget, "--yes")
    study = folder / "early"
    assert runs_by_count(study)[160] == 5
    assert (row(study)["n_labels"], row(study)["seeds"]) == (160, 5)
    assert not codes(study) & {"labels_left_out", "counts_left_out"}
    again = call("run", rows, folder, environment, "early", *budget, "--yes")
    assert "Nothing is left to run" in again.err + again.out
    assert ended.code == again.code == 0


def test_a_largest_count_with_one_run_decides_once_the_study_was_resumed(
    rows: Rows, folder: Path, environment: dict[str, str]
) -> None:
    study = folder / "resumed"
    call("run", rows, folder, environment | {"FAIL": "yes"}, "resumed", "--yes")
    assert runs_by_count(study)[160] == 1
    assert row(study)["n_labels"] == 128
    assert row(study)["latency_ms_p50"] is not None
    shown = codes(study) & {"more_labels_may_do_better", "larger_count_shown_only"}
    assert len(shown) == 1
    call("run", rows, folder, environment, "resumed", "--yes")
    assert runs_by_count(study)[160] == 5
    assert (row(study)["n_labels"], row(study)["seeds"]) == (160, 5)
    assert not codes(study) & {"more_labels_may_do_better", "larger_count_shown_only"}


def test_counts_that_were_given_are_run_largest_once_first(
    rows: Rows, folder: Path, environment: dict[str, str]
) -> None:
    given = ("--label-counts", "8,160", "--seeds", "3")
    planned = call("plan", rows, folder, environment, "given", *given, "--json")
    order = [(trial["n_labels"], trial["seed"]) for trial in planned.json["trials"]]
    assert order == [(8, 0), (160, 0), (8, 1), (8, 2), (160, 1), (160, 2)], "a first look, the largest once, the rest"
    assert not [note for note in planned.json["notes"] if note["code"].endswith("left_out")]
