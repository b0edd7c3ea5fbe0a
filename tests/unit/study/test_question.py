"""A trial's name holds all that its answers hang on, family by family, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from prompt_settings import setting_of
from tuningfork.arms.family import FAMILIES, Setting
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.study.question import draw_of, key_of, question_of
from tuningfork.task.labels import Label, LabelSpace

ROWS = [(f"text {i} about {'ab'[i % 2]}", "ab"[i % 2]) for i in range(40)]
SETTING = setting_of(ROWS)
LLM = "prompt:m@http://127.0.0.1:9/v1"
ARMS = ("linear", "head:wordllama", "head:minilm", "finetune:minilm", LLM, f"{LLM}?shots=2&select=nearest")


def question(arm: str, setting: Setting = SETTING) -> str:
    spec = ArmSpec.parse(arm)
    return question_of(FAMILIES.get(spec.family), spec, setting)


def labelled(*labels: Label) -> Setting:
    return replace(SETTING, labels=LabelSpace(labels))


NAMED = labelled(Label("a", "apples"), Label("b", "b"))
DESCRIBED = labelled(Label("a", "a", "Fruit that keeps."), Label("b", "b"))
ANOTHER_ORDER = labelled(Label("b", "b"), Label("a", "a"))
ASKED = replace(SETTING, task_description="Which fruit is it?")
PRICED = replace(SETTING, prices={"m": (1.0, 2.0)}, mean_characters=99.0, counts=(8, 16), seeds=3)


@pytest.mark.parametrize(
    ("changed", "which"),
    [
        (NAMED, lambda arm: arm == "linear" or arm.startswith(("prompt:", "head:", "finetune:"))),
        (DESCRIBED, lambda arm: arm.startswith("prompt:")),
        (ASKED, lambda arm: arm.startswith("prompt:")),
        (ANOTHER_ORDER, lambda arm: True),
        (PRICED, lambda arm: False),
    ],
)
@pytest.mark.parametrize("arm", ARMS)
def test_an_arm_hangs_on_what_it_sees(arm: str, changed: Setting, which: Callable[[str], bool]) -> None:
    assert (question(arm, changed) != question(arm)) == which(arm)


@pytest.mark.parametrize("arm", ARMS)
def test_a_raised_version_of_the_recipe_is_another_question(arm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = question(arm)
    family = FAMILIES.get(ArmSpec.parse(arm).family)
    monkeypatch.setattr(type(family), "recipe_version", family.recipe_version + 1)
    assert question(arm) != before


def test_a_wording_is_known_by_its_text_where_it_may_be_used() -> None:
    arms = (LLM, f"{LLM}?wording=1", f"{LLM}?wording=3")
    *others, last = SETTING.type.prompts
    reworded = replace(SETTING.type, prompts=(*others, replace(last, row=f"{last.row} ")))
    assert [question(arm) == question(arm, replace(SETTING, type=reworded)) for arm in arms] == [False, True, False]


def test_answers_made_elsewhere_hang_on_file_and_names(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    arm = f"predictions:{file}?side=llm"
    file.write_text("text,label\nx,a\n")
    first = question(arm)
    assert question(arm, NAMED) != first
    assert question(arm, DESCRIBED) == first
    file.write_text("text,label\nx,b\n")
    assert question(arm) != first


def test_a_key_holds_the_sample_in_its_order() -> None:
    plan, spec = TrialPlan(arm="linear", level=8, n_labels=8, seed=1), "linear"
    key = key_of(plan, question(spec), SETTING)
    assert key == key_of(plan, question(spec), setting_of(ROWS))
    turned = replace(SETTING, order=lambda seed: np.roll(SETTING.order(seed), 1))
    assert key_of(plan, question(spec), turned) != key
    beyond = replace(SETTING, order=lambda seed: np.concatenate([SETTING.order(seed)[:8], SETTING.order(seed)[:7:-1]]))
    assert key_of(plan, question(spec), beyond) == key, "rows that it is not given"
    for other in (replace(plan, seed=2), replace(plan, level=16), replace(plan, n_labels=9), replace(plan, arm="head")):
        assert key_of(other, question(spec), SETTING) != key


def test_a_draw_is_the_set_of_rows_and_the_seed_where_the_recipe_is_random() -> None:
    plan = TrialPlan(arm="x", level=8, n_labels=8, seed=0)
    linear, finetune = FAMILIES.get("linear"), FAMILIES.get("finetune")
    rows, turned = SETTING.pool.take(range(8)), SETTING.pool.take(range(7, -1, -1))
    assert draw_of(linear, plan, rows) == draw_of(linear, plan, turned) == draw_of(linear, replace(plan, seed=1), rows)
    assert draw_of(linear, plan, rows) != draw_of(linear, plan, SETTING.pool.take(range(1, 9)))
    assert draw_of(finetune, plan, rows) != draw_of(finetune, replace(plan, seed=1), rows)


def test_planning_a_large_pool_is_quick() -> None:
    """Keys of 160 trials on 100 000 rows: samples are hashed as they lie in memory."""
    size = 100_000
    orders = [np.random.default_rng(seed).permutation(size) for seed in range(20)]
    large = replace(SETTING, order=lambda seed: orders[seed])
    plans = [TrialPlan(arm="linear", level=n, n_labels=n, seed=s) for n in (8, 500, 50_000, size) for s in range(20)]
    asked = question("linear")
    began = time.process_time()
    assert len({key_of(plan, asked, large) for plan in plans}) == len(plans)
    assert time.process_time() - began < 1.0
