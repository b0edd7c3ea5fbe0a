"""Arms of other people in a study: one that works, one that raises, one that cannot be imported; and escapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from study_runs import Ended, Rows, films, own_cache, tuningfork, verdict_of

MODULE = '''
from typing import ClassVar
import numpy as np
from tuningfork.answers.category import Categories
from tuningfork.arms.family import Estimate, Family
from tuningfork.arms.results import Prediction, TrialPlan, Usage
from tuningfork.arms.schedules import trained_schedule
from tuningfork.errors import ArmFailed


class Majority(Family):
    """Answers what most of its rows are."""

    name: ClassVar[str] = "majority"
    side: ClassVar[str] = "fine-tuned"

    def check(self, spec):
        spec.only_options("raises")

    def schedule(self, spec, setting):
        return trained_schedule(spec.text, setting, seeds_at=lambda n: 3, redraws=False)

    def estimate(self, spec, plan, setting):
        return Estimate(fit_seconds=0.01, row_seconds=1e-6)

    def fit(self, spec, plan, sample, setting, services):
        kind = spec.options.get("raises")
        if kind == "always" or (kind == "once" and plan.seed == 1 and plan.level == 8):
            raise ZeroDivisionError("a bug \\x1b[31mof ours")
        if kind == "politely":
            raise ArmFailed("eight rows are not enough for me")
        return Fitted(int(np.bincount(sample.gold).argmax()), len(setting.labels))


class Fitted:
    model, fit_usage, details, notes = "majority", Usage(), (), ()

    def __init__(self, label, n_labels):
        self.label, self.n_labels = label, n_labels

    def predict(self, rows, *, progress=None):
        return Prediction(Categories(np.full(len(rows), self.label, np.int32))), Usage()

    def time_rows(self, rows):
        return ()


FAMILY = Majority()
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("others")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder)


@pytest.fixture(scope="module")
def packages(folder: Path) -> Path:
    """A folder of installed packages, one of which adds two arm families."""
    site = folder / "site"
    info = site / "others_arms-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "others_arms.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others-arms\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tuningfork.arms]\nmajority = others_arms:FAMILY\ngone = others_arms:GONE\n"
    )
    return site


@pytest.fixture(scope="module")
def environment(folder: Path, packages: Path) -> dict[str, str]:
    return {"TUNINGFORK_CACHE": str(own_cache(folder)), "PYTHONPATH": str(packages)}


def run(rows: Rows, folder: Path, environment: dict[str, str], *arms: str, out: str) -> Ended:
    settings = ("--label-counts", "8,32", "--seeds", "2", "--yes", "--out", out)
    return tuningfork("run", *rows.arguments, *(f"--arm={arm}" for arm in arms), *settings, cwd=folder, **environment)


def by_arm(study: Path) -> dict[str, dict[str, Any]]:
    return {arm["arm"]: arm for arm in verdict_of(study)["arms"]}


def test_an_arm_of_another_package_takes_part(rows: Rows, folder: Path, environment: dict[str, str]) -> None:
    ended = run(rows, folder, environment, "linear", "majority", out="joined")
    assert ended.code == 0, ended.err
    arms = by_arm(folder / "joined")
    assert arms["majority"]["status"] == "done"
    gold = list(rows.evaluation.values())
    share = max(gold.count(label) for label in set(gold)) / len(gold)
    curve = [p["score"] for p in verdict_of(folder / "joined")["curve"] if p["arm"] == "majority"]
    assert len(curve) == 4
    assert all(score == pytest.approx(share) or score == pytest.approx(1 - share) for score in curve)
    assert arms["linear"]["status"] == "done"


def test_failures_are_told_kept_and_cost_nobody_else_anything(
    rows: Rows, folder: Path, environment: dict[str, str]
) -> None:
    arms = ("linear", "majority?raises=always", "majority?raises=politely", "majority?raises=once")
    ended = run(rows, folder, environment, *arms, out="failing")
    assert ended.code == 0, ended.err
    found = by_arm(folder / "failing")
    assert {arm: row["status"] for arm, row in found.items()} == {
        "linear": "done",
        "majority?raises=always": "failed",
        "majority?raises=politely": "failed",
        "majority?raises=once": "done",
    }
    assert found["majority?raises=politely"]["failure"] == "eight rows are not enough for me"
    assert "ZeroDivisionError: a bug" in found["majority?raises=always"]["failure"]
    assert found["majority?raises=once"]["n_labels"] == 32
    traces = [path.read_text() for path in (folder / "failing" / "failures").iterdir()]
    assert len(traces) == 4 + 1, "every trial that raised something unexpected"
    assert all('raise ZeroDivisionError("a bug' in trace for trace in traces)
    assert "majority?raises=always failed: ZeroDivisionError: a bug" in ended.err
    assert "eight rows" in (folder / "failing" / "report.html").read_text(encoding="utf-8")
    assert "Traceback" not in ended.err
    assert not {c for c in ended.err + ended.out if not c.isprintable()} - {"\n"}


def test_an_arm_that_cannot_be_imported_is_named_with_its_package(
    rows: Rows, folder: Path, environment: dict[str, str]
) -> None:
    ended = run(rows, folder, environment, "linear", "gone", out="never")
    assert ended.code == 1
    assert "others-arms" in ended.err and "'gone'" in ended.err
    assert "Traceback" not in ended.err
    assert not (folder / "never").exists()


def test_near_names_include_those_of_other_packages(rows: Rows, folder: Path, environment: dict[str, str]) -> None:
    ended = tuningfork("plan", *rows.arguments, "--arm", "majorty", "--json", cwd=folder, **environment)
    assert ended.code == 2
    assert "did you mean 'majority'?" in ended.err
    ended = tuningfork("plan", *rows.arguments, "--arm", "majority", "--json", cwd=folder, **environment)
    assert [trial["arm"] for trial in json.loads(ended.out)["trials"]] == ["majority"] * len(ended.json["trials"])
