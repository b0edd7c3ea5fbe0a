"""A study that is killed goes on where it was; a finished one has nothing to do; Ctrl-C is quick and polite."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from llm_servers import ScriptedServer, planted
from study_runs import (
    Rows,
    as_key,
    films,
    is_sound,
    journalled,
    own_cache,
    slowdown,
    start,
    typed,
    verdict_of,
    wait_until,
    without_timings,
)

COUNTS = ("--label-counts", "8,32", "--seeds", "3")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("survives")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder)


@pytest.fixture(scope="module")
def cache(folder: Path) -> str:
    return str(own_cache(folder))


def arguments(rows: Rows, server: ScriptedServer, out: str) -> tuple[str, ...]:
    arms = ("linear", "head:wordllama", f"prompt:planted@{server.url}")
    return ("run", *rows.arguments, *(f"--arm={arm}" for arm in arms), *COUNTS, "--yes", "--out", out)


def asked_of(server: ScriptedServer) -> Counter[str]:
    """How often each body came in whole; one that was being sent when its sender was killed is empty."""
    return Counter(as_key(asked.body) for asked in server.requests if asked.body)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and a look that nothing which it had started is left."""
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    _, alive = psutil.wait_procs(family, timeout=5 * slowdown())
    assert not alive


def test_killed_at_several_instants_it_ends_with_the_verdict_of_an_uninterrupted_study(
    rows: Rows, folder: Path, cache: str
) -> None:
    study = folder / "killed"
    with ScriptedServer(planted(rows.evaluation, 0.95), seconds=0.1) as server:
        command = arguments(rows, server, str(study))
        for requests_until_killed in (1, 24, 60, 110):
            process = start(*command, cwd=folder, TUNINGFORK_CACHE=cache)
            wait_until(lambda enough=requests_until_killed: len(server.requests) >= enough)
            kill(process)
            assert is_sound(study)
            kept = journalled(study)
        half = typed("report", str(study), cwd=folder, TUNINGFORK_CACHE=cache)
        assert half.out.startswith("Provisional"), half.err
        before = asked_of(server)
        ended = typed(*command, cwd=folder, TUNINGFORK_CACHE=cache)
        assert ended.code == 0, ended.err
        after = asked_of(server)
        assert all(after[body] == before[body] for body in kept), "an answered request was sent again"
        lost_in_flight = after.total() - len(after)
        assert lost_in_flight <= 4 * 16
        assert set(journalled(study)) == set(after)
        assert len(after) == 60 + 2 * 40 + 20

        whole = typed(*arguments(rows, server, "whole"), cwd=folder, TUNINGFORK_CACHE=cache)
        assert whole.code == 0, whole.err
        asked_by_whole = asked_of(server).total() - after.total()

    resumed, uninterrupted = (without_timings(verdict_of(folder / name)) for name in ("killed", "whole"))
    requests, requests_whole = (verdict["cost"].pop("llm_requests") for verdict in (resumed, uninterrupted))
    assert requests_whole == asked_by_whole == 160
    assert requests_whole + lost_in_flight <= requests <= requests_whole + 4 * 16
    assert resumed == uninterrupted
    assert resumed["recommendation"] == "prompt"
    assert not resumed["provisional"]


def test_a_finished_study_run_again_does_nothing_and_says_so(rows: Rows, folder: Path, cache: str) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95)) as server:
        command = arguments(rows, server, "finished")
        assert typed(*command, cwd=folder, TUNINGFORK_CACHE=cache).code == 0
        study, requests = folder / "finished", len(server.requests)
        before = (study / "verdict.json").read_bytes()
        again = typed(*command, cwd=folder, TUNINGFORK_CACHE=cache)
        assert len(server.requests) == requests
    assert again.code == 0
    assert "nothing is left to run" in again.err.lower()
    assert (study / "verdict.json").read_bytes() == before


def test_two_runs_cannot_work_on_one_study(rows: Rows, folder: Path, cache: str) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95), seconds=0.2) as server:
        command = arguments(rows, server, "shared")
        first = start(*command, cwd=folder, TUNINGFORK_CACHE=cache)
        wait_until(lambda: len(server.requests) >= 1)
        second = typed(*command, cwd=folder, TUNINGFORK_CACHE=cache)
        kill(first)
    assert second.code == 1
    assert "another run" in second.err and "--out" in second.err
    assert "Traceback" not in second.err


def test_ctrl_c_stops_within_two_seconds_and_says_how_to_go_on(rows: Rows, folder: Path, cache: str) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95), seconds=0.2) as server:
        command = arguments(rows, server, "interrupted")
        process = start(*command, cwd=folder, TUNINGFORK_CACHE=cache)
        wait_until(lambda: len(server.requests) >= 30)
        began = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=20)
        seconds = time.monotonic() - began
        assert process.returncode == 130
        assert seconds < 2 * slowdown()
        assert "same command goes on" in err
        assert "Traceback" not in err
        assert out == ""
        kept = journalled(folder / "interrupted")
        before = asked_of(server)
        assert typed(*command, cwd=folder, TUNINGFORK_CACHE=cache).code == 0
        after = asked_of(server)
    assert len(kept) >= 20
    assert all(after[body] == before[body] for body in kept)
    assert verdict_of(folder / "interrupted")["recommendation"] == "prompt"


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_local_llm_server_ends_with_its_study(
    rows: Rows, folder: Path, cache: str, how: signal.Signals, code: int
) -> None:
    """Interrupted or killed while the local model answers."""
    study = folder / how.name
    command = ("run", *rows.arguments, "--arm", "prompt:smollm2-135m", "--yes", "--out", str(study))
    process = start(*command, cwd=folder, one_core=True, TUNINGFORK_CACHE=cache)
    wait_until(lambda: len(journalled(study)) >= 2, seconds=120)
    family = psutil.Process(process.pid).children(recursive=True)
    assert any("server_process" in " ".join(child.cmdline()) for child in family)
    began = time.monotonic()
    os.kill(process.pid, how)
    process.communicate(timeout=20)
    seconds = time.monotonic() - began
    assert seconds < 2 * slowdown()
    assert process.returncode == code
    _, alive = psutil.wait_procs(family, timeout=5 * slowdown())
    assert not alive
    assert is_sound(study)
