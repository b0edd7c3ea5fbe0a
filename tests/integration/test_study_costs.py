"""What a prediction takes is the same however often the study was stopped, and what is left of a budget is used."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load, save

from llm_servers import Answered, Asked, Rule, ScriptedServer, planted
from study_runs import Rows, films, own_cache, read_csv, slowdown, start, tuningfork, verdict_of, wait_until
from tuningfork.api import Study, Task
from tuningfork.arms.results import Prediction
from tuningfork.models.store import ModelStore
from tuningfork.study.budget import LedgerJournal, LedgerMeter
from tuningfork.study.ledger import Ledger
from tuningfork.study.workbench import Workbench

CLOSE = 0.2
"""Share by which the cost of a resumed study may differ."""


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"), pool=200, evaluation=120)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = own_cache(tmp_path)
    monkeypatch.setenv("TUNINGFORK_CACHE", str(folder))
    return folder


def works_on(most: int, seconds: float, *, slow: tuple[int, float] = (0, 0.0)) -> Rule:
    """A server that works on so many requests at once; the first ones may take longer."""
    working = threading.Semaphore(most)

    def rule(asked: Asked) -> Answered | None:
        with working:
            time.sleep(slow[1] if asked.number < slow[0] else seconds)
        return None

    return rule


def arm_of(study: Path, side: str) -> dict[str, Any]:
    (found,) = [arm for arm in verdict_of(study)["arms"] if arm["side"] == side]
    return dict(found)


def study(rows: Rows, out: Path, *arms: str, **options: object) -> Study:
    task = Task.from_csv(rows.pool, test=rows.test)
    return Study(task, arms, out=out, **{"label_counts": (8, 32), "seeds": 2} | options)


# what an answer costs after a stop ----------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 8])
def test_an_llm_that_was_killed_and_resumed_costs_what_it_costs(
    shared_data: Path, tmp_path: Path, at_once: int
) -> None:
    """A server that answers one at a time, and one that answers all that come, eight at once or more."""
    one_by_one = at_once == 1
    evaluation = 100 if one_by_one else 240
    rows = films(shared_data, tmp_path, evaluation=evaluation)
    server = ScriptedServer(planted(rows.evaluation, 0.9), works_on(1, 0.06) if one_by_one else works_on(99, 0.5))
    with server:
        arms = ("--arm=linear", f"--arm=prompt:m@{server.url}")
        command = ("run", *rows.arguments, *arms, "--label-counts=8", "--seeds=1", "--yes", "--out")
        assert tuningfork(*command, "whole", cwd=tmp_path).code == 0
        asked = len(server.requests)
        process = start(*command, "killed", cwd=tmp_path)
        wait_until(lambda: len(server.requests) >= asked + evaluation // 2)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert tuningfork(*command, "killed", cwd=tmp_path).code == 0
    whole, killed = (arm_of(tmp_path / name, "llm") for name in ("whole", "killed"))
    assert killed["n_eval"] == whole["n_eval"] == evaluation
    assert killed["ms_per_row"] == pytest.approx(whole["ms_per_row"], rel=CLOSE)
    if one_by_one:
        assert whole["ms_per_row"] > 30
    else:
        assert server.most_under_way >= 8
        assert whole["ms_per_row"] < 500 / 4, "what was under way together is not counted one by one"
        assert killed["latency_ms_p50"] == pytest.approx(whole["latency_ms_p50"], rel=CLOSE)


def test_every_seed_of_a_fine_tuned_arm_bears_the_whole_encoder(rows: Rows, tmp_path: Path) -> None:
    """The second finds in memory what the first made of each row."""
    out = tmp_path / "study"
    study(rows, out, "finetune:minilm?epochs=1&layers=1", label_counts=(32,), seeds=2).run()
    with Ledger(out, writable=False) as ledger:
        trials = list(ledger.trials().values())
    per_row = [t.seconds_predict / len(t.evaluation) for t in trials if t.seconds_predict and t.evaluation]
    assert len(per_row) == 2
    assert min(per_row) > 0.5 * max(per_row)


def test_vectors_that_lie_on_disk_are_owed_by_whoever_uses_them(rows: Rows, tmp_path: Path) -> None:
    texts = [row["text"] for row in read_csv(rows.pool)]

    def seconds() -> tuple[float, float, bool]:
        with Ledger(tmp_path) as ledger, bench(tmp_path, ledger) as one:
            one.encoder("minilm")
            lap = one.stopwatch.start()
            one.embed("minilm", texts)
            assert lap.seconds is not None
            return lap.seconds, lap.clock_seconds, lap.has_replays

    fresh, _, replayed = seconds()
    assert not replayed
    again, clock, replayed = seconds()
    assert replayed
    assert clock < 0.2 * fresh * slowdown()
    assert again == pytest.approx(fresh, rel=CLOSE)
    for shard in (tmp_path / "models" / "embeddings").rglob("*.safetensors"):
        forget_seconds(shard)
    unknown, _, _ = seconds()
    assert fresh / 3 < unknown < fresh * 3, "a few texts were timed"


def bench(folder: Path, ledger: Ledger) -> Workbench:
    return Workbench(
        folder,
        store=ModelStore(),
        journal=LedgerJournal(ledger),
        meter=LedgerMeter(ledger, None),
        prices=(),
        announce=lambda _: None,
        not_counted=lambda _: None,
    )


def forget_seconds(shard: Path) -> None:
    """As a version wrote it that kept no times."""
    content = save(load(shard.read_bytes()))
    shard.unlink()
    (shard.parent / f"{hashlib.sha256(content).hexdigest()[:32]}.safetensors").write_bytes(content)


def test_nothing_that_was_replayed_teaches_this_machine_s_speed(rows: Rows, tmp_path: Path, cache: Path) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.9), works_on(1, 0.03)) as server:
        arm = f"prompt:m@{server.url}"
        study(rows, tmp_path / "study", arm, "head:wordllama").run()
        measured = json.loads((cache / "rates.json").read_text())
        with Ledger(tmp_path / "study") as ledger:
            ledger._query("DELETE FROM trials")
            ledger._query("DELETE FROM facts WHERE topic IN ('allotment', 'closed')")
        (cache / "rates.json").unlink()
        study(rows, tmp_path / "study", arm, "head:wordllama").run()
        again = json.loads((cache / "rates.json").read_text()) if (cache / "rates.json").is_file() else {}
        assert len(server.requests) == 120 + 80 + 20
    assert measured["prompt:m"]["row"] > 0
    assert "row" not in again.get("prompt:m", {})


# rows grow where time allows ------------------------------------------------------------------------------------


def test_a_machine_that_was_busy_at_first_costs_no_rows(rows: Rows, tmp_path: Path) -> None:
    """The first answers take 0.25 seconds each, so that 25 seconds seem to be enough for half of the rows."""
    with ScriptedServer(planted(rows.evaluation, 0.9), works_on(1, 0.01, slow=(30, 0.25))) as server:
        arm = f"prompt:m@{server.url}"
        verdict = study(rows, tmp_path / "study", "linear", arm, budget_minutes=25 / 60).run()
        requests = len(server.requests)
    (llm,) = [row for row in verdict.record.arms if row.side == "llm"]
    assert llm.n_eval == 120
    assert requests == 120 + 80 + 20
    assert verdict.record.cost.seconds < 25
    assert "fewer_rows" not in {warning.code for warning in verdict.record.warnings}


def test_time_that_is_left_at_the_end_goes_to_rows_that_were_cut(rows: Rows, tmp_path: Path) -> None:
    """The arm is cut because linear's estimate is far too high; when linear is through, there is time for all rows."""
    out, arm = tmp_path / "study", ""
    announced: list[str] = []
    with ScriptedServer(planted(rows.evaluation, 0.9), works_on(1, 0.02)) as server:
        arm = f"prompt:m@{server.url}"
        one = study(rows, out, "linear", arm, budget_minutes=1.0)
        with Ledger(out) as ledger:  # settled on 50 rows by a run that was stopped afterwards
            ledger.remember("allotment", f"1min/Noneusd {arm}", "50 1 0")
        verdict = one.run(Announced(announced))
    (llm,) = [row for row in verdict.record.arms if row.side == "llm"]
    assert llm.n_eval == 120
    assert any("answers 120 evaluation rows, not 50" in message for message in announced)


def test_a_trained_arm_that_was_cut_is_made_longer_when_time_is_left(rows: Rows, tmp_path: Path) -> None:
    """Its models are made again, their answers are the same, and it is said."""
    out, arm = tmp_path / "study", "finetune:minilm?epochs=1&layers=1"
    one = study(rows, out, arm, label_counts=(32,), seeds=2, budget_minutes=9.0)
    one.run()
    with Ledger(out) as ledger:  # as a run leaves it that was stopped on a busy machine
        whole = ledger.trials()
        for key, result in whole.items():
            assert result.evaluation is not None
            ledger.record(key, replace(result, evaluation=first(result.evaluation, 50)))
        ledger.remember("allotment", f"9min/Noneusd {arm}", "50 2 0")
        ledger._query("DELETE FROM facts WHERE topic = 'closed'")
    verdict = one.run()
    assert verdict.record.arms[0].n_eval == 120
    with Ledger(out, writable=False) as ledger:
        grown = ledger.trials()
    for key, result in grown.items():
        assert result.evaluation is not None
        assert whole[key].evaluation is not None
        assert result.evaluation.labels.tolist() == whole[key].evaluation.labels.tolist()
        assert [note.message for note in result.notes if note.code == "more_rows"] == [
            f"{arm} answered 50 evaluation rows at first, and 120 when time was left over."
        ]


def first(prediction: Prediction, rows: int) -> Prediction:
    assert prediction.probabilities is not None
    return Prediction(prediction.answers.take(slice(rows)), prediction.probabilities[:rows])


class Announced:
    """An observer that keeps what is announced."""

    def __init__(self, messages: list[str]) -> None:
        self._messages = messages

    def announce(self, message: str) -> None:
        self._messages.append(message)

    def position(self, position: object) -> None: ...
    def trial_ended(self, result: object) -> None: ...
    def records(self, records: object) -> None: ...


# a finished study is finished -----------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_speeds_learned_since_do_not_open_a_finished_study(
    rows: Rows, tmp_path: Path, cache: Path, factor: float
) -> None:
    """Two arms a side, so that validation rows are predicted too; a budget so tight that rows are cut."""
    with ScriptedServer(planted(rows.gold, 0.9), works_on(1, 0.06)) as server:
        arms = ("linear", "head:wordllama", f"prompt:m@{server.url}", f"prompt:m@{server.url}?shots=2")
        one = study(rows, tmp_path / "study", *arms, budget_minutes=0.6)
        one.run()
        files = [tmp_path / "study" / name for name in ("verdict.json", "report.html")]
        before, asked = [file.read_bytes() for file in files], len(server.requests)
        change_rates(cache, factor)
        assert one.plan().trials == ()
        study(rows, tmp_path / "study", *arms, budget_minutes=0.6).run()
        assert len(server.requests) == asked
    assert [file.read_bytes() for file in files] == before


def change_rates(cache: Path, factor: float) -> None:
    """Speeds of a machine that is so many times slower, for everything that was measured and what was not."""
    known = json.loads((cache / "rates.json").read_text()) if (cache / "rates.json").is_file() else {}
    names = {*known, "linear:", "head:wordllama", "prompt:m", "finetune:minilm"}
    changed = {name: {kind: factor * known.get(name, {}).get(kind, 1.0) for kind in ("fit", "row")} for name in names}
    (cache / "rates.json").write_text(json.dumps(changed))


def test_an_arm_that_joins_a_side_opens_only_what_must_be(rows: Rows, tmp_path: Path, cache: Path) -> None:
    """One arm a side needs no validation rows; a second one does, and nobody's evaluation rows change."""
    out = tmp_path / "study"
    with ScriptedServer(planted(rows.gold, 0.9), works_on(1, 0.02)) as server:
        llm = f"prompt:m@{server.url}"
        one = study(rows, out, "linear", llm)
        one.run()
        asked, before = len(server.requests), trials_of(out)
        change_rates(cache, 10.0)
        study(rows, out, "linear", llm, "head:wordllama").run()
        assert len(server.requests) == asked
    after, needed = trials_of(out), len(one.data.validation)
    assert {key: answers for key, answers in after.items() if key in before} == {
        key: (evaluation, needed if key[0] == "linear" else 0) for key, (evaluation, _) in before.items()
    }
    assert all(validation == needed for (arm, *_), (_, validation) in after.items() if arm == "head:wordllama")


def trials_of(out: Path) -> dict[tuple[str, int, int], tuple[int, int]]:
    """(arm, level, seed) -> evaluation and validation rows answered."""
    with Ledger(out, writable=False) as ledger:
        results = ledger.trials().values()
    return {
        (r.plan.arm, r.plan.level, r.plan.seed): (len(r.evaluation or ()), len(r.validation or ())) for r in results
    }


def test_a_larger_budget_opens_it_again_and_rows_grow(rows: Rows, tmp_path: Path) -> None:
    out = tmp_path / "study"
    with ScriptedServer(planted(rows.gold, 0.9), works_on(1, 0.15)) as server:
        arm = f"prompt:m@{server.url}"
        cut = study(rows, out, "linear", arm, budget_minutes=0.2).run()
        grown = study(rows, out, "linear", arm, budget_minutes=2.0).run()
        bodies = [json.dumps(request.body, sort_keys=True) for request in server.requests]
    rows_of: Sequence[int] = [next(a.n_eval for a in v.record.arms if a.side == "llm") for v in (cut, grown)]
    assert rows_of[0] < 120 == rows_of[1]
    assert cut.record.cost.seconds < 0.2 * 60
    assert len(bodies) - len(set(bodies)) <= 16, "only what was cut off by the clock is asked again"
