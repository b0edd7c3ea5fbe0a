"""Specs, schedules and estimates of prompt arms: no request, no model."""

from __future__ import annotations

import numpy as np
import pytest

from prompt_settings import setting_of
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.prompt.shots import walk
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, UnknownName

LOCAL = "prompt:smollm2-135m"
LETTERS = [f"label_{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
TWO = [(f"row {i}", "ham" if i % 3 else "spam") for i in range(60)]
MANY = [(f"row {i}", LETTERS[i % 26]) for i in range(104)]
family = FAMILIES.get("prompt")


def plans(spec: str, rows: list[tuple[str, str]], *counts: int, given: bool = False) -> tuple[TrialPlan, ...]:
    return family.schedule(ArmSpec.parse(spec), setting_of(rows, counts=counts or (8, 32, 60), counts_given=given))


def test_zero_shot_runs_once_without_a_label() -> None:
    (plan,) = plans(LOCAL, TWO)
    assert (plan.level, plan.n_labels, plan.deterministic) == (0, 0, True)


def test_fixed_shots_are_drawn_three_times_and_count_the_rows_walked() -> None:
    setting = setting_of(TWO)
    found = plans(f"{LOCAL}?shots=4", TWO)
    assert [(plan.level, plan.seed, plan.deterministic) for plan in found] == [(4, s, False) for s in range(3)]
    for plan in found:
        sample = setting.pool.take(setting.order(plan.seed)[: plan.n_labels])
        kept, walked = walk(sample.texts, sample.gold, 4, 2)
        assert walked == plan.n_labels
        assert np.bincount(sample.gold[list(kept)]).tolist() == [2, 2]


def test_many_labels_are_shown_their_nearest_rows_at_the_largest_count() -> None:
    found = plans(f"{LOCAL}?shots=5", MANY, 32, 64)
    assert [(plan.level, plan.n_labels, plan.seed) for plan in found] == [(64, 64, s) for s in range(3)]


def test_the_whole_pool_leaves_nothing_to_draw() -> None:
    (plan,) = plans(f"{LOCAL}?shots=5&select=nearest", TWO, 8, 60)
    assert (plan.n_labels, plan.deterministic) == (60, True)


def test_nearest_has_a_curve_only_when_asked_for() -> None:
    found = plans(f"{LOCAL}?shots=5&select=nearest&curve=yes", TWO, 8, 32)
    assert [plan.level for plan in found] == [8, 8, 8, 32, 32, 32]
    without = plans(f"{LOCAL}?shots=5&select=nearest", TWO, 8, 32, given=True)
    assert [plan.level for plan in without] == [32, 32, 32]


def test_select_is_the_users_before_the_default() -> None:
    assert plans(f"{LOCAL}?shots=5&select=fixed", MANY, 64)[0].level == 5


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (f"{LOCAL}?shots=65", "0 to 64"),
        (f"{LOCAL}?shots=many", "shots='many'"),
        (f"{LOCAL}?wording=4", "1 to 3"),
        (f"{LOCAL}?select=nearest", "no examples|there are none"),
        (f"{LOCAL}?shots=2&select=nearset", "nearest"),
        (f"{LOCAL}?shot=2", "shots"),
        ("prompt:smollm2-135n", "smollm2-135m"),
        ("prompt:openai/gpt-5-mini", "OPENAI_API_KEY"),
    ],
)
def test_a_spec_that_cannot_work_is_refused(spec: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(InputError, match=words):
        family.check(ArmSpec.parse(spec))


def test_a_good_spec_passes() -> None:
    family.check(ArmSpec.parse(f"{LOCAL}?shots=5&select=nearest&wording=2"))
    family.check(ArmSpec.parse("prompt:mine@http://127.0.0.1:9/v1?shots=1"))


def test_an_unknown_option_names_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="wording"):
        family.check(ArmSpec.parse(f"{LOCAL}?words=2"))


def test_a_local_estimate_grows_with_the_model_and_what_no_row_shares() -> None:
    setting = setting_of([("word " * 40, label) for _, label in MANY], counts=(64,))

    def seconds(spec: str) -> float:
        parsed = ArmSpec.parse(spec)
        return family.estimate(parsed, family.schedule(parsed, setting)[0], setting).row_seconds

    assert seconds(LOCAL) < seconds(f"{LOCAL}?shots=5&select=nearest")
    assert seconds(LOCAL) < seconds("prompt:qwen2.5-coder-0.5b") < seconds("prompt:qwen2.5-coder-1.5b")


def test_an_estimate_names_host_price_and_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-of-the-test")
    setting = setting_of(TWO, counts=(60,))
    paid = ArmSpec.parse("prompt:openai/gpt-4o-mini?shots=4")
    found = family.estimate(paid, family.schedule(paid, setting)[0], setting)
    assert found.host == "api.openai.com"
    assert found.usd_per_row is not None
    assert 0 < found.usd_per_row < 0.01
    assert found.fit_requests == 0
    local = ArmSpec.parse(f"{LOCAL}?shots=4&select=nearest")
    chosen = family.estimate(local, family.schedule(local, setting)[0], setting)
    assert (chosen.host, chosen.usd_per_row, chosen.fit_requests) == (None, None, 72)
    forced = ArmSpec.parse(f"{LOCAL}?shots=4&select=nearest&wording=1")
    assert family.estimate(forced, family.schedule(forced, setting)[0], setting).fit_requests == 0
