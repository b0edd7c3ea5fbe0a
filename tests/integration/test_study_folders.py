"""Folders that cannot be gone on with: one clear message each from every command, and nothing in them is touched.

Each test takes a finished study, with rows, names and a server of its own, and does something to its folder.
"""

from __future__ import annotations

import csv
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from llm_servers import ScriptedServer, planted
from study_runs import Ended, own_cache, typed, verdict_of
from tuningfork.api import Study, Task, report_again
from tuningfork.errors import InputError, LedgerError, TuningforkError
from tuningfork.study.ledger import LEDGER_FILE, SCHEMA_VERSION, Ledger

THINGS = {"billing": ("invoice", "refund"), "access": ("login", "password"), "shipping": ("parcel", "courier")}


def invented(seed: int = 0) -> dict[str, str]:
    """Text -> label of 160 rows."""
    draw, found = random.Random(seed), {}
    for number in range(160):
        label = draw.choice(sorted(THINGS))
        found[f"the {draw.choice(THINGS[label])} of order {number} is wrong"] = label
    return found


def write_rows(path: Path, rows: dict[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows.items()])


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(planted(invented(), 0.9), usage={"prompt_tokens": 100, "completion_tokens": 8}) as running:
        yield running


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folders")
    own_cache(folder)
    return folder


@pytest.fixture(scope="module")
def finished(place: Path, server: ScriptedServer) -> Path:
    """The folder of a finished study; its rows are beside it."""
    folder = place / "finished"
    folder.mkdir()
    write_rows(folder / "rows.csv", invented())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNINGFORK_CACHE", str(place / "cache"))
        study(folder, server).run()
    return folder


@pytest.fixture
def copy(finished: Path, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(place / "cache"))
    made = shutil.copytree(finished, tmp_path / "copy")
    asked = made / "study" / "task.yaml"
    asked.write_text(asked.read_text().replace(str(finished), str(made)))
    return made


def study(folder: Path, server: ScriptedServer, *arms: str, **options: object) -> Study:
    task = Task.from_csv(folder / "rows.csv", eval_rows=40)
    chosen = arms or ("linear", f"prompt:m@{server.url}")
    return Study(task, chosen, out=folder / "study", label_counts=(8, 32), seeds=3, **options)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file, but those that SQLite makes beside a file that is read, and the lock."""
    passing = {f"{LEDGER_FILE}-wal", f"{LEDGER_FILE}-shm", ".lock"}
    return {
        str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file() and f.name not in passing
    }


def steps(folder: Path, server: ScriptedServer) -> dict[str, Callable[[], object]]:
    again = study(folder, server)
    return {"plan": again.plan, "run": again.run, "report": lambda: report_again(folder / "study")}


def test_a_folder_of_a_newer_version_is_refused_and_left_as_it_is(copy: Path, server: ScriptedServer) -> None:
    with closing(sqlite3.connect(copy / "study" / LEDGER_FILE)) as plain:
        plain.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = contents(copy)
    for step in steps(copy, server).values():
        with pytest.raises(
            LedgerError, match=rf"newer tuningfork \(schema {SCHEMA_VERSION + 1}.*Upgrade, or give another"
        ):
            step()
    assert contents(copy) == before


@pytest.mark.parametrize("kept", [0.01, 0.1, 0.35, 0.7, 0.95, 0.999])
def test_a_ledger_that_is_cut_in_the_middle_is_told_by_every_command(
    copy: Path, server: ScriptedServer, kept: float
) -> None:
    ledger = copy / "study" / LEDGER_FILE
    content = ledger.read_bytes()
    ledger.write_bytes(content[: max(1, int(len(content) * kept))])
    before, asked = contents(copy), len(server.requests)
    for name, step in steps(copy, server).items():
        with pytest.raises(LedgerError, match=r"ledger\.sqlite: .*(put a copy back|give another --out)") as caught:
            step()
        assert str(caught.value).count("ledger.sqlite") == 1, name
    assert contents(copy) == before
    assert len(server.requests) == asked
    ledger.write_bytes(content)
    assert study(copy, server).plan().trials == ()


@pytest.mark.parametrize("table", ["facts", "trials", "answers", "probabilities", "responses", "looks"])
def test_a_page_that_holds_something_else_is_told_when_it_is_needed(
    copy: Path, server: ScriptedServer, table: str
) -> None:
    """Whatever a step needs of the ledger it reads, or says that it cannot; what it does not need may be broken."""
    ledger = copy / "study" / LEDGER_FILE
    with closing(sqlite3.connect(ledger)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = plain.execute("PRAGMA page_size").fetchone()
    with ledger.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    told = 0
    for step in steps(copy, server).values():
        try:
            step()
        except LedgerError as error:
            assert "put a copy back" in str(error)
            told += 1
    assert told >= (0 if table == "responses" else 1)


CHANGES: dict[str, Callable[[Path], None]] = {
    "other rows": lambda rows: write_rows(rows, invented(seed=1)),
    "one label": lambda rows: rows.write_text(rows.read_text().replace("order 5 is wrong,", "order 5 is wrong,x", 1)),
    "a row more": lambda rows: rows.write_text(rows.read_text() + "something else,billing\n"),
    "no file": lambda rows: rows.unlink(),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_rows_that_changed_are_refused_until_they_are_back(copy: Path, server: ScriptedServer, change: str) -> None:
    rows = copy / "rows.csv"
    content = rows.read_bytes()
    CHANGES[change](rows)
    before = contents(copy / "study")
    for step in steps(copy, server).values():
        with pytest.raises(InputError, match=r"other rows|have changed since the study|no such file"):
            step()
    assert contents(copy / "study") == before
    rows.write_bytes(content)
    assert study(copy, server).plan().trials == ()


def told_once(ended: Ended, *words: str) -> bool:
    """One line of error with these words, no traceback."""
    lines = [line for line in ended.err.splitlines() if line.startswith("tuningfork: ")]
    return len(lines) == 1 and "Traceback" not in ended.err and all(word in lines[0] for word in words)


def test_the_command_line_says_so_in_one_line_and_by_its_exit_code(copy: Path, place: Path) -> None:
    cache = str(place / "cache")
    (copy / "study" / "ledger.sqlite").write_bytes((copy / "study" / "ledger.sqlite").read_bytes()[:9000])
    run = ("run", str(copy / "study" / "task.yaml"), "--out", str(copy / "study"), "--yes")
    for command in (run, ("report", str(copy / "study"))):
        ended = typed(*command, cwd=copy, TUNINGFORK_CACHE=cache)
        assert ended.code == 1
        assert told_once(ended, "ledger.sqlite", "put a copy back")


# Budgets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"budget_minutes": 0.0001}, r"no trial fits into the 0\.0001 minutes .*Give --budget-minutes 0\.1 or more"),
        (
            {"budget_usd": 0.0, "prices": ("m=100,200",)},
            r"no trial fits into the \$0 .*single request costs about \$0\.01",
        ),
    ],
)
def test_a_budget_for_no_trial_is_refused_before_anything_is_written(
    copy: Path, server: ScriptedServer, options: dict[str, object], told: str
) -> None:
    shutil.rmtree(copy / "study")
    arm, asked = f"prompt:m@{server.url}", len(server.requests)
    tight = study(copy, server, arm, **options)
    assert "no_trial" in {note.code for note in tight.plan().notes}
    with pytest.raises(InputError, match=told):
        tight.run()
    assert not (copy / "study").exists()
    assert len(server.requests) == asked
    record = study(copy, server, arm).run().record
    assert [row.status for row in record.arms] == ["done"]


def test_a_budget_that_is_used_up_leaves_a_finished_study_as_it_is(copy: Path, server: ScriptedServer) -> None:
    before = verdict_of(copy / "study")["arms"]
    record = study(copy, server, budget_minutes=0.0001).run().record
    assert [row.model_dump(mode="json") for row in record.arms] == before


def test_a_priced_arm_that_may_not_ask_leaves_the_others_their_study(copy: Path, server: ScriptedServer) -> None:
    shutil.rmtree(copy / "study")
    asked = len(server.requests)
    record = study(copy, server, budget_usd=0.0, prices=("m=100,200",)).run().record
    assert [(row.side, row.status) for row in record.arms] == [("fine-tuned", "done"), ("llm", "stopped")]
    assert len(server.requests) == asked
    more = study(copy, server, budget_usd=20.0, prices=("m=100,200",)).run().record
    assert [(row.side, row.status) for row in more.arms] == [("fine-tuned", "done"), ("llm", "done")]


def test_what_stands_in_the_way_is_an_error_of_ours(copy: Path, server: ScriptedServer) -> None:
    """A run that holds the folder, or a folder without a study, and nothing else raised."""
    with Ledger(copy / "study"), pytest.raises(TuningforkError, match="another run is working on this study"):
        study(copy, server).run()
    (copy / "study" / LEDGER_FILE).unlink()
    with pytest.raises(InputError, match="no study here"):
        report_again(copy / "study")


@pytest.mark.parametrize("dollars", [0.7, 1.56])
def test_answers_of_an_unknown_question_are_paid_for_already(
    copy: Path, server: ScriptedServer, dollars: float
) -> None:
    """What a study of version 1 spent its dollars on is in the journal, so that a budget which is nearly used up cuts
    nothing off. Here the ledger forgets what its trials hung on, as that version's never knew."""
    shutil.rmtree(copy / "study")
    arm, options = f"prompt:m@{server.url}", {"budget_usd": dollars, "prices": ("m=100,200",)}
    for arms in (("linear", arm), (arm,)):
        first = study(copy, server, *arms, **options).run().record
        with closing(sqlite3.connect(copy / "study" / LEDGER_FILE)) as plain, plain:
            plain.execute("UPDATE trials SET question = NULL, label_space = NULL, draw = NULL, key = 'old ' || key")
            plain.execute("DELETE FROM facts WHERE topic IN ('allotment', 'closed', 'given_up')")
        asked = len(server.requests)
        again = study(copy, server, *arms, **options).run().record
        assert len(server.requests) == asked
        (before,), (now,) = ([row for row in record.arms if row.side == "llm"] for record in (first, again))
        assert before.n_eval == now.n_eval == 40
        assert (now.status, now.accuracy) == ("done", before.accuracy)
