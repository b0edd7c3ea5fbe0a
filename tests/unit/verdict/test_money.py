"""Which arm is cheaper, as far as prices are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import PlantedArm, make_records
from tuningfork.verdict.money import Bill, Cheaper, bill_of, cheaper, is_unsaid, runs_here
from tuningfork.verdict.scored_arms import scored_arms
from tuningfork.verdict.weak_sides import is_weak_llm_side

HERE_FAST = Bill(usd_per_row=None, billed=False, ms_per_row=1.0)
HERE_SLOW = Bill(usd_per_row=None, billed=False, ms_per_row=400.0)
HERE_PRICED = Bill(usd_per_row=0.001, billed=False, ms_per_row=1.0)
BILLED = Bill(usd_per_row=0.0004, billed=True, ms_per_row=300.0)
UNPRICED = Bill(usd_per_row=None, billed=True, ms_per_row=300.0)
UNSAID = Bill(usd_per_row=None, billed=True, ms_per_row=300.0, unsaid=True)
FREE = Bill(usd_per_row=0.0, billed=False, ms_per_row=300.0)
ELSEWHERE = Bill(usd_per_row=None, billed=None, ms_per_row=None)


@pytest.mark.parametrize(
    ("a", "b", "which"),
    [
        (HERE_PRICED, BILLED, "b"),
        (HERE_SLOW, BILLED, "a"),
        (HERE_SLOW, UNPRICED, "a"),
        (HERE_SLOW, HERE_FAST, "b"),
        (BILLED, UNPRICED, None),
        (UNPRICED, UNPRICED, None),
        (HERE_FAST, ELSEWHERE, None),
        (HERE_FAST, HERE_FAST, None),
    ],
)
def test_dollars_then_no_bill_then_time_and_else_unknown(a: Bill, b: Bill, which: str | None) -> None:
    mirrored = {"a": "b", "b": "a", None: None}
    assert cheaper(a, b).which == which
    assert cheaper(b, a).which == mirrored[which]


def test_a_time_that_is_not_known_is_said_to_be_so() -> None:
    untimed = Bill(usd_per_row=None, billed=False, ms_per_row=None)
    assert cheaper(untimed, HERE_FAST) == Cheaper(None, "how long a prediction takes is not known")
    assert cheaper(untimed, BILLED).which == "a", "a bill decides before time does"


def test_one_trial_of_unknown_time_leaves_the_arm_s_time_unknown() -> None:
    (arm,) = scored_arms(make_records(arms=[PlantedArm("linear", accuracy={32: 0.8}, ms_per_row=2.0)]))
    untimed = replace(arm, trials=(replace(arm.trials[0], seconds_predict=None), *arm.trials[1:]))
    assert bill_of(arm, usd_per_hour=3.6).ms_per_row == pytest.approx(2.0)
    assert bill_of(untimed, usd_per_hour=3.6) == Bill(usd_per_row=None, billed=False, ms_per_row=None)


@pytest.mark.parametrize(
    ("arm", "here"),
    [
        ("linear", True),
        ("finetune:hf:microsoft/deberta-v3-small", True),
        ("prompt:smollm2-135m", True),
        ("prompt:models/own.gguf", True),
        ("prompt:m@http://127.0.0.1:8000/v1?local=yes", True),
        ("prompt:m@http://127.0.0.1:8000/v1", False),
        ("prompt:m@http://localhost:8000/v1", False),
        ("prompt:m@http://[::1]:8000/v1", False),
        ("prompt:m@http://0.0.0.0:8000/v1", False),
        ("prompt:m@http://127.0.0.1:8000/v1?server=vllm", False),
        ("prompt:glm:cloud@http://127.0.0.1:11434/v1?local=yes", False),
        ("prompt:ollama/llama3:8b", True),
        ("prompt:ollama/gpt-oss:120b-cloud", False),
        ("prompt:openai/gpt-5-mini?local=yes", True),
        ("prompt:m@https://llm.example.org/v1", False),
        ("prompt:openai/gpt-5-mini", False),
        ("predictions:a.csv?side=llm", None),
    ],
)
def test_where_an_arm_runs(arm: str, here: bool | None) -> None:
    assert runs_here(arm) == here


@pytest.mark.parametrize(
    ("arm", "unsaid"),
    [
        ("prompt:m@http://127.0.0.1:4000/v1", True),
        ("prompt:m@HTTP://LocalHost:4000", True),
        ("prompt:m@http://127.0.0.1:4000/v1?local=yes", False),
        ("prompt:m@http://192.168.1.5:4000/v1", False),
        ("prompt:ollama/llama3:8b", False),
        ("prompt:smollm2-135m", False),
        ("linear", False),
    ],
)
def test_a_server_on_this_machine_may_be_a_relay_until_somebody_says(arm: str, unsaid: bool) -> None:
    assert is_unsaid(arm) == unsaid


@pytest.mark.parametrize(
    ("a", "b", "which"),
    [
        (HERE_FAST, UNSAID, "a"),
        (HERE_SLOW, UNSAID, None),
        (HERE_PRICED, UNSAID, None),
        (BILLED, UNSAID, None),
        (UNSAID, UNSAID, None),
        (FREE, HERE_SLOW, "a"),
        (FREE, BILLED, "a"),
    ],
)
def test_a_price_that_nobody_said_is_neither_a_bill_nor_none(a: Bill, b: Bill, which: str | None) -> None:
    mirrored = {"a": "b", "b": "a", None: None}
    assert cheaper(a, b).which == which
    assert cheaper(b, a).which == mirrored[which]


def test_a_relay_s_dollars_are_not_known_until_they_are_given() -> None:
    relay = PlantedArm("prompt:claude-sonnet-4-5@http://127.0.0.1:4000/v1", accuracy={0: 0.8}, deterministic=True)
    (arm,) = scored_arms(make_records(arms=[relay]))
    bill = bill_of(arm, usd_per_hour=3.6)
    assert (bill.usd_per_row, bill.billed, bill.unsaid) == (None, True, True)
    assert not is_weak_llm_side([arm]), "its size is not known either"


def test_a_price_that_is_not_known_stays_unknown_even_with_a_priced_machine() -> None:
    remote = PlantedArm("prompt:openai/gpt-unheard-of", accuracy={0: 0.8}, deterministic=True)
    (arm,) = scored_arms(make_records(arms=[remote]))
    assert bill_of(arm, usd_per_hour=3.6) == Bill(usd_per_row=None, billed=True, ms_per_row=pytest.approx(1.0))


def test_the_machine_s_price_reaches_arms_that_run_on_it() -> None:
    (arm,) = scored_arms(make_records(arms=[PlantedArm("linear", accuracy={32: 0.8}, ms_per_row=2.0)]))
    assert bill_of(arm, usd_per_hour=3.6).usd_per_row == pytest.approx(2e-6)
    assert bill_of(arm, usd_per_hour=None).usd_per_row is None


@pytest.mark.parametrize(
    ("arm", "weak"),
    [
        ("predictions:answers.csv?side=llm", False),
        ("predictions:answers.csv?side=llm&model=GPT-5.6 Sol", False),
        ("predictions:answers.csv?side=llm&model=llama-3.2-3b", True),
        ("predictions:answers.csv?side=llm&model=llama-3.3-70b", False),
        ("predictions:runs-1b/answers.csv?side=llm", False),
        ("predictions:qwen-1.5b.csv?side=llm", True),
    ],
)
def test_how_large_a_model_is_whose_answers_are_in_a_file_only_its_name_tells(arm: str, weak: bool) -> None:
    planted = PlantedArm(arm, accuracy={0: 0.8}, side="llm", deterministic=True, model="elsewhere")
    assert is_weak_llm_side(scored_arms(make_records(arms=[planted]))) == weak
