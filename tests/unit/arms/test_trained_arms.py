"""What `linear` and `head` promise, on real rows and real encoders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, make_bench, real_services, rows_of
from tuningfork.arms.family import FAMILIES, Family
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, RoleError, UnknownName
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import LabelSpace
from tuningfork.task.rows import Evaluation

ARMS = ("linear", "head:wordllama")


@pytest.fixture(scope="module")
def emotions(shared_data: Path, store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    services = real_services(store, tmp_path_factory.mktemp("arms"))
    folder = shared_data / "tweet_emotion"
    return make_bench(services, rows_of(folder / "train.csv"), rows_of(folder / "test.csv")[:400], counts=(8, 64, 900))


def family(arm: str) -> Family:
    return FAMILIES.get(ArmSpec.parse(arm).family)


@pytest.mark.parametrize("arm", ARMS)
def test_more_labels_help_and_probabilities_are_probabilities(emotions: Bench, arm: str) -> None:
    few, many = (emotions.predict(family(arm), arm, count) for count in (16, 900))
    accuracy = [float((p.labels == emotions.gold).mean()) for p in (few, many)]
    assert accuracy[1] > accuracy[0] + 0.08
    assert accuracy[1] > 0.55
    for prediction in (few, many):
        assert prediction.probabilities is not None
        assert prediction.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
        assert prediction.probabilities.dtype == np.float32
        assert (prediction.probabilities.argmax(axis=1) == prediction.labels).all()


@pytest.mark.parametrize("arm", ARMS)
def test_probabilities_are_calibrated_from_50_labels_on(emotions: Bench, arm: str) -> None:
    prediction = emotions.predict(family(arm), arm, 600)
    assert prediction.probabilities is not None
    confidence = prediction.probabilities.max(axis=1).mean()
    assert confidence == pytest.approx((prediction.labels == emotions.gold).mean(), abs=0.08)


@pytest.mark.parametrize("arm", ARMS)
def test_the_same_rows_give_the_same_answers(emotions: Bench, arm: str) -> None:
    first, second = (emotions.predict(family(arm), arm, 120, seed=3) for _ in range(2))
    assert (first.labels == second.labels).all()
    assert np.array_equal(first.probabilities, second.probabilities)
    other = emotions.predict(family(arm), arm, 120, seed=4)
    assert (first.labels != other.labels).any()


@pytest.mark.parametrize("arm", ARMS)
def test_renaming_labels_renames_answers(emotions: Bench, arm: str) -> None:
    swap = np.array([2, 0, 3, 1], np.int32)
    pool, labels = emotions.setting.pool, emotions.setting.labels.labels
    elsewhere = LabelSpace(tuple(labels[place] for place in np.argsort(swap)))
    setting = replace(emotions.setting, pool=replace(pool, gold=swap[pool.gold]), labels=elsewhere)
    renamed = replace(emotions, setting=setting)
    before, after = (bench.predict(family(arm), arm, 200).probabilities for bench in (emotions, renamed))
    assert before is not None
    assert after is not None
    assert after[:, swap] == pytest.approx(before, abs=0.03)


@pytest.mark.parametrize("arm", [f"{arm}?names=no" for arm in ARMS])
def test_a_sample_of_one_label_predicts_it_and_unseen_labels_get_nothing(emotions: Bench, arm: str) -> None:
    for kept in ({1}, {0, 3}):
        pool = emotions.setting.pool
        rows = [row for row, gold in enumerate(pool.gold) if gold in kept][:60]
        narrow = replace(
            emotions, setting=replace(emotions.setting, pool=pool.take(rows), order=lambda _: np.arange(60))
        )
        prediction = narrow.predict(family(arm), arm, 60)
        assert set(prediction.labels.tolist()) <= kept
        assert prediction.probabilities is not None
        unseen = [label for label in range(4) if label not in kept]
        assert (prediction.probabilities[:, unseen] == 0).all()
        assert prediction.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("arm", ARMS)
def test_labels_that_are_all_different_leave_nothing_to_choose_on(emotions: Bench, arm: str) -> None:
    rows = [(text, f"label {number}") for number, text in enumerate(emotions.setting.pool.texts[:60])]
    bench = make_bench(emotions.services, rows, rows[:3])
    fitted = bench.fit(family(arm), arm, 60)
    assert "fixed" in dict(fitted.details)["chosen on"]
    assert (fitted.predict(bench.test)[0].labels == bench.gold).all()
    assert len(fitted.predict(Inputs.of_texts((), ()))[0]) == 0


@pytest.mark.parametrize("arm", ARMS)
def test_evaluation_rows_are_refused(emotions: Bench, arm: str) -> None:
    pool = emotions.setting.pool.take(range(20))
    rows = Evaluation(pool.ids, pool.texts, pool.gold)
    plan = TrialPlan(arm=arm, level=20, n_labels=20, seed=0)
    with pytest.raises(RoleError, match="Evaluation"):
        family(arm).fit(ArmSpec.parse(arm), plan, rows, emotions.setting, emotions.services)  # type: ignore[arg-type]


@pytest.mark.parametrize("arm", ARMS)
def test_odd_texts_are_answered(emotions: Bench, arm: str) -> None:
    texts = ("", " ", "🙂", "\ud800", "!!!", "x" * 5000)
    fitted = emotions.fit(family(arm), arm, 40)
    prediction, usage = fitted.predict(Inputs.of_texts(tuple("abcdef"), texts))
    assert len(prediction) == 6
    assert usage.usd is None
    assert np.isfinite(prediction.probabilities).all()
    assert all(seconds > 0 for seconds in fitted.time_rows(Inputs.of_texts("ab", ("one", "two"))))


@pytest.mark.parametrize("arm", ARMS)
def test_seeds_fall_with_the_count_and_the_whole_pool_runs_once(emotions: Bench, arm: str) -> None:
    spec = ArmSpec.parse(arm)
    counts = (8, 500, 1000, len(emotions.setting.pool))
    plans = family(arm).schedule(spec, replace(emotions.setting, counts=counts))
    seeds = {count: [plan.seed for plan in plans if plan.n_labels == count] for count in counts}
    assert [len(seeds[count]) for count in counts] == [20, 20, 5, 1]
    assert [plan.deterministic for plan in plans] == [False] * 45 + [True]
    costs = [family(arm).estimate(spec, plan, emotions.setting).fit_seconds for plan in plans]
    assert costs == sorted(costs)


def test_a_given_strength_is_used(emotions: Bench) -> None:
    fitted = emotions.fit(family("head:wordllama"), "head:wordllama?c=2.5", 80)
    assert dict(fitted.details)["C"] == "2.5"
    assert fitted.model == "wordllama"


@pytest.mark.parametrize(
    ("arm", "problem"),
    [
        ("linear:minilm", "takes no model"),
        ("linear?c=1", "option"),
        ("linear?names=some", "names"),
        ("head:minilm?names=", "names"),
        ("head", "names no encoder"),
        ("head:minilmm", "did you mean 'minilm"),
        ("head:minilm?c=much", "no number"),
        ("head:minilm?C=nan", "no number"),
        ("head:minilm?shots=5", "option"),
        ("head:smollm2-135m", "encoder"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_runs(arm: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as refusal:
        family(arm).check(ArmSpec.parse(arm))
    assert refusal.value.exit_code == 2


def test_an_unknown_family_is_a_name_with_neighbours() -> None:
    with pytest.raises(UnknownName, match="linear"):
        family("linea")


@pytest.mark.parametrize(
    ("arm", "count", "least", "calibration"), [("linear", 10003, 0.90, 0.06), ("head:wordllama", 2000, 0.82, 0.06)]
)
def test_77_intents(shared_data: Path, emotions: Bench, arm: str, count: int, least: float, calibration: float) -> None:
    folder = shared_data / "banking77"
    bench = make_bench(emotions.services, rows_of(folder / "train.csv"), rows_of(folder / "test.csv"))
    prediction = bench.predict(family(arm), arm, count)
    accuracy = (prediction.labels == bench.gold).mean()
    assert accuracy > least
    assert prediction.probabilities is not None
    assert prediction.probabilities.max(axis=1).mean() == pytest.approx(accuracy, abs=calibration)
