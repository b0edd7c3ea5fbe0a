"""Disks that are full or read-only, ledgers that are held, foreign or broken, memory that is too small: a clear error,
and when the cause is gone the study goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_servers import ScriptedServer, planted
from study_runs import (
    COMMAND,
    Ended,
    Rows,
    as_key,
    films,
    is_sound,
    journalled,
    own_cache,
    start,
    typed,
    verdict_of,
    without_timings,
)
from tuningfork.api import Study, Task, report_again
from tuningfork.arms.results import TrialResult
from tuningfork.errors import CannotWrite, InputError, LedgerError
from tuningfork.models.store import ModelStore
from tuningfork.study.events import Silent

TRIALS = ("--label-counts", "8", "--seeds", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("disk")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder, pool=60, evaluation=50)


@pytest.fixture(scope="module")
def cache(folder: Path) -> str:
    return str(own_cache(folder))


@pytest.fixture(scope="module")
def server(rows: Rows) -> Iterator[ScriptedServer]:
    with ScriptedServer(planted(rows.evaluation, 0.9)) as running:
        yield running


def arguments(rows: Rows, server: ScriptedServer) -> tuple[str, ...]:
    return ("run", *rows.arguments, "--arm=linear", f"--arm=prompt:planted@{server.url}", *TRIALS)


@pytest.fixture(scope="module")
def finished(rows: Rows, server: ScriptedServer, folder: Path, cache: str) -> Path:
    """The folder of a study that nothing has disturbed."""
    ended = typed(*arguments(rows, server), "--yes", "--out", "finished", cwd=folder, TUNINGFORK_CACHE=cache)
    assert ended.code == 0, ended.err
    return folder / "finished"


def study(rows: Rows, server: ScriptedServer, out: Path) -> Study:
    """The same as the command line's."""
    task, arms = Task.from_csv(rows.pool, test=rows.test), ("linear", f"prompt:planted@{server.url}")
    return Study(task, arms, out=out, label_counts=(8,), seeds=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of one megabyte, which only the system's administrator can make."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only the administrator can mount a small disk; the test of a limited file size takes its place")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def again(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def is_clear(ended: Ended, *words: str) -> bool:
    """One message, no traceback, with these words in it."""
    told = " ".join(ended.err.split())
    return "Traceback" not in told and all(word in told for word in words)


# Disk full ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kilobytes", [12, 120, 200, 280, 400])
def test_a_disk_that_fills_up_stops_the_study_and_costs_it_nothing(
    rows: Rows,
    server: ScriptedServer,
    cache: str,
    small_disk: Path,
    kilobytes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Full from the start, in the middle of the answers, or when report and verdict are written."""
    monkeypatch.setenv("TUNINGFORK_CACHE", cache)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1024 * (1024 - kilobytes)))
    with pytest.raises((LedgerError, CannotWrite), match=r"(full|No space left).*then run the same command again"):
        study(rows, server, small_disk / "study").run()
    before = Counter(as_key(asked.body) for asked in server.requests)
    ballast.unlink()
    again(small_disk, "size=64m")
    kept = journalled(small_disk / "study")
    verdict = study(rows, server, small_disk / "study").run()
    after = Counter(as_key(asked.body) for asked in server.requests)
    assert all(after[body] == before[body] for body in kept), "an answer that was kept was asked for again"
    assert is_sound(small_disk / "study")
    assert not list((small_disk / "study").rglob("*.part"))
    assert {arm.status for arm in verdict.record.arms} == {"done"}
    assert verdict.report.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_a_file_that_may_not_grow_stops_the_study_and_costs_it_nothing(
    rows: Rows, server: ScriptedServer, folder: Path, cache: str, finished: Path
) -> None:
    command = (*arguments(rows, server), "--yes", "--out", "limited")
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -f 150; exec "$@"', "limited", COMMAND, *command],
        cwd=folder,
        env={**os.environ, "TUNINGFORK_CACHE": cache},
        capture_output=True,
        text=True,
        check=False,
    )
    ended = Ended(limited.returncode, limited.stdout, limited.stderr, 0.0)
    assert ended.code == 1
    assert is_clear(ended, "ledger.sqlite", "run the same command again")
    kept = journalled(folder / "limited")
    before = Counter(as_key(asked.body) for asked in server.requests)
    assert kept
    freed = typed(*command, cwd=folder, TUNINGFORK_CACHE=cache)
    assert freed.code == 0, freed.err
    after = Counter(as_key(asked.body) for asked in server.requests)
    assert all(after[body] == before[body] for body in kept)
    verdicts = [without_timings(verdict_of(folder_of)) for folder_of in (folder / "limited", finished)]
    for verdict in verdicts:
        verdict["cost"] = None
    assert verdicts[0] == verdicts[1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_an_output_that_takes_nothing_is_an_error_and_no_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([COMMAND, "models", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == "tuningfork: the output cannot be used: No space left on device\n"


# Read-only ------------------------------------------------------------------------------------------------------


@pytest.fixture
def read_only(finished: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder that holds a finished study, 'study', and takes nothing more, from the administrator either."""
    place = tmp_path / "read-only"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], capture_output=True, check=False)
    shutil.copytree(finished, place / "study")
    if mounted.returncode == 0:
        again(place, "ro")
        yield place
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        return
    folders = [place, *(below for below in place.rglob("*") if below.is_dir())]
    for below in folders:
        below.chmod(0o555)
    for file in (place / "study").glob("*.*"):
        file.chmod(0o444)
    yield place
    for below in folders:
        below.chmod(0o755)


def test_a_read_only_folder_is_told_with_a_remedy(
    rows: Rows, server: ScriptedServer, cache: str, read_only: Path
) -> None:
    environment = {"cwd": read_only, "TUNINGFORK_CACHE": cache}
    fresh = typed(*arguments(rows, server), "--yes", "--out", "fresh", **environment)  # type: ignore[arg-type]
    assert fresh.code in (1, 2)
    assert is_clear(fresh, "fresh", "--out")
    gone_on = typed(*arguments(rows, server), "--yes", "--out", "study", **environment)  # type: ignore[arg-type]
    assert gone_on.code == 1
    assert is_clear(gone_on, "study", "--out")
    report = typed("report", "study", **environment)  # type: ignore[arg-type]
    assert report.code == 1
    assert is_clear(report, "study", "writ")


# The ledger -----------------------------------------------------------------------------------------------------


def test_ledgers_that_cannot_be_used_are_told_and_left_as_they_are(
    rows: Rows, server: ScriptedServer, cache: str, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", cache)
    asked = len(server.requests)
    content = (finished / "ledger.sqlite").read_bytes()
    broken = {
        "truncated": (content[: len(content) // 2], "damaged"),
        "foreign": (b"PK\x03\x04 this is a zip of something else" * 200, "no ledger"),
        "newer": (None, "newer tuningfork"),
    }
    for name, (left, word) in broken.items():
        ledger = tmp_path / name / "ledger.sqlite"
        shutil.copytree(finished, tmp_path / name)
        if left is None:
            with sqlite3.connect(ledger) as newer:
                newer.execute("PRAGMA user_version = 99")
            newer.close()
        else:
            ledger.write_bytes(left)
        before = ledger.read_bytes()
        for use in (study(rows, server, tmp_path / name).run, lambda name=name: report_again(tmp_path / name)):
            with pytest.raises(LedgerError, match=rf"ledger\.sqlite.*{word}.*--out"):
                use()
        assert ledger.read_bytes() == before
    assert len(server.requests) == asked


# Two runs -------------------------------------------------------------------------------------------------------


def test_of_runs_that_begin_together_one_works_and_the_others_are_refused(rows: Rows, folder: Path, cache: str) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.9), seconds=0.1) as server:
        command = (*arguments(rows, server), "--yes", "--out", "together")
        runs = [start(*command, cwd=folder, TUNINGFORK_CACHE=cache) for _ in range(3)]
        ended = [(run.communicate(timeout=120)[1], run.returncode) for run in runs]
        bodies = [as_key(asked.body) for asked in server.requests]
    assert sorted(code for _, code in ended) == [0, 1, 1]
    for err, code in ended:
        assert "Traceback" not in err
        if code:
            assert "another run is working on this study" in err
    assert len(bodies) == len(set(bodies)), "no request was sent twice"
    assert is_sound(folder / "together")
    assert not verdict_of(folder / "together")["provisional"]


class _PlansAfterEveryTrial(Silent):
    """Looks at the plan from outside whenever a trial has ended."""

    def __init__(self, other: Study) -> None:
        self.other, self.left = other, [len(other.plan().trials)]

    def trial_ended(self, result: TrialResult) -> None:
        self.left.append(len(self.other.plan().trials))


def test_the_plan_is_of_what_is_still_to_run_even_while_it_runs(
    rows: Rows, server: ScriptedServer, cache: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", cache)
    watcher = _PlansAfterEveryTrial(study(rows, server, tmp_path / "planned"))
    fresh = watcher.other.plan()
    study(rows, server, tmp_path / "planned").run(watcher)
    ended = watcher.other.plan()
    assert watcher.left == [2, 1, 0]
    assert (fresh.llm_requests > 0, ended.llm_requests, ended.seconds) == (True, 0, (0, 0))
    assert "goes_on" not in {note.code for note in fresh.notes}
    told = {note.code: note.message for note in ended.notes}
    assert told["goes_on"] == "2 of 2 trials ended in earlier runs; this is the rest."
    with pytest.raises(InputError, match=r"planned: this folder holds a study of other rows.*--out"):
        Study(Task.from_csv(rows.pool), ("linear",), out=tmp_path / "planned").plan()


# Memory ---------------------------------------------------------------------------------------------------------


def test_a_model_too_large_for_the_memory_fails_its_arm_and_no_other(rows: Rows, folder: Path, cache: str) -> None:
    """A file that says it holds a small model, and is four terabytes long, most of it a hole."""
    small, huge = ModelStore().locate("smollm2-135m"), folder / "huge.gguf"
    shutil.copyfile(small, huge)
    os.truncate(huge, 4 << 40)
    command = ("run", *rows.arguments, "--arm=linear", f"--arm=prompt:{huge}", *TRIALS, "--yes", "--out", "memory")
    ended = typed(*command, cwd=folder, TUNINGFORK_CACHE=cache)
    huge.unlink()
    assert ended.code == 1, "a side that was asked for has failed"
    assert is_clear(ended, "MiB of memory", "are available", "a smaller model")
    by_side = {arm["side"]: arm for arm in verdict_of(folder / "memory")["arms"]}
    assert by_side["llm"]["status"] == "failed"
    assert "MiB of memory" in by_side["llm"]["failure"]
    assert by_side["fine-tuned"]["status"] == "done"
