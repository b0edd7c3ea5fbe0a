"""A moved figure is noticed, and what was meant or hangs on a clock is not held against anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from script_modules import scripts
from tuningfork.errors import InputError

TRIAL = "linear level=8 seed=0"
BEFORE: dict[str, Any] = {
    "verdict": {
        "schema_version": 2,
        "call": "better",
        "arms": [
            {"arm": "linear", "score": 0.75, "usd": None, "seconds_train": 0.2, "latency_ms_p50": 1.4},
            {"arm": "prompt", "score": 0.5, "usd": 0.25, "details": [["C", "1"]]},
        ],
        "cost": {"llm_requests": 424, "seconds": 5.5},
    },
    "labels": ["ham", "spam"],
    "rows": {"evaluation": {"ids": ["test.csv:2", "test.csv:3", "test.csv:4"], "gold": [0, 1, None]}},
    "trials": {
        TRIAL: {"evaluation": {"answers": [0, 1, None], "probabilities": [[0.9, 0.1], [0.25, 0.75], None]}},
    },
}


@pytest.fixture(scope="module")
def module() -> Iterator[ModuleType]:
    with scripts("sameness.differences") as (found,):
        yield found


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    after = deepcopy(BEFORE)
    change(after)
    return after


def evaluation(measured: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = measured["trials"][TRIAL]["evaluation"]
    return found


def test_equal_measurements_do_not_differ(module: ModuleType) -> None:
    assert module.differences(BEFORE, deepcopy(BEFORE), "case") == []


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda m: evaluation(m)["answers"].__setitem__(1, 0), f"case/trials/{TRIAL}/evaluation/answers/1"),
        (lambda m: evaluation(m)["answers"].__setitem__(2, 0), f"case/trials/{TRIAL}/evaluation/answers/2"),
        (lambda m: evaluation(m)["answers"].pop(), f"case/trials/{TRIAL}/evaluation/answers"),
        (
            lambda m: evaluation(m)["probabilities"][1].__setitem__(0, 0.25 + 2e-6),
            f"case/trials/{TRIAL}/evaluation/probabilities/1/0",
        ),
        (lambda m: evaluation(m).update(probabilities=None), f"case/trials/{TRIAL}/evaluation/probabilities"),
        (lambda m: m["trials"].pop(TRIAL), f"case/trials/{TRIAL}"),
        (lambda m: m["trials"].update({"linear level=8 seed=1": {}}), "case/trials/linear level=8 seed=1"),
        (lambda m: m["verdict"]["arms"][0].update(score=0.75 + 2e-9), "case/verdict/arms/0/score"),
        (lambda m: m["verdict"]["arms"][1].update(usd=None), "case/verdict/arms/1/usd"),
        (lambda m: m["verdict"]["arms"][0].update(usd=0.0), "case/verdict/arms/0/usd"),
        (lambda m: m["verdict"]["arms"][0].pop("score"), "case/verdict/arms/0/score"),
        (lambda m: m["verdict"]["arms"].append({}), "case/verdict/arms"),
        (lambda m: m["verdict"].update(call="undecided"), "case/verdict/call"),
        (lambda m: m["verdict"]["cost"].update(llm_requests=425), "case/verdict/cost/llm_requests"),
    ],
)
def test_what_moved_is_noticed_where_it_is(
    module: ModuleType, change: Callable[[dict[str, Any]], object], path: str
) -> None:
    assert [one.path for one in module.differences(BEFORE, changed(change), "case")] == [path]


def test_rows_in_another_order_differ(module: ModuleType) -> None:
    after = changed(lambda m: m["rows"]["evaluation"]["ids"].reverse())
    paths = [one.path for one in module.differences(BEFORE, after, "case")]
    assert paths == ["case/rows/evaluation/ids/0", "case/rows/evaluation/ids/2"]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["verdict"].update(kind="category", schema_version=3),
        lambda m: m["verdict"]["arms"][0].update(seconds_train=9.0, latency_ms_p50=20.0, unit="points"),
        lambda m: m["verdict"]["arms"][0].pop("seconds_train"),
        lambda m: m["verdict"]["arms"][1].update(details=[["C", "10"]]),
        lambda m: m["verdict"]["cost"].update(seconds=6.5),
        lambda m: m["verdict"]["arms"][0].update(score=0.75 + 5e-10),
        lambda m: evaluation(m)["probabilities"][1].__setitem__(0, 0.25 + 5e-7),
        lambda m: evaluation(m).update(confidence=[0.9, 0.75, None]),
    ],
)
def test_clocks_versions_new_fields_and_last_digits_are_passed_over(
    module: ModuleType, change: Callable[[dict[str, Any]], object]
) -> None:
    assert module.differences(BEFORE, changed(change), "case") == []


def test_a_listed_difference_has_its_reason_and_no_other_has(module: ModuleType, tmp_path: Path) -> None:
    listed = tmp_path / "known.yaml"
    listed.write_text("- {path: case/verdict/arms/*/score, why: a row counts once}\n", encoding="utf-8")
    after = changed(lambda m: (m["verdict"]["arms"][1].update(score=0.6), m["verdict"].update(call="worse")))
    accounted = module.account(module.differences(BEFORE, after, "case"), module.read_known(listed))
    assert {one.path: why for one, why in accounted} == {
        "case/verdict/arms/1/score": "a row counts once",
        "case/verdict/call": None,
    }


def test_a_listed_difference_without_a_reason_is_refused(module: ModuleType, tmp_path: Path) -> None:
    listed = tmp_path / "known.yaml"
    listed.write_text("- {path: case/verdict/*, why: ''}\n", encoding="utf-8")
    with pytest.raises(InputError, match="entry 1"):
        module.read_known(listed)


def test_the_committed_list_can_be_read(module: ModuleType) -> None:
    assert all(known.path and known.why for known in module.read_known())


def test_what_is_kept_has_no_times_and_nothing_of_a_processor(module: ModuleType) -> None:
    kept = module.lasting(changed(lambda m: m["verdict"]["arms"][0].update(ece=0.1)))
    assert kept["verdict"]["arms"][0] == {"arm": "linear", "score": 0.75, "usd": None}
    assert kept["verdict"]["cost"] == {"llm_requests": 424}
    assert kept["trials"][TRIAL]["evaluation"] == {"answers": [0, 1, None]}


def test_many_rows_of_one_list_are_one_entry_of_the_table(module: ModuleType) -> None:
    after = changed(lambda m: evaluation(m).update(answers=[1, 0, None]))
    shown = module.table(module.account(module.differences(BEFORE, after, "case"), ()))
    assert shown.count(TRIAL) == 1
    assert "answers/0  (and 1 more of this kind)" in shown
