"""A study of every kind of arm, killed at random instants until it is through: nothing is lost, repeated or half made.

`make faults` kills it 50 times; `KILLS=5 make faults` fewer times. `KILLS_SEED` draws other instants.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

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
    start,
    tuningfork,
    verdict_of,
    without_timings,
    write_csv,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3 * 3600)]

KILLS = int(os.environ.get("KILLS", "50"))
SEED = int(os.environ.get("KILLS_SEED", "0"))
MOST_UNDER_WAY = 16
"""Requests of one arm under way at once: the most that one kill can make a study send again."""

LOCAL_LLM = "prompt:smollm2-135m"
TRIALS = ("--label-counts", "8,16", "--seeds", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder, pool=40, evaluation=30)


def all_families(rows: Rows, folder: Path, server: ScriptedServer) -> tuple[str, ...]:
    answers = [{"text": text, "prediction": label} for text, label in rows.gold.items()]
    made_elsewhere = write_csv(folder / "answers.csv", answers)
    return (
        "linear",
        "head:wordllama",
        "head:minilm",
        "finetune:minilm",
        LOCAL_LLM,
        f"prompt:planted@{server.url}",
        f"predictions:{made_elsewhere}?side=combined",
    )


class Life:
    """One study from its first run to its end, however often it is killed in between."""

    def __init__(self, command: tuple[str, ...], study: Path, cache: Path, server: ScriptedServer) -> None:
        self._command = (*command, "--out", str(study))
        self.study, self._cache, self._server, self.kills = study, cache, server, 0

    def killed_after(self, seconds: float) -> bool:
        """Start, or go on; kill it after so many seconds. False: it ended before."""
        process = start(*self._command, cwd=self.study.parent, TUNINGFORK_CACHE=str(self._cache))
        try:
            _, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._kill(process)
            return True
        assert process.returncode == 0, err
        return False

    def _kill(self, process: subprocess.Popen[str]) -> None:
        family = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        self.kills += 1
        _, orphans = psutil.wait_procs(family, timeout=10)
        assert not orphans
        assert_nothing_is_half_made(self.study)

    def answered(self) -> Counter[str]:
        """How often the server was asked for what the ledger has an answer to."""
        kept = set(journalled(self.study))
        return Counter(body for body in map(as_key, (asked.body for asked in self._server.requests)) if body in kept)


def assert_nothing_is_half_made(study: Path) -> None:
    """Whatever is there under its own name is whole."""
    if (study / "ledger.sqlite").is_file():
        assert is_sound(study)
    if (study / "verdict.json").is_file():
        assert verdict_of(study)["schema_version"] == 1
    if (study / "report.html").is_file():
        assert (study / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def comparable(study: Path) -> dict[str, Any]:
    """The verdict but for what a clock measured, what requests cut off by a kill have cost, and the local LLM's own
    figures: started again, it computes prompts in other pieces than with the prefixes that it had kept, its
    probabilities differ in the third decimal, and an answer that hung in the balance may be another one."""
    verdict = without_timings(verdict_of(study))
    verdict["cost"] = None
    for part in ("arms", "curve"):
        verdict[part] = [entry for entry in verdict[part] if entry["arm"] != LOCAL_LLM]
    verdict["warnings"] = [warning for warning in verdict["warnings"] if "smollm2" not in warning["message"]]
    return verdict


def local_pairs(verdict: dict[str, Any]) -> list[dict[str, Any]]:
    """Comparisons with the local LLM."""
    return [pair for pair in verdict["pairs"] if LOCAL_LLM in (pair["a"], pair["b"])]


def without_local_pairs(verdict: dict[str, Any]) -> dict[str, Any]:
    """For where an answer of the local LLM is another one: its pairs have moved then, and with them Holm's correction,
    which is over all pairs."""
    pairs = [pair for pair in verdict["pairs"] if LOCAL_LLM not in (pair["a"], pair["b"])]
    return verdict | {"pairs": [{key: value for key, value in pair.items() if key != "p_holm"} for pair in pairs]}


def local_llm(study: Path) -> dict[str, Any]:
    """What the local LLM's row has that no rounding can change, and its score give or take three of thirty answers."""
    (row,) = [arm for arm in verdict_of(study)["arms"] if arm["arm"] == LOCAL_LLM]
    same = {key: row[key] for key in ("side", "model", "status", "n_labels", "n_eval", "seeds")}
    return same | {"score": pytest.approx(row["score"], abs=0.1 + 1e-9)}


def spending(study: Path) -> tuple[int, int]:
    """(requests sent, answers kept), the local LLM's among them."""
    with sqlite3.connect(study / "ledger.sqlite") as ledger:
        (sent,) = ledger.execute("SELECT TOTAL(requests) FROM spending").fetchone()
        (kept,) = ledger.execute("SELECT COUNT(*) FROM responses").fetchone()
    return int(sent), int(kept)


def test_killed_at_random_instants_every_study_ends_in_the_same_verdict(rows: Rows, folder: Path) -> None:
    cache, draw = own_cache(folder), random.Random(SEED)
    with ScriptedServer(planted(rows.gold, 0.9), seconds=0.03) as server:
        arms = all_families(rows, folder, server)
        command = ("run", *rows.arguments, *(f"--arm={arm}" for arm in arms), *TRIALS, "--yes")
        began = time.monotonic()
        whole = tuningfork(*command, "--out", "whole", cwd=folder, timeout=600, TUNINGFORK_CACHE=str(cache))
        seconds = time.monotonic() - began
        assert whole.code == 0, whole.err
        expected = comparable(folder / "whole")
        assert {arm["status"] for arm in expected["arms"]} == {"done"}
        expected_local = local_llm(folder / "whole")
        answers = len(set(map(as_key, (asked.body for asked in server.requests))))

        killed = 0
        for number in itertools.count():
            if killed == KILLS:
                break
            server.requests.clear()
            life = Life(command, folder / f"life-{number}", cache, server)
            before: Counter[str] = Counter()
            while killed + life.kills < KILLS and life.killed_after(draw.uniform(0, seconds)):
                answered = life.answered()
                assert all(answered[body] == count for body, count in before.items()), (
                    "an answered request was repeated"
                )
                before = answered
            assert not life.killed_after(1200)
            assert all(life.answered()[body] == count for body, count in before.items())
            print(f"killed {life.kills} times: {life.study.name}")
            killed += life.kills

            found = comparable(life.study)
            if local_pairs(found) == local_pairs(expected):
                assert found == expected
            else:
                assert without_local_pairs(found) == without_local_pairs(expected)
            assert verdict_of(life.study)["provisional"] is False
            (ended,) = [arm for arm in verdict_of(life.study)["arms"] if arm["arm"] == LOCAL_LLM]
            assert {key: ended[key] for key in expected_local} == expected_local
            assert_nothing_is_half_made(life.study)
            assert not list(life.study.rglob("*.part"))
            sent, kept = spending(life.study)
            assert len(life.answered()) == answers
            assert sent <= kept + life.kills * MOST_UNDER_WAY
