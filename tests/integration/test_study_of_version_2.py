"""Folders of version 2 and of version 3 hold what they held: read as they are, brought up to date, and gone on with.

`tests/golden/ledger_v2` was left by the last code that wrote that version, `ledger_v3` by the first of the next, each
with what that code read back (`records.json`). The servers they name are long gone, so that any request would fail. A
later change of what arms hang on (their recipes, what a question says) makes trials of these folders run again, and
rightly: then the test that none does asks for folders made anew, or for a list of what changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kept_records import told
from study_runs import is_sound, own_cache, verdict_of
from tuningfork.api import Study, Task, report_again
from tuningfork.study.ledger import LEDGER_FILE, SCHEMA_VERSION, Ledger
from tuningfork.study.ledger_schema import UPGRADES

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
CONTRACT = ("trial", "role", "n", "kind", "answers", "probabilities", "confidence", "row_seconds")
VERSIONS = pytest.mark.parametrize("old", [2, 3], indirect=True)


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the folder of a version, 2 unless said otherwise, in which the test stands."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    copy = tmp_path / "old"
    ignored = shutil.ignore_patterns("make.py", "__pycache__")
    shutil.copytree(GOLDEN / f"ledger_v{getattr(request, 'param', 2)}", copy, ignore=ignored)
    monkeypatch.chdir(copy)
    return copy


def study_in(folder: Path, **changes: object) -> Study:
    """The same study again, as its own task.yaml asks."""
    task, settings = Task.and_settings_from_yaml(folder / "task.yaml")
    return Study(task, settings.pop("arms"), out=folder, **{**settings, **changes})


def records_in(folder: Path) -> object:
    with Ledger(folder, writable=False) as ledger:
        return json.loads(json.dumps(told(ledger)))


def written_down(folder: Path) -> object:
    """What the code that made the folder read."""
    return json.loads((folder / "records.json").read_text(encoding="utf-8"))


def version(folder: Path) -> int:
    with closing(sqlite3.connect(folder / LEDGER_FILE)) as plain:
        (found,) = plain.execute("PRAGMA user_version").fetchone()
    return int(found)


def rows_of(folder: Path, *tables: str) -> dict[str, list[object]]:
    with closing(sqlite3.connect(folder / LEDGER_FILE)) as plain:
        return {name: plain.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}


@VERSIONS
def test_what_it_holds_is_read_as_by_the_code_that_wrote_it_and_no_byte_changes(old: Path) -> None:
    before, was = hashlib.sha256((old / LEDGER_FILE).read_bytes()).hexdigest(), version(old)
    assert records_in(old) == written_down(old)
    assert study_in(old).plan().trials == ()
    again = report_again(old).record
    assert hashlib.sha256((old / LEDGER_FILE).read_bytes()).hexdigest() == before
    assert version(old) == was
    exact = ("arm", "status", "n_labels", "n_eval", "seeds", "accuracy", "macro_f1", "ece", "seconds_train")
    for now, then in zip(again.arms, verdict_of(old)["arms"], strict=True):
        assert [getattr(now, name) for name in exact] == [then[name] for name in exact]


@VERSIONS
def test_opened_for_writing_it_is_of_this_version_as_large_and_holds_the_same(old: Path) -> None:
    size = (old / LEDGER_FILE).stat().st_size
    untouched = ("facts", "responses", "spending", "sessions", "looks")
    before = rows_of(old, *untouched)
    Ledger(old).close()
    assert version(old) == SCHEMA_VERSION
    assert is_sound(old)
    assert (old / LEDGER_FILE).stat().st_size <= 1.02 * size
    assert rows_of(old, *untouched) == before
    assert records_in(old) == written_down(old)


@VERSIONS
def test_a_run_asks_and_trains_nothing_again(old: Path) -> None:
    before = rows_of(old, "trials", "responses")
    record = study_in(old).run().record
    assert record.cost.llm_requests == verdict_of(old)["cost"]["llm_requests"]
    after = rows_of(old, "trials", "responses")
    width = len(before["trials"][0])
    assert [row[:width] for row in after["trials"]] == before["trials"], "not even the time at which they ended"
    assert after["responses"] == before["responses"]
    assert records_in(old) == written_down(old)


@VERSIONS
def test_the_study_goes_on(old: Path) -> None:
    """Another label count brings trials of the arm that learns, and of no other."""
    further = study_in(old, label_counts=(8, 32, 48))
    assert {(trial.plan.arm, trial.plan.n_labels) for trial in further.plan().trials} == {("linear", 48)}
    further.run()
    then, now = written_down(old), records_in(old)
    assert {key: now[key] for key in then} == then
    assert [now[key]["plan"]["n_labels"] for key in now.keys() - then.keys()] == [48, 48]
    assert study_in(old, label_counts=(8, 32, 48)).plan().trials == ()


@pytest.mark.parametrize("step", range(len(UPGRADES[2]) + 1))
def test_a_process_that_dies_on_the_way_leaves_version_2(old: Path, step: int) -> None:
    """Killed before each statement of the upgrade, and before its last."""
    script = (
        "import os, sys; from pathlib import Path\n"
        "from tuningfork.study import ledger_schema\n"
        "def until(step):\n"
        "    yield from statements[:step]\n"
        "    os.kill(os.getpid(), 9)\n"
        "statements = ledger_schema.UPGRADES[2]\n"
        "ledger_schema.UPGRADES[2] = until(int(sys.argv[2]))\n"
        "from tuningfork.study.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1]))\n"
    )
    tables = ("facts", "trials", "predictions", "probabilities", "responses", "spending", "sessions", "looks")
    before = rows_of(old, *tables)
    killed = subprocess.run([sys.executable, "-c", script, str(old), str(step)], check=False)
    assert killed.returncode == -9
    assert version(old) == 2
    assert rows_of(old, *tables) == before
    Ledger(old).close()
    assert version(old) == SCHEMA_VERSION
    assert records_in(old) == written_down(old)


def test_what_was_brought_up_to_date_has_the_tables_of_a_new_ledger(old: Path, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "ledger_v1", tmp_path / "oldest")
    folders = [old, tmp_path / "oldest", tmp_path / "new"]
    for folder in folders:
        Ledger(folder).close()

    def columns(folder: Path) -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(folder / LEDGER_FILE)) as plain:
            names = [
                name for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            ]
            return {name: plain.execute(f"PRAGMA table_info({name})").fetchall() for name in names}

    migrated, oldest, new = (columns(folder) for folder in folders)
    assert migrated == oldest == new


@VERSIONS
def test_a_prediction_is_one_row_for_whoever_reads_it_by_sql(old: Path) -> None:
    Ledger(old).close()
    with closing(sqlite3.connect(old / LEDGER_FILE)) as plain:
        found = plain.execute(
            f"SELECT t.key, {', '.join(f'p.{name}' for name in CONTRACT[1:])} "
            "FROM predictions AS p JOIN trials AS t ON t.id = p.trial"
        ).fetchall()
    kept = written_down(old)
    assert len(found) == sum(len(trial["predictions"]) for trial in kept.values())
    for key, role, n, kind, _answers, probabilities, confidence, row_seconds in found:
        then = kept[key]["predictions"][role]
        assert (n, kind, confidence) == (len(then["labels"]), "category", None)
        matrix = then["probabilities"]
        assert (probabilities and hashlib.sha256(probabilities).hexdigest()) == (matrix and matrix[1])
        assert (row_seconds is None) == (then["row_seconds"] is None)
