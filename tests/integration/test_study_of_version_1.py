"""A folder of version 1 goes on: it is read as it is, and a run brings it up to date without a request.

`tests/golden/ledger_v1` was left by the last code that wrote that version; the server it names is long gone, so that
any request would fail.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from study_runs import is_sound, own_cache, typed, verdict_of
from tuningfork.api import Study, Task, load, report_again
from tuningfork.errors import InputError
from tuningfork.study.ledger import LEDGER_FILE, SCHEMA_VERSION, Ledger
from tuningfork.study.ledger_schema import UPGRADES

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "ledger_v1"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)
    copy = tmp_path / "old"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("make.py", "__pycache__"))
    return copy


def study_in(folder: Path) -> Study:
    """The same study again, as its own task.yaml asks."""
    task, settings = Task.and_settings_from_yaml(folder / "task.yaml")
    return Study(task, settings.pop("arms"), out=folder, **settings)


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / LEDGER_FILE).read_bytes()).hexdigest()


def version(folder: Path) -> int:
    with closing(sqlite3.connect(folder / LEDGER_FILE)) as plain:
        (found,) = plain.execute("PRAGMA user_version").fetchone()
    return int(found)


def test_reading_it_changes_no_byte(old: Path) -> None:
    before, verdict = digest(old), verdict_of(old)
    assert load(old).record.recommendation == verdict["recommendation"]
    assert len(study_in(old).plan().trials) == 7
    again = report_again(old).record
    assert digest(old) == before
    assert version(old) == 1
    for now, then in zip(again.arms, verdict["arms"], strict=True):
        told = ("arm", "status", "n_labels", "n_eval", "seeds", "accuracy", "macro_f1", "ece", "seconds_train")
        assert [getattr(now, name) for name in told] == [then[name] for name in told]
    assert again.cost.llm_requests == verdict["cost"]["llm_requests"] == 80


def test_the_plan_says_what_runs_again_and_why(old: Path) -> None:
    (llm,) = [arm for arm in study_in(old).settings.arms if arm.startswith("prompt:")]
    (note,) = [note for note in study_in(old).plan().notes if note.code == "older_version"]
    assert f"ran 6 trials of linear and 1 of {llm}" in note.message
    shown = typed("plan", "old/task.yaml", "--out", "old", cwd=old.parent)
    assert shown.code == 0
    assert "An earlier version of tuningfork ran 6 trials of linear" in " ".join(shown.out.split())


def test_a_run_asks_nothing_and_trains_again(old: Path) -> None:
    before = verdict_of(old)
    with Ledger(old, writable=False) as ledger:
        kept = {result.plan: result for result in ledger.trials().values()}
        responses = ledger._rows("SELECT * FROM responses ORDER BY key")
        assert all(result.question is None is result.draw for result in kept.values())
    record = study_in(old).run().record
    assert record.cost.llm_requests == before["cost"]["llm_requests"] == 80
    assert [(arm.arm, arm.status, arm.n_eval) for arm in record.arms] == [
        (arm["arm"], arm["status"], arm["n_eval"]) for arm in before["arms"]
    ]
    llm, was = record.arms[-1], before["arms"][-1]
    assert llm.side == was["side"] == "llm" and llm.accuracy == was["accuracy"]
    assert version(old) == SCHEMA_VERSION
    assert is_sound(old)
    with Ledger(old, writable=False) as ledger:
        assert ledger._rows("SELECT * FROM responses ORDER BY key") == responses
        found = {result.plan: result for result in ledger.trials().values()}
    assert found.keys() == kept.keys()
    for plan, result in found.items():
        assert None not in (result.question, result.label_space, result.draw)
        assert result.evaluation is not None
        if plan.arm.startswith("prompt:"):  # the recipe of the trained arm has changed since
            np.testing.assert_array_equal(result.evaluation.labels, kept[plan].evaluation.labels)
    assert study_in(old).plan().trials == ()
    assert report_again(old).record.arms == record.arms


def test_it_keeps_its_split_where_a_new_study_would_have_another(old: Path) -> None:
    def new() -> Study:
        return Study(study_in(old).task, ["linear"], out=old.parent / "new", label_counts=(8,), seeds=1)

    there, fresh = study_in(old), new()
    assert len(there.data.validation) == 200
    assert len(fresh.data.validation) == 236
    there.run()
    assert len(study_in(old).data.validation) == 200
    fresh.run()
    assert len(new().data.validation) == 236
    assert report_again(old.parent / "new").record.arms


def test_another_file_of_rows_is_refused_as_ever(old: Path) -> None:
    rows = old / "rows.csv"
    rows.write_text(rows.read_text().replace('case 7"', 'case 7 of many"'))
    before = digest(old)
    for step in (study_in(old).plan, study_in(old).run, lambda: report_again(old)):
        with pytest.raises(InputError, match=r"other rows|have changed"):
            step()
    assert digest(old) == before


def all_rows(folder: Path) -> dict[str, list[object]]:
    """What every table holds, by name."""
    with closing(sqlite3.connect(folder / LEDGER_FILE)) as plain:
        tables = [name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: plain.execute(f"SELECT * FROM {name}").fetchall() for name in tables}


@pytest.mark.parametrize("step", range(len(UPGRADES[1]) + 1))
def test_a_process_that_dies_on_the_way_leaves_version_1(old: Path, step: int) -> None:
    """Killed before each statement of the upgrade, and before its last."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from tuningfork.study import ledger_schema\n"
        "def until(step):\n"
        "    yield from statements[:step]\n"
        "    os.kill(os.getpid(), 9)\n"
        "statements = ledger_schema.UPGRADES[1]\n"
        "ledger_schema.UPGRADES[1] = until(int(sys.argv[2]))\n"
        "from tuningfork.study.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1]))\n"
    )
    before = all_rows(old)
    killed = subprocess.run([sys.executable, "-c", script, str(old), str(step)], check=False)
    assert killed.returncode == -9
    assert version(old) == 1
    assert all_rows(old) == before
    Ledger(old).close()
    assert version(old) == SCHEMA_VERSION
    assert is_sound(old)


def test_an_upgraded_ledger_holds_what_the_old_one_held(old: Path) -> None:
    before = all_rows(old)
    Ledger(old).close()
    after = all_rows(old)
    for name in ("facts", "responses", "spending", "sessions"):
        assert after[name] == before[name]
    assert [row[:9] for row in after["trials"]] == before["trials"]
    assert after["looks"] == []
    with_matrix = {(row[0], row[1]): row[4] for row in before["predictions"] if row[4] is not None}
    assert {(row[0], row[1]): row[2] for row in after["probabilities"]} == with_matrix
    assert len(with_matrix) == 6


def test_probabilities_are_the_same_before_and_after(old: Path) -> None:
    def read() -> dict[str, np.ndarray | None]:
        with Ledger(old, writable=False) as ledger:
            trials = ledger.trials()
        return {key: result.evaluation and result.evaluation.probabilities for key, result in trials.items()}

    before = read()
    Ledger(old).close()
    for key, matrix in read().items():
        if matrix is None:
            assert before[key] is None
        else:
            np.testing.assert_array_equal(matrix, before[key])
