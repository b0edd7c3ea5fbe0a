"""Dollars and minutes are limits of the whole study, and what they cut off is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_servers import ScriptedServer, always, planted
from study_runs import Rows, films, own_cache, typed
from tuningfork.api import Study, Task, Verdict
from tuningfork.errors import InputError

PRICE = "m=100,200"
"""Dollars a million tokens: an answer of this server costs 1.16 cents."""

USAGE = {"prompt_tokens": 100, "completion_tokens": 8}
USD_AN_ANSWER = 0.0116


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"))


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))


def study(rows: Rows, out: Path, *arms: str, **options: object) -> Study:
    task = Task.from_csv(rows.pool, test=rows.test)
    return Study(task, ("linear", *arms), out=out, label_counts=(8, 32), seeds=3, **options)


def status(verdict: Verdict, side: str) -> list[str]:
    return [arm.status for arm in verdict.record.arms if arm.side == side]


def bill_of(server: ScriptedServer) -> float:
    """What the server would put on its bill, whatever its client believes."""
    return len(server.requests) * USD_AN_ANSWER


@pytest.mark.parametrize("dollars", [0.001, 0.3, 1.0, 20.0])
def test_dollars_are_never_passed_over_all_runs(rows: Rows, tmp_path: Path, dollars: float) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95), usage=USAGE, seconds=0.01) as server:
        arm = f"prompt:m@{server.url}"
        first = study(rows, tmp_path / "study", arm, budget_usd=dollars, prices=(PRICE,)).run()
        second = study(rows, tmp_path / "study", arm, budget_usd=dollars, prices=(PRICE,)).run()
        bill, requests = bill_of(server), len(server.requests)
    assert bill <= dollars
    assert second.record.cost.usd == (pytest.approx(bill) if requests else None)
    assert second.record.cost.llm_requests == requests
    assert status(first, "fine-tuned") == ["done"]
    (llm,) = [row for row in second.record.arms if row.side == "llm"]
    codes = {warning.code for warning in second.record.warnings}
    if dollars == 0.001:
        assert (llm.status, requests) == ("stopped", 0)
        assert "one_side_only" in codes
    elif dollars == 0.3:
        assert 0 < llm.n_eval == requests < 60, "what was paid for counts"
        assert "budget_stopped" in codes
    elif dollars == 20.0:
        assert (llm.status, llm.n_eval, requests) == ("done", 60, 160)
        assert llm.usd_per_1k == pytest.approx(USD_AN_ANSWER * 1000)


def test_more_dollars_let_a_stopped_arm_go_on(rows: Rows, tmp_path: Path) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95), usage=USAGE) as server:
        arm = f"prompt:m@{server.url}"
        stopped = study(rows, tmp_path / "study", arm, prices=(PRICE,), budget_usd=0.001).run()
        done = study(rows, tmp_path / "study", arm, prices=(PRICE,), budget_usd=20.0).run()
        bodies = [str(request.body) for request in server.requests]
    assert status(stopped, "llm") == ["stopped"]
    assert status(done, "llm") == ["done"]
    assert len(bodies) == len(set(bodies)) == 160


def test_more_dollars_bring_the_rows_that_were_cut_off(rows: Rows, tmp_path: Path) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95), usage=USAGE) as server:
        arm = f"prompt:m@{server.url}"
        cut = study(rows, tmp_path / "study", arm, prices=(PRICE,), budget_usd=0.3).run()
        whole = study(rows, tmp_path / "study", arm, prices=(PRICE,), budget_usd=20.0).run()
        less = study(rows, tmp_path / "study", arm, prices=(PRICE,), budget_usd=0.3).run()
        bodies = [str(request.body) for request in server.requests]
    n_eval = [next(row.n_eval for row in v.record.arms if row.side == "llm") for v in (cut, whole, less)]
    assert 0 < n_eval[0] < 60
    assert n_eval[1:] == [60, 60]
    assert len(bodies) == len(set(bodies)) == 160


def test_an_unknown_price_is_refused_before_the_first_request(rows: Rows, tmp_path: Path) -> None:
    """A host that is not this machine, by a name that reaches nobody."""
    arm = "prompt:somebodys-model@https://llm.invalid/v1"
    with pytest.raises(InputError, match=r"price of .*somebodys-model.* not known.*--price 'somebodys-model=IN,OUT'"):
        study(rows, tmp_path / "study", arm, budget_usd=1.0).plan()
    with pytest.raises(InputError, match="--price"):
        study(rows, tmp_path / "study", arm, budget_usd=1.0).run()
    plan = study(rows, tmp_path / "study", arm).plan()
    assert plan.usd is None
    assert plan.hosts == ("llm.invalid",)
    priced = study(rows, tmp_path / "study", arm, budget_usd=1.0, prices=("somebodys-model=1,2",)).plan()
    assert priced.usd is not None
    assert priced.usd > 0


def test_the_command_line_refuses_an_unknown_price_before_anything_is_written(rows: Rows, tmp_path: Path) -> None:
    arm = "prompt:somebodys-model@https://llm.invalid/v1"
    command = ("run", *rows.arguments, "--arm", arm, "--budget-usd", "1", "--yes", "--out", "study")
    refused = typed(*command, cwd=tmp_path)
    assert refused.code == 2
    assert "--price 'somebodys-model=IN,OUT'" in " ".join(refused.err.split())
    assert not (tmp_path / "study").exists()


def test_without_a_price_dollars_are_unknown_and_not_nothing(rows: Rows, tmp_path: Path) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95)) as server:
        verdict = study(rows, tmp_path / "study", f"prompt:m@{server.url}").run()
    assert verdict.record.cost.usd is None
    assert all(row.usd_per_1k is None for row in verdict.record.arms)


def test_a_price_of_this_machine_gives_local_arms_dollars(rows: Rows, tmp_path: Path) -> None:
    verdict = study(rows, tmp_path / "study", usd_per_hour=3.6).run()
    (linear,) = verdict.record.arms
    assert linear.ms_per_row is not None
    assert linear.usd_per_1k == pytest.approx(linear.ms_per_row / 1000, rel=0.01)


def test_minutes_stop_what_would_pass_them_and_the_verdict_is_written(rows: Rows, tmp_path: Path) -> None:
    with ScriptedServer(always("positive"), seconds=0.5) as server:
        options = {"budget_minutes": 0.1}
        verdict = study(rows, tmp_path / "study", f"prompt:m@{server.url}", **options).run()
        again = study(rows, tmp_path / "study", f"prompt:m@{server.url}", **options).run()
    for found in (verdict, again):
        (llm,) = [row for row in found.record.arms if row.side == "llm"]
        assert llm.status == "stopped" or llm.n_eval < 60
        assert "budget_stopped" in {warning.code for warning in found.record.warnings} or llm.status == "stopped"
        assert found.report.is_file()
        assert not found.record.provisional
    assert again.record.cost.seconds < 6 + 6
