"""Verdicts on files and servers as people have them: nobody wins over what could not be read, or by the luck of a pick.

Small real studies from the command line, with servers on loopback and files of answers made elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from llm_servers import Answer, Asked, ScriptedServer, always, planted
from study_runs import Ended, own_cache, read_csv, typed, verdict_of, write_csv

OPTIONS = ("--label-counts", "16,32", "--budget-minutes", "2", "--yes")
PLACES = ("refund", "delivery", "account")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verdicts")


@pytest.fixture(scope="module")
def run(folder: Path) -> Callable[..., Ended]:
    cache = str(own_cache(folder))

    def run(out: str, *arguments: str, arms: tuple[str, ...], seeds: int = 3) -> Ended:
        given = [f"--arm={arm}" for arm in arms]
        options = (*OPTIONS, "--seeds", str(seeds), "--out", out)
        return typed("run", *arguments, *given, *options, cwd=folder, TUNINGFORK_CACHE=cache)

    return run


def codes(verdict: Mapping[str, Any]) -> set[str]:
    return {warning["code"] for warning in verdict["warnings"]}


def arm_of(verdict: Mapping[str, Any], side: str) -> dict[str, Any]:
    (found,) = (arm for arm in verdict["arms"] if arm["side"] == side)
    return dict(found)


def flat(text: str) -> str:
    return " ".join(text.split())


# Answers that were not read -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tickets(shared_cases: Path) -> tuple[Path, dict[str, str]]:
    """150 short tickets with their labels."""
    path = shared_cases / "02-predictions-arm-predicted-column" / "data.csv"
    return path, {row["text"]: row["label"] for row in read_csv(path)}


def refuses_politely(gold: Mapping[str, str]) -> Answer:
    return always("I would rather not say")


def says_nothing(gold: Mapping[str, str]) -> Answer:
    return always("")


def speaks_of_its_task(gold: Mapping[str, str]) -> Answer:
    """Another row's matter each time, and never a label: a proxy that lost the system message."""
    return lambda asked: f"\x1b[31mThank you for your message no. {len(asked.text)}!\nHow can I help?"


def answers_one_row_in_three(gold: Mapping[str, str]) -> Answer:
    knows = planted(gold, 1.0)
    return lambda asked: knows(asked) if len(asked.text) % 3 == 0 else "I would rather not say"


@pytest.mark.parametrize("habit", [refuses_politely, says_nothing, speaks_of_its_task, answers_one_row_in_three])
def test_a_side_that_could_not_be_read_names_no_winner(
    run: Callable[..., Ended],
    folder: Path,
    tickets: tuple[Path, dict[str, str]],
    habit: Callable[[Mapping[str, str]], Answer],
) -> None:
    data, gold = tickets
    out = habit.__name__
    with ScriptedServer(habit(gold), obedient=False) as server:
        ended = run(out, str(data), arms=("linear", f"prompt:my-model@{server.url}"))
    verdict = verdict_of(folder / out)
    assert ended.code == 1, ended.err
    assert (verdict["recommendation"], verdict["call"], verdict["chosen_arm"]) == ("undecided", "undecided", None)
    assert "p < 0.001" not in verdict["reason"]
    llm = arm_of(verdict, "llm")
    if llm["status"] == "done":
        assert verdict["reason"].startswith("Undecided: the answers of my-model, zero-shot could not be read (")
        assert "If you must choose today" not in ended.out
        assert llm["not_read"]["mostly"] is True
        assert verdict["comparison"] is None
        assert [pair["not_read"] for pair in verdict["pairs"]] == [[llm["arm"]]]
        assert "not read" in ended.out
        assert "not read" in (folder / out / "report.html").read_text(encoding="utf-8")
    assert "\x1b" not in ended.out + ended.err


@pytest.mark.parametrize("answers", ["codes", "empty"])
def test_answers_made_elsewhere_that_are_no_labels_make_no_loser(
    run: Callable[..., Ended], folder: Path, shared_cases: Path, answers: str
) -> None:
    """Codes of names, or nothing at all: read rightly, refused, or undecided; never beaten with p < 0.001."""
    case = shared_cases / "68-codes-in-predictions-arm"
    file = folder / f"{answers}.csv"
    write_csv(
        file,
        [{**row, "prediction": row["prediction"] if answers == "codes" else ""} for row in read_csv(case / "llm.csv")],
    )
    ended = run(f"elsewhere-{answers}", str(case / "data.csv"), arms=("linear", f"predictions:{file}?side=llm"))
    if ended.code == 2:
        assert file.name in ended.err
        return
    verdict = verdict_of(folder / f"elsewhere-{answers}")
    llm = arm_of(verdict, "llm")
    assert verdict["recommendation"] == "undecided" or llm["invalid"] == 0
    assert ended.code == (1 if llm["invalid"] else 0)


def test_some_refusals_are_errors_with_their_reason_on_the_first_screen(
    run: Callable[..., Ended], folder: Path, tickets: tuple[Path, dict[str, str]]
) -> None:
    data, gold = tickets
    knows = planted(gold, 1.0)

    def refuses_some(asked: Asked) -> str:
        return "I would rather not say" if len(asked.text) % 4 == 0 else knows(asked)

    with ScriptedServer(refuses_some, obedient=False) as server:
        ended = run("some", str(data), arms=("linear", f"prompt:my-model@{server.url}"))
    verdict = verdict_of(folder / "some")
    assert ended.code == 0, ended.err
    assert verdict["comparison"] is not None
    assert 0.1 < arm_of(verdict, "llm")["invalid"] < 0.5
    (warning,) = (w["message"] for w in verdict["warnings"] if w["code"] == "invalid_answers")
    assert flat(warning) in flat(ended.out)


# Equal runs -----------------------------------------------------------------------------------------------------


def test_equal_draws_of_one_arm_are_said_of_that_arm_with_a_remedy_that_works(
    run: Callable[..., Ended], folder: Path, shared_cases: Path
) -> None:
    data = shared_cases / "44-prompt-cut-by-server" / "data.csv"
    gold = {row["text"]: row["label"] for row in read_csv(data)}
    knows_all: Answer = lambda asked: gold[max(gold, key=asked.text.rfind)]  # noqa: E731
    with ScriptedServer(knows_all) as server:
        arm = f"prompt:my-model@{server.url}?shots=16"
        ended = run("three", str(data), arms=("linear", arm))
        told = verdict_of(folder / "three")
        more = run("five", str(data), arms=("linear", f"{arm}&draws=5"))
    assert ended.code == more.code == 0
    assert "identical_seeds" not in codes(told)
    (warning,) = (w["message"] for w in told["warnings"] if w["code"] == "few_identical_runs")
    assert warning.startswith("All 3 runs of my-model, 16 shots, on different samples, gave the same answers.")
    assert f"--arm '{arm}&draws=5'" in flat(told["reason"])
    decided = verdict_of(folder / "five")
    assert (decided["call"], decided["recommendation"]) == ("better", "prompt")


@pytest.mark.parametrize("share", [1.0, 0.7])
def test_hits_alike_are_no_answers_alike(
    run: Callable[..., Ended], folder: Path, shared_cases: Path, share: float
) -> None:
    """Hidden gold labels made real: what the LLM said, or for some rows what nobody can say."""
    case = shared_cases / "67-hidden-labels-predictions"
    said = {row["text"]: row["prediction"] for row in read_csv(case / "llm.csv")}
    rows = read_csv(case / "test.csv")
    real = [
        {**row, "label": said[row["text"]] if place < share * len(rows) else PLACES[place % 3]}
        for place, row in enumerate(rows)
    ]
    test = write_csv(folder / f"real-{share}.csv", real)
    arms = ("linear", f"predictions:{case / 'llm.csv'}?side=llm")
    ended = run(f"real-{share}", str(case / "train.csv"), "--test", str(test), arms=arms)
    verdict = verdict_of(folder / f"real-{share}")
    assert ended.code == 0, ended.err
    assert not {"identical_seeds", "few_identical_runs"} & codes(verdict)
    assert verdict["comparison"]["score_llm"] >= share - 0.01


# Arms that nothing ranked ---------------------------------------------------------------------------------------


def test_answers_without_validation_rows_are_carried_as_the_best_of_them(
    run: Callable[..., Ended], folder: Path, tickets: tuple[Path, dict[str, str]]
) -> None:
    data, _ = tickets
    rows = read_csv(data)
    train = write_csv(folder / "train.csv", rows[:70])
    test = write_csv(folder / "test.csv", rows[70:])
    arms = ["linear"]
    for name, wrong in (("poor", 2), ("good", 10), ("fair", 4)):
        answers = [
            {
                "text": row["text"],
                "prediction": PLACES[(PLACES.index(row["label"]) + 1) % 3] if place % wrong == 0 else row["label"],
            }
            for place, row in enumerate(rows[70:])
        ]
        arms.append(f"predictions:{write_csv(folder / f'{name}.csv', answers)}?side=llm")
    ended = run("best", str(train), "--test", str(test), "--eval-rows", "all", arms=tuple(arms))
    verdict = verdict_of(folder / "best")
    assert ended.code == 0, ended.err
    assert {arm["status"] for arm in verdict["arms"]} == {"done"}
    assert verdict["comparison"]["llm_arm"] == arms[2]
    assert verdict["comparison"]["best_of"] == 3
    assert "answers in good.csv is the best seen of 3 LLM arms" in flat(ended.out)
    (side,) = (row for row in verdict["sides"] if row["side"] == "llm")
    assert (side["best_of"], side["ranked_on"]) == (3, 0)
    assert "an LLM arm" not in (verdict["next_step"] or "")


def test_a_given_arm_that_failed_is_not_asked_for_again(
    run: Callable[..., Ended], folder: Path, tickets: tuple[Path, dict[str, str]]
) -> None:
    data, _ = tickets
    with ScriptedServer(always("x")) as server:
        url = server.url
    ended = run("gone", str(data), arms=("linear", f"prompt:my-model@{url}"))
    verdict = verdict_of(folder / "gone")
    assert ended.code == 1
    assert verdict["next_step"] == f"Mend what made 'prompt:my-model@{url}' fail and run it again."
