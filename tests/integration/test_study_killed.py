"""A study of every kind of arm, killed at random instants until it is through: nothing is lost, repeated or half made,
and the call, the winner, every answer and what the arms cost are those of the study that nobody killed.

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
from tuningfork.arms.results import Prediction
from tuningfork.study.ledger import Ledger
from tuningfork.verdict.files import read_verdict

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3 * 3600)]

KILLS = int(os.environ.get("KILLS", "50"))
SEED = int(os.environ.get("KILLS_SEED", "0"))
MOST_UNDER_WAY = 16
"""Requests of one arm under way at once: the most that one kill can make a study send again."""

POOL, EVALUATION = 60, 120
TRIALS = ("--label-counts", "16", "--seeds", "3")
LONGEST_SHARE = 0.25
"""Of the time that a whole study takes, how long it lives at most before the next kill: several kills a study, in all
of its phases, for what was done before is kept."""

PRICE = ("--price", "planted=1,2")
WINNERS_SHARE, OTHERS_SHARE = 0.95, 0.6
"""Rows that the planted winner and the answers made elsewhere have right: 35 points apart, far beyond chance on 120."""

SECONDS_AN_ANSWER = 0.4
"""The server sleeps that long, so that the time of its rows is its own and not this machine's."""

SERVERS_TOLERANCE = 0.2
LEAST_TO_COMPARE = {"ms_per_row": 20.0, "latency_ms_p50": 20.0, "seconds_train": 2.0}
MOST_TIMES = 3.0
"""What this machine computes takes up to so many times as long, or as short, while other work is on it; a look-up taken
for a computation is further off. Below the least there is nothing to compare."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("killed")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder, pool=POOL, evaluation=EVALUATION)


def all_families(rows: Rows, folder: Path, server: ScriptedServer) -> tuple[str, ...]:
    labels = set(rows.gold.values())
    answers = []
    for place, (text, label) in enumerate(rows.gold.items()):
        (wrong,) = labels - {label}
        answers.append({"text": text, "prediction": label if place % 10 < 10 * OTHERS_SHARE else wrong})
    made_elsewhere = write_csv(folder / "answers.csv", answers)
    return (
        "linear",
        "head:wordllama",
        "head:minilm",
        "finetune:minilm",
        "prompt:smollm2-135m",
        winner(server),
        f"predictions:{made_elsewhere}?side=combined",
    )


def winner(server: ScriptedServer) -> str:
    return f"prompt:planted@{server.url}"


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
        read_verdict(study / "verdict.json")
    if (study / "report.html").is_file():
        assert (study / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")


def comparable(study: Path) -> dict[str, Any]:
    """The verdict but for what a clock measured and what requests cut off by a kill have cost."""
    return without_timings(verdict_of(study)) | {"cost": None}


def answers_kept(study: Path) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Labels and probabilities of every trial's rows, to the last bit."""
    with Ledger(study, writable=False) as ledger:
        return {
            (trial.plan.arm, trial.plan.level, trial.plan.seed, role): _bits(prediction)
            for trial in ledger.trials().values()
            for role, prediction in (("evaluation", trial.evaluation), ("validation", trial.validation))
        }


def _bits(prediction: Prediction | None) -> tuple[Any, ...]:
    if prediction is None:
        return ()
    probabilities = prediction.probabilities
    return (prediction.labels.tolist(), None if probabilities is None else probabilities.tobytes())


def costs(study: Path) -> dict[str, dict[str, float | None]]:
    """What each arm's rows and its making take."""
    names = ("usd_per_1k", "ms_per_row", "latency_ms_p50", "seconds_train")
    return {arm["arm"]: {name: arm[name] for name in names} for arm in verdict_of(study)["arms"]}


def assert_costs_are_like(study: Path, whole: Path, behind_server: str, *, kills: int) -> None:
    """Dollars to the cent; times of the arm behind a sleeping server within 20 %, others' as far as a busy machine
    allows. Each start after a kill asks one row alone before it asks many at once, and rows that were under way are
    asked again: an answer's time a kill, at most, is really waited for once more."""
    found, expected = costs(study), costs(whole)
    waited_again = {"ms_per_row": 1000 * kills * SECONDS_AN_ANSWER / EVALUATION}
    assert found.keys() == expected.keys()
    for arm, here in found.items():
        there = expected[arm]
        assert here["usd_per_1k"] == pytest.approx(there["usd_per_1k"]), arm
        for name, least in LEAST_TO_COMPARE.items():
            a, b = here[name], there[name]
            assert (a is None) == (b is None), (arm, name, a, b)
            if a is None or b is None or (name == "seconds_train" and arm == behind_server):
                continue
            if arm == behind_server:
                most = (1 + SERVERS_TOLERANCE) * b + waited_again.get(name, 0.0)
                assert (1 - SERVERS_TOLERANCE) * b <= a <= most, (arm, name, a, b)
            else:
                a, b = max(a, least), max(b, least)
                assert 1 / MOST_TIMES <= a / b <= MOST_TIMES, (arm, name, a, b)


def spending(study: Path) -> tuple[int, int]:
    """(requests sent, answers kept), the local LLM's among them."""
    with sqlite3.connect(study / "ledger.sqlite") as ledger:
        (sent,) = ledger.execute("SELECT TOTAL(requests) FROM spending").fetchone()
        (kept,) = ledger.execute("SELECT COUNT(*) FROM responses").fetchone()
    return int(sent), int(kept)


def test_killed_at_random_instants_every_study_ends_in_the_same_verdict(rows: Rows, folder: Path) -> None:
    cache, draw = own_cache(folder), random.Random(SEED)
    with ScriptedServer(planted(rows.gold, WINNERS_SHARE), seconds=SECONDS_AN_ANSWER) as server:
        arms = all_families(rows, folder, server)
        command = ("run", *rows.arguments, *(f"--arm={arm}" for arm in arms), *TRIALS, *PRICE, "--yes")
        began = time.monotonic()
        whole = tuningfork(*command, "--out", "whole", cwd=folder, timeout=600, TUNINGFORK_CACHE=str(cache))
        seconds = time.monotonic() - began
        assert whole.code == 0, whole.err
        print(f"not killed: {seconds:.0f} s, {costs(folder / 'whole')}")
        expected, expected_answers = comparable(folder / "whole"), answers_kept(folder / "whole")
        assert {arm["status"] for arm in expected["arms"]} == {"done"}
        assert {arm["n_eval"] for arm in expected["arms"]} == {EVALUATION}
        assert (expected["call"], expected["chosen_arm"]) == ("better", winner(server))
        answers = len(set(map(as_key, (asked.body for asked in server.requests))))

        killed = 0
        for number in itertools.count():
            if killed == KILLS:
                break
            server.requests.clear()
            life = Life(command, folder / f"life-{number}", cache, server)
            before: Counter[str] = Counter()
            while killed + life.kills < KILLS and life.killed_after(draw.uniform(0, seconds * LONGEST_SHARE)):
                answered = life.answered()
                assert all(answered[body] == count for body, count in before.items()), (
                    "an answered request was repeated"
                )
                before = answered
            assert not life.killed_after(1200)
            assert all(life.answered()[body] == count for body, count in before.items())
            killed += life.kills
            print(f"killed {life.kills} times: {life.study.name}, {killed} in all, {costs(life.study)}", flush=True)

            assert answers_kept(life.study) == expected_answers
            assert comparable(life.study) == expected
            assert_costs_are_like(life.study, folder / "whole", winner(server), kills=life.kills)
            assert verdict_of(life.study)["provisional"] is False
            assert_nothing_is_half_made(life.study)
            assert not list(life.study.rglob("*.part"))
            sent, kept = spending(life.study)
            assert len(life.answered()) == answers
            assert sent <= kept + life.kills * MOST_UNDER_WAY
