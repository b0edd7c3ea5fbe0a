"""What programs read: `--json` of plan, run, compare and models list, verdict.json; and `report` again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from llm_servers import ScriptedServer, planted
from study_runs import Rows, films, own_cache, read_csv, typed, verdict_of, write_csv
from tuningfork.cli.app import run_app

NUMBER, MAYBE = (int, float), (int, float, type(None))
CONTRACT: dict[str, Any] = {
    "schema_version": int,
    "task_type": str,
    "unit": str,
    "sides": list,
    "comparisons": list,
    "looks": list,
    "recommendation": str,
    "chosen_arm": (str, type(None)),
    "reason": str,
    "metric": str,
    "margin": float,
    "call": str,
    "same_within": MAYBE,
    "labels_for_choice": int,
    "if_you_must_choose": (dict, type(None)),
    "arms": list,
    "comparison": (dict, type(None)),
    "break_even_labels": dict,
    "curve": list,
    "guide": (dict, type(None)),
    "cost": dict,
    "provisional": bool,
    "warnings": list,
}
"""Keys of verdict.json with their types."""

ARM = {
    "arm": str,
    "side": str,
    "model": str,
    "status": str,
    "failure": (str, type(None)),
    "n_labels": (int, type(None)),
    "n_eval": int,
    "seeds": int,
    "score": MAYBE,
    "ci95": (list, type(None)),
    **dict.fromkeys(("accuracy", "macro_f1", "invalid", "usd_per_1k", "seconds_train", "ece"), MAYBE),
    **dict.fromkeys(("latency_ms_p50", "latency_ms_p95"), MAYBE),
    "metrics": dict,
    "invalid_reasons": dict,
}
COMPARISON = {
    "llm_arm": str,
    "fine_tuned_arm": str,
    "n_shared": int,
    "difference": float,
    "ci95": list,
    "p_value": MAYBE,
    "test": str,
    **dict.fromkeys(("rows_needed", "labels_needed", "seeds_needed"), (int, type(None))),
}
BREAK_EVEN = {
    **dict.fromkeys(("mean", "reliable"), MAYBE),
    **dict.fromkeys(("mean_ci95", "reliable_ci95"), (list, type(None))),
    "extrapolated": bool,
    "reason": (str, type(None)),
}
COST = {
    "usd": MAYBE,
    "llm_requests": int,
    "prompt_tokens": (int, type(None)),
    "completion_tokens": (int, type(None)),
    "seconds": float,
}


def assert_has(found: dict[str, Any], contract: dict[str, Any]) -> None:
    for key, kind in contract.items():
        assert key in found, key
        assert isinstance(found[key], kind), (key, found[key])


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


SMALL = ("--label-counts", "8,32", "--seeds", "3")


def test_a_plan_has_its_fields_and_asks_nobody(rows: Rows, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.9)) as server:
        arms = ("--arm", "linear", "--arm", f"prompt:m@{server.url}?shots=4", "--arm", "prompt:smollm2-135m")
        assert run_app(["plan", *rows.arguments, *arms, *SMALL, "--json"]) == 0
        assert server.requests == []
    plan = json.loads(capsys.readouterr().out)
    assert_has(
        plan,
        {
            "trials": list,
            "llm_requests": int,
            "prompt_tokens": int,
            "usd": MAYBE,
            "minutes": list,
            "hosts": list,
            "eval_units": int,
            "smallest_difference": float,
            "smallest_margin": float,
        },
    )
    by_arm = {arm: [trial for trial in plan["trials"] if trial["arm"] == arm] for arm in arms[1::2]}
    assert {(t["n_labels"], t["seed"]) for t in by_arm["linear"]} == {(n, s) for n in (8, 32) for s in range(3)}
    assert [len(trials) for trials in by_arm.values()] == [6, 3, 1]
    # Per prompt arm: its evaluation and its validation rows, and once wordings, repeats and planted instructions. The
    # local one runs once, for seconds, so it answers all validation rows.
    assert plan["llm_requests"] == 3 * (60 + 30) + 120 + (60 + 40) + 120
    assert plan["usd"] is None
    assert plan["hosts"] == [f"{urlsplit(server.url).netloc} on this machine"]
    low, high = plan["minutes"]
    assert 0 < low < high
    assert 0 < plan["smallest_difference"] < 0.3
    assert not (here / "studies").exists()


def test_a_plan_counts_the_draws_among_its_rows(rows: Rows, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once = read_csv(rows.test)
    thrice = str(write_csv(here / "thrice.csv", [row for row in once for _ in range(3)]))
    limits = []
    for test in (str(rows.test), thrice):
        arguments = ("--test", test, "--eval-rows", "all", "--arm", "linear", "--json")
        assert run_app(["plan", str(rows.pool), *arguments]) == 0
        plan = json.loads(capsys.readouterr().out)
        limits.append((plan["eval_units"], plan["smallest_difference"], plan["smallest_margin"]))
    assert limits[0] == limits[1]
    assert limits[0][0] == len({row["text"].lower() for row in once})


def test_a_plan_needs_no_model_and_names_who_would_receive_rows(
    rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In an empty cache, with a key that opens nothing: whatever a plan fetched or asked would fail."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(tmp_path / "nothing"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nothing")
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    arms = ("--arm", "head:minilm", "--arm", "prompt:smollm2-135m", "--arm", "prompt:openai/gpt-5-mini")
    assert run_app(["plan", *rows.arguments, *arms, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["hosts"] == ["api.openai.com"]
    assert plan["usd"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def finished(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str]:
    """One study of four arms as a process: its folder, what it printed, what it told a person meanwhile."""
    folder = tmp_path_factory.mktemp("finished")
    with ScriptedServer(planted(rows.evaluation, 0.9)) as server:
        arms = ("linear", "head:wordllama", f"prompt:m@{server.url}", f"prompt:m@{server.url}?shots=2")
        ended = typed(
            "run",
            *rows.arguments,
            *(f"--arm={arm}" for arm in arms),
            *SMALL,
            *("--json", "--yes", "--out", "study"),
            cwd=folder,
            TUNINGFORK_CACHE=str(own_cache(folder)),
        )
    assert ended.code == 0, ended.err
    return folder / "study", ended.json, ended.err


Finished = tuple[Path, dict[str, Any], str]


def test_run_prints_the_verdict_and_nothing_else(finished: Finished) -> None:
    study, printed, told = finished
    assert printed == verdict_of(study)
    assert "Plan for pool" in told
    assert "So far:" in told


def test_a_verdict_has_the_keys_of_its_contract_in_their_types(finished: Finished) -> None:
    verdict = finished[1]
    assert_has(verdict, CONTRACT)
    assert verdict["schema_version"] == 2
    assert verdict["recommendation"] in ("prompt", "fine-tune", "combine", "undecided")
    assert verdict["call"] in ("better", "same", "cheaper_will_do", "undecided")
    assert len(verdict["arms"]) == 4
    for arm in verdict["arms"]:
        assert_has(arm, ARM)
        assert arm["status"] == "done"
        low, high = arm["ci95"]
        assert 0 <= low <= arm["score"] <= high <= 1
        assert arm["score"] == arm["accuracy"]
        assert (arm["n_eval"], arm["usd_per_1k"]) == (60, None)
    assert_has(verdict["comparison"], COMPARISON)
    assert_has(verdict["break_even_labels"], BREAK_EVEN)
    assert_has(verdict["cost"], COST)
    assert verdict["labels_for_choice"] == 40
    assert {"leaf", "path", "agrees"} <= set(verdict["guide"])
    for point in verdict["curve"]:
        assert_has(point, {"arm": str, "n_labels": (int, type(None)), "seed": int, "score": float})
    for warning in verdict["warnings"]:
        assert_has(warning, {"code": str, "message": str})
    assert "weak_llm" not in {warning["code"] for warning in verdict["warnings"]}, "how large 'm' is, nobody has said"


def test_the_chosen_side_is_the_recommendation(finished: Finished) -> None:
    verdict = finished[1]
    (chosen,) = [arm for arm in verdict["arms"] if arm["arm"] == verdict["chosen_arm"]]
    assert {"llm": "prompt", "fine-tuned": "fine-tune"}[chosen["side"]] == verdict["recommendation"]
    assert verdict["if_you_must_choose"] is None


def test_report_makes_the_same_again_from_the_ledger(finished: Finished, capsys: pytest.CaptureFixture[str]) -> None:
    study, printed, _ = finished
    before = (study / "report.html").read_text(encoding="utf-8")
    for name in ("verdict.json", "report.html"):
        (study / name).unlink()
    assert run_app(["report", str(study)]) == 0
    assert verdict_of(study) == printed
    assert (study / "report.html").read_text(encoding="utf-8") == before
    assert printed["reason"][:40] in " ".join(capsys.readouterr().out.split())


def test_a_studys_task_file_runs_again_to_the_same_verdict(
    rows: Rows, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arms = ("--arm", "linear", "--arm", "head:wordllama")
    settings = ("--margin", "5", "--eval-rows", "50", "--yes", "--out", "first")
    assert run_app(["run", *rows.arguments, *arms, *SMALL, *settings]) == 0
    assert run_app(["run", "first/task.yaml", "--out", "second", "--yes"]) == 0
    first, second = (verdict_of(here / name) for name in ("first", "second"))
    assert [(a["arm"], a["score"], a["n_labels"], a["seeds"]) for a in first["arms"]] == [
        (a["arm"], a["score"], a["n_labels"], a["seeds"]) for a in second["arms"]
    ]
    of_point = ("arm", "n_labels", "seed", "score")
    curves = [{tuple(point[name] for name in of_point) for point in found["curve"]} for found in (first, second)]
    assert curves[0] and curves[0] == curves[1]
    assert first["margin"] == second["margin"] == 0.05
    capsys.readouterr()
    assert run_app(["run", "first/task.yaml", "--arm", "linear", "--out", "third", "--yes"]) == 0
    assert [arm["arm"] for arm in verdict_of(here / "third")["arms"]] == ["linear"], "what is typed wins"


def test_compare_is_the_verdicts_arithmetic_on_files(
    rows: Rows, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"positive": "negative", "negative": "positive"}
    gold = read_csv(rows.test)

    def answers(name: str, wrong: int) -> str:
        found = [
            {"text": r["text"], "prediction": other[r["label"]] if i < wrong else r["label"]}
            for i, r in enumerate(gold)
        ]
        return str(write_csv(here / name, found[::-1]))

    a, b, c = answers("a.csv", 30), answers("b.csv", 6), answers("c.csv", 7)
    assert run_app(["compare", str(rows.test), a, b, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["score_a"], found["score_b"]) == (pytest.approx(0.5), pytest.approx(0.9))
    assert found["difference"] == pytest.approx(0.4)
    assert found["call"] == "b"
    low, high = found["ci95"]
    assert 0 < low < 0.4 < high
    assert run_app(["compare", str(rows.test), a, b, c, "--json"]) == 0
    pairs = json.loads(capsys.readouterr().out)
    assert [Path(p["a"]).name + Path(p["b"]).name for p in pairs] == ["a.csvb.csv", "a.csvc.csv", "b.csvc.csv"]
    assert all(pair["p_holm"] >= pair["p_value"] for pair in pairs)
    assert run_app(["compare", str(rows.test), a, b]) == 0
    assert "b.csv" in capsys.readouterr().out


def test_models_are_listed_as_data(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["models", "list", "--json"]) == 0
    models = {model["name"]: model for model in json.loads(capsys.readouterr().out)}
    assert {"minilm", "minilm-int8", "wordllama", "smollm2-135m"} <= models.keys()
    assert all(isinstance(model["present"], bool) for model in models.values())
    assert run_app(["models", "list"]) == 0
    assert "smollm2-135m" in capsys.readouterr().out


def test_help_groups_the_commands(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("Measure") < shown.index("run")
    assert shown.index("After the verdict") < shown.index("report")
    assert run_app(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tuningfork ")
