"""The exit code of a study tells a script whether a side that was asked for could be had at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from llm_servers import Answered, Asked, ScriptedServer, always, error, planted
from study_runs import Ended, Rows, films, own_cache, typed, verdict_of

SMALL = ("--label-counts", "8", "--seeds", "1", "--yes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exits")


@pytest.fixture(scope="module")
def rows(shared_data: Path, folder: Path) -> Rows:
    return films(shared_data, folder, pool=60, evaluation=40)


@pytest.fixture(scope="module")
def study(rows: Rows, folder: Path) -> Callable[..., Ended]:
    cache = str(own_cache(folder))

    def run(out: str, *arms: str, options: tuple[str, ...] = ()) -> Ended:
        given = [f"--arm={arm}" for arm in arms]
        return typed("run", *rows.arguments, *given, *SMALL, *options, "--out", out, cwd=folder, TUNINGFORK_CACHE=cache)

    return run


def refuses(asked: Asked) -> Answered:
    return error(401, "no such key")


def status(folder: Path) -> dict[str, str]:
    return {arm["side"]: arm["status"] for arm in verdict_of(folder)["arms"]}


def test_a_side_that_failed_is_1_with_verdict_and_report(study: Callable[..., Ended], folder: Path) -> None:
    with ScriptedServer(always("positive"), refuses) as server:
        ended = study("failed", "linear", f"prompt:a@{server.url}", f"prompt:b@{server.url}")
    assert ended.code == 1
    assert "every arm of the LLM side failed" in ended.err
    assert "Traceback" not in ended.err
    assert status(folder / "failed") == {"fine-tuned": "done", "llm": "failed"}
    assert ended.out, "the verdict is shown as always"
    assert (folder / "failed" / "report.html").is_file()


def test_it_is_0_once_the_same_command_gets_through(study: Callable[..., Ended], rows: Rows, folder: Path) -> None:
    down = True

    def refuses_at_first(asked: Asked) -> Answered | None:
        return refuses(asked) if down else None

    with ScriptedServer(planted(rows.gold, 0.9), refuses_at_first) as server:
        arms = ("linear", f"prompt:a@{server.url}")
        assert study("later", *arms).code == 1
        down = False
        assert study("later", *arms).code == 0
        down = True
        assert study("later", "linear").code == 0, "a side that this run did not ask for is not counted"


def test_one_arm_of_a_side_is_enough(study: Callable[..., Ended], rows: Rows) -> None:
    with ScriptedServer(planted(rows.gold, 0.9)) as server, ScriptedServer(always("x"), refuses) as broken:
        ended = study("half", "linear", f"prompt:a@{server.url}", f"prompt:b@{broken.url}")
    assert ended.code == 0, ended.err
    assert "side failed" not in ended.err


def test_a_side_of_which_no_answer_could_be_read_is_1_with_the_reason(
    study: Callable[..., Ended], folder: Path
) -> None:
    with ScriptedServer(always("I would rather not say"), obedient=False) as server:
        ended = study("silent", "linear", f"prompt:a@{server.url}")
    assert ended.code == 1
    assert "no answer of the LLM side could be read" in ended.err
    assert status(folder / "silent")["llm"] == "done"
    assert (folder / "silent" / "report.html").is_file()


def test_answers_that_are_errors_or_partly_no_labels_are_no_failure(
    study: Callable[..., Ended], rows: Rows, folder: Path
) -> None:
    knows = planted(rows.gold, 0.5)

    def knows_some(asked: Asked) -> str:
        return knows(asked) if len(asked.text) % 3 else "I would rather not say"

    with ScriptedServer(knows_some, obedient=False) as server:
        ended = study("partly", "linear", f"prompt:a@{server.url}")
    assert ended.code == 0, ended.err
    (llm,) = (arm for arm in verdict_of(folder / "partly")["arms"] if arm["side"] == "llm")
    assert 0.1 < llm["invalid"] < 0.5
    assert llm["not_read"]["mostly"] is False


def test_a_budget_that_ends_a_side_is_no_failure(study: Callable[..., Ended], rows: Rows, folder: Path) -> None:
    with ScriptedServer(planted(rows.gold, 0.9)) as server:
        budget = ("--price", "a=1000000,1000000", "--budget-usd", "0.001")
        ended = study("poor", "linear", f"prompt:a@{server.url}", options=budget)
    assert ended.code == 0, ended.err
    assert status(folder / "poor").get("llm") != "failed"
