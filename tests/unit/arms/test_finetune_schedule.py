"""Which trials `finetune` plans, with which recipe, and what it needs installed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from arm_services import Bench, make_bench
from tuningfork.arms.family import Services
from tuningfork.arms.finetune import FAMILY
from tuningfork.arms.finetune.recipe import Wishes
from tuningfork.arms.spec import ArmSpec

MINILM = ArmSpec.parse("finetune:minilm")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    def unused(*_: object) -> object:
        raise AssertionError("a plan needs no model")

    services = Services(unused, unused, unused, unused, tmp_path, lambda _done, _total: None)  # type: ignore[arg-type]
    rows = [(f"row {number}", "even" if number % 2 else "odd") for number in range(4000)]
    return make_bench(services, rows, rows[:2], counts=(8, 128, 1000, 4000))


def test_default_counts_go_to_the_whole_pool_and_1000_is_among_them(bench: Bench) -> None:
    """From 1000 on each count may turn out to be the largest that there is time for: then it has five seeds."""
    setting = replace(bench.setting, counts=(8, 128, 1024, 2048, 3072, 4000))
    plans = FAMILY.schedule(MINILM, setting)
    assert [(count, sum(plan.n_labels == count for plan in plans)) for count in (8, 128, 1000, 2048, 4000)] == [
        (8, 3),
        (128, 3),
        (1000, 5),
        (2048, 5),
        (4000, 5),
    ]
    assert len(plans) == 21
    assert not any(plan.deterministic for plan in plans)


def test_a_pool_of_at_most_1000_is_as_it_was(bench: Bench) -> None:
    setting = replace(bench.setting, counts=(8, 128, 700))
    plans = FAMILY.schedule(MINILM, setting)
    assert [plan.n_labels for plan in plans] == [8] * 3 + [128] * 3 + [700] * 5


def test_counts_and_seeds_that_the_user_gave_are_kept(bench: Bench) -> None:
    setting = replace(bench.setting, counts_given=True, seeds=2)
    plans = FAMILY.schedule(MINILM, setting)
    assert [plan.n_labels for plan in plans] == [8, 8, 128, 128, 1000, 1000, 4000, 4000]


def test_estimates_grow_with_labels_and_layers(bench: Bench) -> None:
    by_count = [
        FAMILY.estimate(MINILM, plan, bench.setting).fit_seconds for plan in FAMILY.schedule(MINILM, bench.setting)
    ]
    assert by_count == sorted(by_count)
    largest = FAMILY.schedule(MINILM, bench.setting)[-1]
    fewer = FAMILY.estimate(ArmSpec.parse("finetune:minilm?layers=2&epochs=2"), largest, bench.setting)
    assert fewer.fit_seconds < by_count[-1]


def test_the_recipe_follows_the_label_count_and_options_win() -> None:
    auto = Wishes.of(MINILM)
    assert (auto.recipe(49).layers, auto.recipe(49).epochs, auto.recipe(49).chooses_epochs) == (2, 3, False)
    by_count = [(n, auto.recipe(n).layers, auto.recipe(n).epochs) for n in (50, 64, 256, 512, 1000, 9000)]
    assert by_count == [(50, None, 8), (64, None, 8), (256, None, 4), (512, None, 2), (1000, None, 2), (9000, None, 2)]
    assert not any(auto.recipe(n).chooses_epochs for n in (50, 256, 9000))
    some = Wishes.of(ArmSpec.parse("finetune:minilm?layers=3"))
    assert (some.recipe(64).epochs, some.recipe(2000).epochs, some.recipe(64).chooses_epochs) == (8, 4, True)
    assert auto.recipe(256).scale < auto.recipe(1000).scale < auto.recipe(1000, classes=77).scale < 1
    given = Wishes.of(ArmSpec.parse("finetune:minilm?layers=all&epochs=2&lr=3e-5&max_tokens=64")).recipe(16)
    assert (given.layers, given.epochs, given.learning_rate, given.max_tokens) == (None, 2, 3e-5, 64)
    assert Wishes.of(ArmSpec.parse("finetune:minilm?layers=auto")) == auto


def test_without_pytorch_the_check_names_the_extra() -> None:
    # A finder that hides torch stands for an environment without it; a fresh interpreter, so nothing is imported yet.
    program = """
import importlib.util as util
real = util.find_spec
util.find_spec = lambda name, package=None: None if name == "torch" else real(name, package)
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
try:
    FAMILIES.get("finetune").check(ArmSpec.parse("finetune:minilm"))
except Exception as error:
    print(error.exit_code, error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("2 ")
    assert "pip install 'tuningfork-nlp[finetune]'" in done.stdout


def test_listing_and_checking_load_no_heavy_library() -> None:
    program = """
import sys
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
for arm in ("linear", "head:minilm", "finetune:minilm"):
    spec = ArmSpec.parse(arm)
    FAMILIES.get(spec.family).check(spec)
print(sorted({"torch", "transformers", "sklearn", "scipy", "onnxruntime", "polars"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
